"""Single sign-on against a provider over HTTP: the good way in, and each of the bad ones with its words."""

import time
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import update

from bot.desk.sign_in import ASKED_COOKIE
from bot.services import Services
from bot.store.tables import Staff
from tests.cast import ADA, CAST, NURIA
from tests.desk.clerk import Clerk, desk_app, do_employ
from tests.desk.provider import CLIENT, SECRET, Provider

INVALID, UNKNOWN, UNVERIFIED = "no es válida", "No hay aquí una cuenta", "no da por comprobado"


@pytest.fixture
async def provider() -> AsyncIterator[Provider]:
    async with Provider(NURIA.email.upper()) as provider:
        yield provider


@pytest.fixture
async def app(services: Services, provider: Provider) -> FastAPI:
    settings = services.settings
    settings.public_url, settings.oidc_issuer = "http://desk.example", provider.address
    settings.oidc_client_id, settings.oidc_client_secret = CLIENT, SecretStr(SECRET)
    settings.oidc_name = "la cuenta municipal"
    await do_employ(services, *CAST)
    return desk_app(services)


async def leaves(clerk: Clerk, next: str = "") -> str:
    """The way to the provider and back: the address that she comes back by."""
    away = await clerk.opens(f"/desk/sso?next={next}")
    assert away.status_code == 303, away.text
    async with httpx.AsyncClient() as world:
        return str((await world.get(away.headers["location"])).headers["location"])


async def comes_in(app: FastAPI, next: str = "") -> tuple[Clerk, httpx.Response]:
    clerk = Clerk(app)
    return clerk, await clerk.opens(await leaves(clerk, next))


def refused(answer: httpx.Response, words: str, status: int = 403) -> None:
    assert answer.status_code == status, answer.text
    assert words in answer.text
    assert "ventanilla_staff" not in " ".join(answer.headers.get_list("set-cookie"))


async def test_who_has_an_account_comes_in_where_she_wanted_to_go(app: FastAPI, provider: Provider) -> None:
    assert "la cuenta municipal" in (await Clerk(app).opens("/desk/sign-in")).text
    clerk, entered = await comes_in(app, "/desk/items")
    assert (entered.status_code, entered.headers["location"]) == (303, "/desk/items")
    assert NURIA.name in (await clerk.opens("/desk")).text
    assert provider.asked[0]["scope"] == "openid email" and provider.asked[0]["nonce"]


@pytest.mark.parametrize(
    ("claims", "words"),
    [
        ({"nonce": "another"}, INVALID),
        ({"nonce": None}, INVALID),
        ({"aud": "somebody else"}, INVALID),
        ({"iss": "https://evil.example"}, INVALID),
        ({"exp": 1_700_000_000}, INVALID),
        ({"iat": 4_000_000_000}, INVALID),
        ({"sub": None}, INVALID),
        ({"email_verified": False}, UNVERIFIED),
        ({"email_verified": "true"}, UNVERIFIED),
        ({"email": None}, UNVERIFIED),
        ({"email": "nadie@aldealba.example"}, UNKNOWN),
    ],
    ids=str,
)
async def test_a_token_that_is_not_right_in_all_opens_nothing(
    app: FastAPI, provider: Provider, claims: dict[str, Any], words: str
) -> None:
    provider.claims = claims
    refused((await comes_in(app))[1], words)


async def test_a_token_signed_by_another_key_opens_nothing(app: FastAPI, provider: Provider) -> None:
    provider.signing = RSAKey.generate_key(2048, parameters={"kid": "1"})
    refused((await comes_in(app))[1], INVALID)


async def test_a_new_key_of_the_provider_is_looked_up(app: FastAPI, provider: Provider) -> None:
    await comes_in(app)
    provider.key = provider.signing = RSAKey.generate_key(2048, parameters={"kid": "1"})
    assert (await comes_in(app))[1].status_code == 303


async def test_the_way_back_works_once_and_in_the_browser_that_left(app: FastAPI) -> None:
    clerk = Clerk(app)
    back = await leaves(clerk)
    refused(await Clerk(app).opens(back), INVALID)
    sealed = clerk.http.cookies[ASKED_COOKIE]
    assert (await clerk.opens(back)).status_code == 303
    again = Clerk(app)
    refused(await again.opens(back), INVALID)
    again.http.cookies.set(ASKED_COOKIE, sealed, "desk.example")
    refused(await again.opens(back), INVALID)


async def test_another_state_opens_nothing(app: FastAPI) -> None:
    clerk = Clerk(app)
    back = await leaves(clerk)
    refused(await clerk.opens(back.replace("state=", "state=x")), INVALID)


async def test_who_took_too_long_begins_again(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> None:
    clerk = Clerk(app)
    back = await leaves(clerk)
    later = time.time() + 601
    monkeypatch.setattr("bot.desk.single_sign_on.time.time", lambda: later)
    refused(await clerk.opens(back), INVALID)


async def test_who_is_turned_away_by_the_provider_reads_so(app: FastAPI) -> None:
    clerk = Clerk(app)
    await leaves(clerk)
    refused(await clerk.opens("/desk/sso/back?error=access_denied"), "no te ha dejado pasar")


async def test_a_closed_account_stays_closed(app: FastAPI, services: Services) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(update(Staff).values(active=False))
        await uow.commit()
    refused((await comes_in(app))[1], UNKNOWN)


async def test_a_provider_that_is_away_is_told(app: FastAPI, services: Services) -> None:
    services.settings.oidc_issuer = "http://127.0.0.1:9"
    refused(await Clerk(desk_app(services)).opens("/desk/sso"), "no responde ahora", 503)


async def test_a_provider_that_calls_itself_otherwise_is_not_used(app: FastAPI, provider: Provider) -> None:
    provider.issuer = "https://evil.example"
    refused(await Clerk(app).opens("/desk/sso"), "no responde ahora", 503)


async def test_passwords_can_be_switched_off(app: FastAPI, services: Services) -> None:
    services.settings.oidc_only = True
    clerk = Clerk(app)
    assert 'name="password"' not in (await clerk.opens("/desk/sign-in")).text
    assert (await clerk.sends("/desk/sign-in", email=ADA.email, password=ADA.password)).status_code == 403
    assert (await comes_in(app))[1].status_code == 303


async def test_no_address_leads_out_of_our_pages_after_it(app: FastAPI) -> None:
    assert (await comes_in(app, "https://evil.example"))[1].headers["location"] == "/desk"
