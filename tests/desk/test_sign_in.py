"""Who gets in, who does not, and what happens to guessers."""

import asyncio
import datetime as dt

import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from bot.desk.accounts import do_accept, do_add_user, do_check_sign_in, do_first_administrator
from bot.desk.sessions import IDLE, LONGEST, read_session
from bot.desk.tries import MAX_FAILURES
from bot.errors import BotError
from bot.services import Services
from bot.store.tables import Invitation, SignInTry, Staff, StaffSession, now
from bot.web.security import COOKIE, is_local
from tests.cast import ADA, NURIA
from tests.desk.clerk import CSRF, Clerk, desk_app


async def test_nuria_signs_in_and_lands_where_she_wanted_to_go(app: FastAPI) -> None:
    clerk = Clerk(app)
    refused = await clerk.opens("/desk/items?state=any")
    assert refused.status_code == 303
    assert refused.headers["location"] == "/desk/sign-in?next=/desk/items%3Fstate%3Dany"
    entered = await clerk.signs_in(NURIA, next="/desk/items?state=any")
    assert entered.headers["location"] == "/desk/items?state=any"
    cookie = entered.headers["set-cookie"]
    assert COOKIE in cookie and "HttpOnly" in cookie and "samesite=lax" in cookie.lower()
    assert NURIA.name in (await clerk.opens("/desk")).text


async def test_the_cookie_is_secure_behind_https(services: Services, app: FastAPI) -> None:
    services.settings.public_url = "https://ventanilla.example"
    entered = await Clerk(app).signs_in(NURIA)
    assert "Secure" in entered.headers["set-cookie"]


@pytest.mark.parametrize("address", ["https://evil.example", "//evil.example", "/\\evil.example", "/desk\r\nX: y", "/"])
def test_the_way_back_leads_to_our_own_pages_only(address: str) -> None:
    assert not is_local(address)


async def test_a_wrong_password_and_an_unknown_person_read_the_same(app: FastAPI) -> None:
    clerk = Clerk(app)
    wrong = await clerk.signs_in(NURIA, password="otra frase larga")
    await clerk.opens("/desk/sign-in")
    unknown = await clerk.sends("/desk/sign-in", email="nadie@aldealba.example", password="otra frase larga")
    assert wrong.status_code == unknown.status_code == 422
    blank = CSRF.sub("", wrong.text).replace(NURIA.email, "")
    assert blank == CSRF.sub("", unknown.text).replace("nadie@aldealba.example", "")


async def test_five_failures_close_the_account_for_fifteen_minutes_even_to_the_right_password(
    app: FastAPI, services: Services
) -> None:
    clerk = Clerk(app)
    for _ in range(MAX_FAILURES):
        assert (await clerk.signs_in(NURIA, password="otra frase larga")).status_code == 422
    assert (await clerk.signs_in(NURIA)).status_code == 429
    async with services.database.write() as uow:
        await uow.session.execute(update(SignInTry).values(locked_until=now() - dt.timedelta(seconds=1)))
        await uow.commit()
    assert (await clerk.signs_in(NURIA)).status_code == 303


async def test_a_right_password_forgets_the_failures_before_it(app: FastAPI) -> None:
    clerk = Clerk(app)
    for _ in range(2):
        for _ in range(MAX_FAILURES - 1):
            await clerk.signs_in(NURIA, password="otra frase larga")
        assert (await clerk.signs_in(NURIA)).status_code == 303


async def test_guesses_at_the_same_time_get_no_more_tries(app: FastAPI, services: Services) -> None:
    async def guess() -> str:
        try:
            await do_check_sign_in(services.database, NURIA.email, "otra frase larga")
        except BotError as error:
            return error.code
        return "in"

    guessed = await asyncio.gather(*(guess() for _ in range(12)))
    assert sorted(guessed) == ["sign_in_wait"] * (12 - MAX_FAILURES) + ["sign_in_wrong"] * MAX_FAILURES
    async with services.database.read() as session:
        tries = (await session.execute(select(SignInTry).where(SignInTry.locked_until.is_not(None)))).scalars().all()
    assert [row.failures for row in tries] == [MAX_FAILURES]


async def test_signing_out_ends_the_session_on_the_server(nuria: Clerk) -> None:
    token = nuria.http.cookies[COOKIE]
    assert (await nuria.sends("/desk/sign-out")).status_code == 303
    nuria.http.cookies.set(COOKIE, token, "desk.example")
    assert (await nuria.opens("/desk")).status_code == 303


async def test_a_session_ends_after_silence_and_after_a_day_of_work(nuria: Clerk, services: Services) -> None:
    token = nuria.http.cookies[COOKIE]
    who = await read_session(services.database, token, active=True)
    assert who is not None
    async with services.database.write() as uow:
        began = now() - LONGEST + dt.timedelta(minutes=30)
        await uow.session.execute(update(StaffSession).values(created_at=began, expires_at=now() + IDLE / 8))
        await uow.commit()
    await read_session(services.database, token, active=True)
    async with services.database.read() as session:
        row = (await session.execute(select(StaffSession))).scalar_one()
    assert row.expires_at <= began + LONGEST
    async with services.database.write() as uow:
        await uow.session.execute(update(StaffSession).values(expires_at=now() - dt.timedelta(seconds=1)))
        await uow.commit()
    assert (await nuria.opens("/desk")).status_code == 303


