"""Many people behind one address: each one's mistakes are hers, and right passwords cost nobody anything."""

import asyncio
import re

import httpx
from fastapi import FastAPI
from sqlalchemy import select

from bot.desk.tries import MAX_FAILURES
from bot.limits import Limits
from bot.services import Services
from bot.store.tables import Staff
from tests.cast import NURIA, OLGA, Person
from tests.desk.clerk import Clerk

PEOPLE = [Person(f"p{at}@aldealba.example", f"Persona {at}", "staff", "aldealba", NURIA.password) for at in range(25)]
WRONG = "otra frase larga"


async def hire(services: Services) -> None:
    """Accounts for all of them, with Nuria's password."""
    async with services.database.write() as uow:
        known = await uow.session.scalar(select(Staff.password_hash).where(Staff.email == NURIA.email))
        uow.session.add_all(
            Staff(email=one.email, name=one.name, role=one.role, agency=one.agency, password_hash=known)
            for one in PEOPLE
        )
        await uow.commit()


async def tries(app: FastAPI, person: Person, password: str = "", times: int = 1) -> list[httpx.Response]:
    """The sign-in form, sent so often from one browser."""
    clerk = Clerk(app)
    answers = [await clerk.signs_in(person, password=password) for _ in range(times)]
    await clerk.http.aclose()
    return answers


async def test_twenty_five_people_come_in_within_a_minute_while_one_mistypes_ten_times(
    services: Services, app: FastAPI
) -> None:
    await hire(services)
    clumsy, *others = await asyncio.gather(tries(app, OLGA, WRONG, 10), *(tries(app, one) for one in PEOPLE))
    assert [answer.status_code for [answer] in others] == [303] * len(PEOPLE)
    assert [answer.status_code for answer in clumsy] == [422] * MAX_FAILURES + [429] * (10 - MAX_FAILURES)
    told = re.search(r"Espera (\d+) segundos", clumsy[-1].text)
    assert told and 0 < int(told[1]) <= 900 and clumsy[-1].headers["retry-after"] == told[1]
    assert f'value="{OLGA.email}"' in clumsy[-1].text
    [still] = await tries(app, OLGA)
    assert still.status_code == 429, "her own account is closed, from here"


async def test_guesses_at_many_accounts_use_up_what_an_address_has(services: Services, app: FastAPI) -> None:
    services.settings.limit_sign_in = "6/minute"
    object.__setattr__(services, "limits", Limits(services.settings))
    await hire(services)
    for one in PEOPLE[:6]:
        assert [answer.status_code for answer in await tries(app, one, WRONG)] == [422]
    [closed] = await tries(app, PEOPLE[7])
    told = re.search(r"Espera (\d+) segundos", closed.text)
    assert closed.status_code == 429 and told and closed.headers["retry-after"] == told[1]
    assert f'value="{PEOPLE[7].email}"' in closed.text and 'name="password"' in closed.text


async def test_guesses_at_the_same_time_get_hardly_more_than_one_after_the_other(
    services: Services, app: FastAPI
) -> None:
    services.settings.limit_sign_in = "6/minute"
    object.__setattr__(services, "limits", Limits(services.settings))
    await hire(services)
    answers = await asyncio.gather(*(tries(app, one, WRONG) for one in PEOPLE))
    looked_at = [answer.status_code for [answer] in answers].count(422)
    assert 6 <= looked_at < 10


async def test_right_passwords_cost_nothing_elsewhere_either_and_a_wrong_code_does(
    services: Services, app: FastAPI
) -> None:
    services.settings.limit_sign_in = "2/minute"
    object.__setattr__(services, "limits", Limits(services.settings))
    nuria = Clerk(app)
    await nuria.signs_in(NURIA)
    for _ in range(3):
        await nuria.opens("/desk/account")
        changed = await nuria.sends("/desk/account/password", old=NURIA.password, new=NURIA.password)
        assert changed.status_code == 303
    stranger = Clerk(app)
    await stranger.opens("/desk/join")
    for _ in range(2):
        assert (await stranger.sends("/desk/join", code="AAAA-BBBB-CCCC", password=NURIA.password)).status_code == 422
    assert (await stranger.sends("/desk/join", code="AAAA-BBBB-CCCC", password=NURIA.password)).status_code == 429
