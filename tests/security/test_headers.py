"""What browsers are told: no page runs what stands inside it, and only listed pages embed the chat."""

import re
from collections.abc import AsyncIterator

import httpx
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from bot.settings import Settings
from bot.web.headers import listed
from tests.security.conftest import World

LISTED, OTHER = "https://www.town.example", "https://evil.example"
INLINE = re.compile(r"<style|<script>|<script (?![^>]*src=)| style=| on[a-z]+=", re.IGNORECASE)
PATHS = ("/", "/example", "/desk/sign-in", "/desk/first", "/desk/join", "/desk/nowhere", "/static/base.css", "/healthz")


@pytest.fixture
def settings(settings: Settings) -> Settings:
    settings.chat_origins = f"{LISTED}, https://town.example/"
    return settings


@pytest.fixture
async def http(real: FastAPI) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(real), base_url="http://chat.example") as http:
        yield http


def framers(answer: httpx.Response) -> str:
    found = re.search(r"frame-ancestors ([^;]*)", answer.headers["content-security-policy"])
    assert found
    return found[1]


async def test_no_page_lets_inline_code_run_nor_has_any(http: httpx.AsyncClient) -> None:
    for path in (*PATHS, "/nowhere", "/api/chat/v1/conversations/c_x/messages"):
        answer = await http.get(path)
        policy = answer.headers["content-security-policy"]
        assert "unsafe" not in policy and "default-src" in policy, path
        assert answer.headers["x-content-type-options"] == "nosniff", path
        if answer.headers.get("content-type", "").startswith("text/html"):
            assert INLINE.search(answer.text) is None, path


async def test_the_chats_page_may_be_framed_by_listed_pages_and_no_other_page_by_any(http: httpx.AsyncClient) -> None:
    chat = await http.get("/")
    assert framers(chat) == f"'self' {LISTED} https://town.example" and "x-frame-options" not in chat.headers
    for path in PATHS[1:]:
        answer = await http.get(path)
        assert framers(answer) == "'none'" and answer.headers["x-frame-options"] == "DENY", path


@pytest.mark.parametrize(("origin", "allowed"), [(LISTED, LISTED), (OTHER, None), ("null", None)])
async def test_the_widget_is_answered_on_listed_pages_alone(
    http: httpx.AsyncClient, origin: str, allowed: str | None
) -> None:
    answer = await http.post("/api/chat/v1/conversations", json={}, headers={"Origin": origin})
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert "access-control-allow-credentials" not in answer.headers
    script = await http.get("/static/chat/widget.js", headers={"Origin": origin})
    assert script.headers["cross-origin-resource-policy"] == "cross-origin"


async def test_a_browser_that_has_the_widget_is_told_that_it_is_the_same(http: httpx.AsyncClient) -> None:
    script = await http.get("/static/chat/widget.js")
    assert script.headers["content-type"] == "text/javascript; charset=utf-8"
    assert "import " not in script.text
    again = await http.get("/static/chat/widget.js", headers={"If-None-Match": script.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


@pytest.mark.parametrize("path", ["/desk", "/desk/sign-in", "/studio", "/chat", "/healthz", "/static/base.css"])
async def test_a_listed_page_is_answered_where_the_widget_asks_and_nowhere_else(
    http: httpx.AsyncClient, path: str
) -> None:
    asked = {"Origin": LISTED, "Access-Control-Request-Method": "POST"}
    for answer in (await http.get(path, headers=asked), await http.options(path, headers=asked)):
        assert not [name for name in answer.headers if name.startswith("access-control")], path
    for widgets in ("/api/chat/v1/conversations", "/static/chat/widget.js"):
        allowed = await http.options(widgets, headers=asked)
        assert allowed.headers["access-control-allow-origin"] == LISTED, widgets


async def test_the_page_with_a_transcript_is_kept_by_nobody_on_the_way(http: httpx.AsyncClient) -> None:
    await http.post("/chat", data={"text": "me llamo Xenobia"})
    page = await http.get("/")
    assert "Xenobia" in page.text
    refused = await http.post("/chat", data={"text": "otra cosa"})
    for answer in (page, refused):
        assert answer.headers["cache-control"] == "no-store"
        assert "cookie" in answer.headers["vary"].lower()


@pytest.mark.parametrize("host", ["evil.example", 'x"><script>', "127.0.0.1@evil.example"])
async def test_the_example_names_nobodys_host(http: httpx.AsyncClient, host: str) -> None:
    page = await http.get("/example", headers={"Host": host})
    assert page.status_code == 200
    assert "evil" not in page.text and "x&#34;" not in page.text
    assert 'src="/static/chat/widget.js"' in page.text


async def test_without_a_list_no_other_page_embeds_the_chat() -> None:
    assert listed(Settings()) == []
    assert listed(Settings(chat_origins="*")) == ["*"]


@pytest.mark.parametrize("wrong", ["town.example", "https://town.example/path", "javascript:alert(1)", "'self'"])
def test_a_list_of_pages_that_is_not_one_stops_the_start(wrong: str) -> None:
    with pytest.raises(ValidationError, match="web addresses without a path"):
        Settings(chat_origins=wrong)


async def test_a_proxy_is_believed_only_when_it_is_named(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import limits
    from bot.app import create_app
    from tests.fakes import FakeEngines

    seen: list[str] = []
    original = limits.address_of
    monkeypatch.setattr("bot.desk.sign_in.address_of", lambda request: seen.append(original(request)) or "x")
    for proxies in ("", "127.0.0.1, 10.0.0.0/8"):
        world.services.settings.trusted_proxies = proxies
        app = create_app(world.services.settings, FakeEngines(), "secret")
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://d.example") as http:
            page = await http.get("/desk/sign-in")
            token = re.search(r'name="csrf" value="([^"]+)"', page.text)
            assert token
            form = {"csrf": token[1], "email": "a@b.example", "password": "no"}
            headers = {"X-Forwarded-For": "198.51.100.66, 203.0.113.5, 10.1.2.3"}
            await http.post("/desk/sign-in", data=form, headers=headers)
        await app.state.services.engine.close()
        await app.state.services.database.close()
    assert seen == ["127.0.0.1", "203.0.113.5"], "the last hop that nobody vouches for, not what it claims"


async def test_so_many_streams_and_no_more(world: World) -> None:
    limits = world.services.limits
    limits._most_streams["conversation"] = 2
    with limits.open_stream("c_1", "a"), limits.open_stream("c_1", "b"):
        with pytest.raises(Exception, match="rate_limited"):
            limits.check_stream("c_1", "c")
        limits.check_stream("c_2", "c")
    limits.check_stream("c_1", "c")
    assert not limits._streams