async def test_the_token_in_the_table_is_not_the_one_in_the_cookie(nuria: Clerk, services: Services) -> None:
    async with services.database.read() as session:
        row = (await session.execute(select(StaffSession))).scalar_one()
    assert row.token_hash != nuria.http.cookies[COOKIE]


async def test_somebody_who_left_is_out_at_once(nuria: Clerk, services: Services) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(update(Staff).values(active=False))
        await uow.commit()
    assert (await nuria.opens("/desk")).status_code == 303


async def test_the_first_administrator_comes_with_a_code_that_works_once(services: Services) -> None:
    code = await do_first_administrator(services.database, "aldealba")
    assert code is not None
    clerk = Clerk(desk_app(services))
    await clerk.opens("/desk/first")
    person = {"email": ADA.email, "name": ADA.name, "password": ADA.password}
    assert (await clerk.sends("/desk/first", code="AAAA-BBBB-CCCC", **person)).status_code == 422
    short = await clerk.sends("/desk/first", code=code, **person | {"password": "corta"})
    assert short.status_code == 422 and code in short.text and "al menos 10" in short.text
    entered = await clerk.sends("/desk/first", code=code.lower().replace("-", " "), **person)
    assert entered.status_code == 303 and "/studio" in (await clerk.opens("/desk")).text
    again = Clerk(desk_app(services))
    await again.opens("/desk/first")
    assert (await again.sends("/desk/first", code=code, **person)).status_code == 422
    assert await do_first_administrator(services.database, "aldealba") is None


async def test_a_second_start_prints_a_new_code_and_ends_the_old_one(services: Services) -> None:
    old = await do_first_administrator(services.database, "aldealba")
    new = await do_first_administrator(services.database, "aldealba")
    assert old and new and old != new
    clerk = Clerk(desk_app(services))
    await clerk.opens("/desk/first")
    person = {"email": ADA.email, "name": ADA.name, "password": ADA.password}
    assert (await clerk.sends("/desk/first", code=old, **person)).status_code == 422
    assert (await clerk.sends("/desk/first", code=new, **person)).status_code == 303


@pytest.mark.parametrize(
    ("email", "name", "role", "password", "field"),
    [
        ("nuria", "Nuria", "staff", "una frase larga", "email"),
        ("nuria@aldealba.example", " ", "staff", "una frase larga", "name"),
        ("nuria@aldealba.example", "Nuria", "mayor", "una frase larga", "role"),
        ("nuria@aldealba.example", "Nuria", "staff", "corta", "password"),
        ("nuria@aldealba.example", "Nuria", "staff", "aaaaaaaaaaaaaa", "password"),
    ],
)
async def test_an_account_needs_its_facts(
    services: Services, email: str, name: str, role: str, password: str, field: str
) -> None:
    with pytest.raises(BotError) as refused:
        await do_add_user(services.database, email, name, role, "aldealba", password)
    assert refused.value.data["field"] == field


async def test_an_email_has_one_account_whatever_its_case(app: FastAPI, services: Services) -> None:
    with pytest.raises(BotError) as refused:
        await do_add_user(services.database, NURIA.email.upper(), "Otra", "staff", "aldealba", NURIA.password)
    assert refused.value.code == "email_taken"


@pytest.mark.parametrize("how", ["by the command line", "by single sign-on", "out of a backup"])
async def test_the_first_administrators_code_ends_with_the_first_administrator_however_she_came(
    services: Services, how: str
) -> None:
    code = await do_first_administrator(services.database, "aldealba")
    assert code is not None
    if how == "by the command line":
        await do_add_user(services.database, ADA.email, ADA.name, ADA.role, ADA.agency, ADA.password)
    else:
        secret = None if how == "by single sign-on" else "of another machine"
        async with services.database.write() as uow:
            uow.session.add(Staff(email=ADA.email, name=ADA.name, role=ADA.role, agency="riomar", password_hash=secret))
            await uow.commit()
    stranger = Clerk(desk_app(services))
    await stranger.opens("/desk/first")
    person = {"email": "stranger@example.org", "name": "Extraña", "password": NURIA.password}
    refused = await stranger.sends("/desk/first", code=code, **person)
    assert refused.status_code == 422 and (await stranger.opens("/desk")).status_code == 303
    assert await do_first_administrator(services.database, "aldealba") is None
    async with services.database.read() as session:
        assert (await session.scalars(select(Staff.email))).all() == [ADA.email], "nothing is left to be used later"
        assert (await session.scalars(select(Invitation))).all() == []


async def test_a_start_for_another_agency_ends_the_code_too(services: Services) -> None:
    old = await do_first_administrator(services.database, "aldealba")
    assert old and await do_first_administrator(services.database, "riomar")
    clerk = Clerk(desk_app(services))
    await clerk.opens("/desk/first")
    person = {"email": ADA.email, "name": ADA.name, "password": ADA.password}
    assert (await clerk.sends("/desk/first", code=old, **person)).status_code == 422


async def test_of_two_who_use_the_code_at_once_one_becomes_administrator(services: Services) -> None:
    code = str(await do_first_administrator(services.database, "aldealba"))
    people = [(f"{name}@aldealba.example", name) for name in ("ada", "eva", "mar")]
    tried = [do_accept(services.database, code, email, name, NURIA.password) for email, name in people]
    ended = await asyncio.gather(*tried, return_exceptions=True)
    assert sorted(type(end).__name__ for end in ended) == ["BotError", "BotError", "Staff"]
