"""Nothing for nobody, nothing without the form's token, nothing of another agency."""

import httpx
import pytest
from fastapi import FastAPI
from fastapi.routing import APIRoute

from bot.desk.pages import router
from bot.services import Services
from bot.states import State
from bot.store.tables import Conversation
from bot.suggestions.items import Filing
from bot.web.security import OPEN
from tests.desk.clerk import Clerk

FILING = Filing(
    kind="report", text="La farola está rota", subject="lighting", agency="aldealba", place="Calle Mayor, 3"
)


async def test_every_page_is_closed_to_nobody_but_the_sign_in(app: FastAPI, nobody: Clerk) -> None:
    services = app.state.services
    routes = router(services.database, services.knowledge, services.hub, services.settings)
    tried = 0
    for route in routes.routes:
        assert isinstance(route, APIRoute)
        path = route.path.replace("{conversation_id}", "c_x").replace("{item_id}", "1").replace("{rest:path}", "x")
        for method in route.methods or ():
            if path in OPEN:
                continue
            answer = await nobody.http.request(method, path)
            assert (answer.status_code, answer.headers["location"][:13]) == (303, "/desk/sign-in"), path
            tried += 1
    assert tried > 15


async def test_fragments_and_streams_tell_nobody_to_sign_in(nobody: Clerk) -> None:
    fragment = await nobody.opens("/desk/list", **{"HX-Request": "true", "HX-Current-URL": "http://desk.example/desk"})
    assert fragment.status_code == 401 and fragment.headers["hx-redirect"] == "/desk/sign-in?next=/desk"
    assert (await nobody.opens("/desk/live", Accept="text/event-stream")).status_code == 401


@pytest.mark.parametrize("token", ["", "x" * 43])
async def test_a_form_without_its_token_changes_nothing(
    nuria: Clerk, waiting: Conversation, services: Services, token: str
) -> None:
    nuria.csrf = token
    refused = await nuria.sends(f"/desk/conversations/{waiting.id}/claim")
    assert refused.status_code == 403
    async with services.database.read() as session:
        assert (await session.get_one(Conversation, waiting.id)).state == State.WAITING_STAFF


async def test_another_sites_form_is_refused_even_with_the_token(nuria: Clerk, waiting: Conversation) -> None:
    path = f"/desk/conversations/{waiting.id}/claim"
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        answer = await nuria.http.post(path, data={"csrf": nuria.csrf}, headers=headers)
        assert answer.status_code == 403


async def test_a_sign_in_form_needs_its_token_too(nobody: Clerk) -> None:
    answer = await nobody.sends("/desk/sign-in", email="nuria@aldealba.example", password="una frase larga y propia")
    assert answer.status_code == 403


async def test_omar_of_riomar_finds_nothing_of_aldealba(omar: Clerk, waiting: Conversation, services: Services) -> None:
    async with services.database.write() as uow:
        item = await services.items.do_file(uow, "t_1", FILING)
        await uow.commit()
    base = f"/desk/conversations/{waiting.id}"
    for path in (base, f"{base}/updates", f"{base}/close", f"/desk/items/{item.id}"):
        assert (await omar.opens(path)).status_code == 404, path
    for path in ("claim", "hand-back", "close", "reply", "note", "draft", "typing"):
        assert (await omar.sends(f"{base}/{path}", text="hola", mode="note")).status_code == 404, path
    moved = await omar.sends(f"/desk/items/{item.id}/state", to_state="assigned", note="hola")
    assert moved.status_code == 404
    for path in ("/desk", "/desk?view=all", "/desk?view=all&q=sofá", "/desk/items?state=any"):
        page = (await omar.opens(path)).text
        assert waiting.id not in page and item.reference not in page, path


async def test_what_staff_may_not_do_and_what_does_not_exist_are_pages_that_say_so(nuria: Clerk) -> None:
    missing: httpx.Response = await nuria.opens("/desk/nowhere")
    assert missing.status_code == 404 and "No está aquí" in missing.text
    assert (await nuria.opens("/desk/items/abc")).status_code == 404
    assert (await nuria.opens("/desk/conversations/c_unknown")).status_code == 404


async def test_every_answer_carries_strict_headers(nobody: Clerk) -> None:
    answer = await nobody.opens("/desk/sign-in")
    policy = answer.headers["content-security-policy"]
    assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["cache-control"] == "no-store"
    assert "style=" not in answer.text and "<style" not in answer.text and "onclick" not in answer.text


async def test_a_form_that_cannot_be_read_is_refused_and_breaks_nothing(nobody: Clerk) -> None:
    await nobody.opens("/desk/sign-in")
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    many = part * 1_100 + b"--x--\r\n"
    for kind, body in (("multipart/form-data", b"email=a"), ("multipart/form-data; boundary=x", many)):
        answer = await nobody.http.post("/desk/sign-in", content=body, headers={"content-type": kind})
        assert answer.status_code == 422, kind
