"""Accounts in the browser: one's own, and for administrators those of their agency."""

import asyncio
import re

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select

from bot.desk.accounts import check_email, do_add_user
from bot.desk.people import do_close
from bot.desk.places import BROWSER_COOKIE
from bot.desk.proof import MAX_OWN
from bot.desk.sessions import do_open_session
from bot.desk.tries import LOCKED_FOR, MAX_FAILURES, MAX_STRANGERS, Place, counts_of, do_count_try
from bot.errors import BotError
from bot.limits import Limits
from bot.services import Services
from bot.store.tables import Conversation, Event, SignInTry, Staff, StaffSession, now
from bot.web.security import COOKIE
from tests.cast import ADA, NURIA, OLGA, OMAR, Person
from tests.desk.clerk import CSRF, Clerk

LINK = re.compile(r'value="([^"]+/desk/join)#([A-Z2-9-]{14})"')
NEW = "otra frase bastante larga"
PIA = Person("pia@aldealba.example", "Pía", "staff", "aldealba", NEW)


async def staff_of(services: Services, person: Person) -> Staff:
    async with services.database.read() as session:
        return (await session.execute(select(Staff).where(Staff.email == person.email))).scalar_one()


def same_in_all(page: str) -> str:
    """A page without what is new each time: tokens, numbers of accounts, times."""
    page = re.sub(r'"X-CSRF-Token": "[^"]+"', "", CSRF.sub("", page))
    return re.sub(r'people/\d+|value="\w{64}"|<time .*?</time>', "", page)


def no_haste(services: Services) -> None:
    """Leave the limit by address out of it."""
    services.settings.limit_sign_in = ""
    object.__setattr__(services, "limits", Limits(services.settings))


async def test_an_invitation_is_a_link_that_works_once_and_names_its_code_to_no_log(ada: Clerk, app: FastAPI) -> None:
    await ada.opens("/desk/people")
    made = await ada.sends("/desk/people", email=PIA.email, name=PIA.name, role="staff")
    found = LINK.search(made.text)
    assert made.status_code == 200 and found and found[1] == "http://desk.example/desk/join"
    assert PIA.email in (await ada.opens("/desk/people")).text
    pia = Clerk(app)
    await pia.opens("/desk/join")
    assert (await pia.sends("/desk/join", code=found[2], password="corta")).status_code == 422
    assert (await pia.sends("/desk/join", code=found[2].lower(), password=NEW)).headers["location"] == "/desk"
    assert (await pia.opens("/desk")).status_code == 200
    again = Clerk(app)
    await again.opens("/desk/join")
    assert (await again.sends("/desk/join", code=found[2], password=NEW)).status_code == 422


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"email": "pia", "name": "Pía", "role": "staff"}, "correo completo"),
        ({"email": PIA.email, "name": " ", "role": "staff"}, "Escribe tu nombre"),
        ({"email": OLGA.email.upper(), "name": "Otra", "role": "staff"}, "Ya hay una cuenta"),
        ({"email": PIA.email, "name": "Pía", "role": "mayor"}, "no es válido"),
    ],
)
async def test_an_invitation_that_lacks_something_says_so_and_keeps_what_was_typed(
    ada: Clerk, typed: dict[str, str], words: str
) -> None:
    await ada.opens("/desk/people")
    refused = await ada.sends("/desk/people", **typed)
    assert refused.status_code == 422 and words in refused.text and f'value="{typed["email"]}"' in refused.text


async def test_an_invitation_does_not_tell_who_has_an_account_at_another_agency(
    ada: Clerk, app: FastAPI, services: Services
) -> None:
    read = {}
    for email in (PIA.email, OMAR.email):
        await ada.opens("/desk/people")
        made = await ada.sends("/desk/people", email=email, name="Alguien", role="staff")
        assert made.status_code == 200
        code = LINK.search(made.text)[2]  # type: ignore[index]
        listed = (await ada.opens("/desk/people?q=" + email)).text
        person = re.search(r"/desk/people/(\d+)", listed)[1]  # type: ignore[index]
        page = (await ada.opens(f"/desk/people/{person}")).text
        again = await ada.sends("/desk/people", email=email, name="Alguien", role="staff")
        assert again.status_code == 422 and "Ya hay una cuenta" in again.text, "of her own agency she is told"
        invited = Clerk(app)
        await invited.opens("/desk/join")
        joined = await invited.sends("/desk/join", code=code, password=NEW)
        account = (await invited.opens("/desk/account")).text
        told = [made.text, listed, page, joined.headers["location"], account]
        read[email] = [same_in_all(one).replace(code, "CODE").replace(email, "E-MAIL") for one in told]
        back = Clerk(app)
        await back.opens("/desk/sign-in?agency=aldealba")
        sent = {"email": email, "password": NEW, "agency": "aldealba"}
        assert (await back.sends("/desk/sign-in", **sent)).status_code == 303, "and it works for both"
        assert "Aldealba" in (await back.opens("/desk")).text
    assert read[PIA.email] == read[OMAR.email]
    omar = Clerk(app)
    assert (await omar.signs_in(OMAR)).status_code == 303, "his account at Riomar is what it was"
    assert "Riomar" in (await omar.opens("/desk")).text
    assert (await staff_of(services, OMAR)).agency == "riomar"


async def test_who_has_an_account_with_somebodys_email_gets_no_more_guesses_at_hers(
    ada: Clerk, app: FastAPI, services: Services
) -> None:
    no_haste(services)
    await ada.opens("/desk/people")
    made = await ada.sends("/desk/people", email=OMAR.email, name="Omar", role="staff")
    thief = Clerk(app)
    thief.goes_to("203.0.113.7")
    await thief.opens("/desk/join")
    await thief.sends("/desk/join", code=LINK.search(made.text)[2], password=NEW)  # type: ignore[index]
    own = {"email": OMAR.email, "password": NEW, "agency": "aldealba"}
    wrong = 0
    for at in range(MAX_FAILURES + 3):
        await thief.opens("/desk/sign-in")
        wrong += (await thief.sends("/desk/sign-in", email=OMAR.email, password=f"frase larga {at}")).status_code == 422
        await thief.opens("/desk/sign-in")
        if (await thief.sends("/desk/sign-in", **own)).status_code == 303:
            await thief.opens("/desk/items")
            await thief.sends("/desk/sign-out")
    assert wrong <= MAX_FAILURES
    assert (await Clerk(app).signs_in(OMAR)).status_code == 303


async def test_an_account_that_is_told_apart_by_its_agency_gets_no_second_row_of_guesses(
    ada: Clerk, app: FastAPI, services: Services
) -> None:
    no_haste(services)
    await ada.opens("/desk/people")
    await ada.sends("/desk/people", email=OMAR.email, name="Omar", role="staff")
    thief, wrong = Clerk(app), 0
    for at in range(MAX_FAILURES + 3):
        for email, agency in ((f"{OMAR.email} aldealba", ""), (OMAR.email, "aldealba"), (OMAR.email.upper(), "")):
            await thief.opens("/desk/sign-in")
            sent = {"email": email, "password": f"frase larga {at}", "agency": agency}
            wrong += (await thief.sends("/desk/sign-in", **sent)).status_code == 422
    assert wrong <= MAX_FAILURES


async def test_a_closed_accounts_invitation_does_not_come_back_with_it(ada: Clerk, app: FastAPI) -> None:
    await ada.opens("/desk/people")
    made = await ada.sends("/desk/people", email=PIA.email, name=PIA.name, role="staff")
    code = LINK.search(made.text)[2]  # type: ignore[index]
    found = re.search(rf'href="(/desk/people/[0-9]+)"[^>]*>{PIA.name}', (await ada.opens("/desk/people")).text)
    assert found
    await ada.sends(f"{found[1]}/close")
    await ada.sends(f"{found[1]}/reopen")
    pia = Clerk(app)
    await pia.opens("/desk/join")
    assert (await pia.sends("/desk/join", code=code, password=NEW)).status_code == 422


@pytest.mark.parametrize("hidden", ["\x00", "\u202e", "\u200b", "\n", "\x07"])
async def test_nothing_hidden_stands_in_a_name_or_an_email(services: Services, hidden: str) -> None:
    made = await do_add_user(services.database, PIA.email, f"Pía{hidden} Gil", "staff", "aldealba", "una frase larga")
    assert made.name == "Pía Gil"
    with pytest.raises(BotError, match="body_invalid"):
        check_email(f"pia{hidden}gil@aldealba.example")


async def test_the_list_is_of_the_agency_and_can_be_searched_and_paged(ada: Clerk, services: Services) -> None:
    async with services.database.write() as uow:
        for at in range(30):
            email = f"p{at}@aldealba.example"
            uow.session.add(Staff(email=email, name=f"Persona {at}", role="staff", agency="aldealba"))
        await uow.commit()
    first = (await ada.opens("/desk/people")).text
    assert "Página 1 de 2" in first and OMAR.email not in first
    assert "Página 2 de 2" in (await ada.opens("/desk/people?page=2")).text
    found = (await ada.opens("/desk/people?q=persona 17")).text
    assert "p17@aldealba.example" in found and "p16@" not in found
    assert "No hay nada con esos filtros" in (await ada.opens("/desk/people?q=zzz")).text


async def test_closing_an_account_asks_and_puts_its_person_out_at_once(
    ada: Clerk, nuria: Clerk, app: FastAPI, services: Services
) -> None:
    path = f"/desk/people/{(await staff_of(services, NURIA)).id}"
    assert NURIA.name in (await ada.opens(f"{path}/close")).text
    assert (await ada.sends(f"{path}/close")).status_code == 303
    assert (await nuria.opens("/desk")).status_code == 303
    assert (await Clerk(app).signs_in(NURIA)).status_code == 422
    assert NURIA.email not in (await ada.opens("/desk/people")).text
    assert NURIA.email in (await ada.opens("/desk/people?state=closed")).text
    assert (await ada.sends(f"{path}/reopen")).status_code == 303
    assert (await Clerk(app).signs_in(NURIA)).status_code == 303
    async with services.database.read() as session:
        kinds = set(await session.scalars(select(Event.kind).where(Event.agency == "aldealba")))
    assert {"account_closed", "account_reopened"} <= kinds


async def test_a_closed_account_leaves_nobody_without_an_answer(
    ada: Clerk, nuria: Clerk, olga: Clerk, waiting: Conversation, services: Services
) -> None:
    talk = f"/desk/conversations/{waiting.id}"
    await nuria.opens(talk)
    await nuria.sends(f"{talk}/claim")
    path = f"/desk/people/{(await staff_of(services, NURIA)).id}"
    await ada.opens(f"{path}/close")
    await ada.sends(f"{path}/close")
    assert waiting.id in (await olga.opens("/desk")).text, "it waits for somebody else"
    await olga.opens(talk)
    for act, sent in (("claim", {}), ("reply", {"text": "Sigo yo."}), ("hand-back", {})):
        assert (await olga.sends(f"{talk}/{act}", **sent)).status_code == 303, act


async def test_another_role_means_signing_in_again(ada: Clerk, nuria: Clerk, app: FastAPI, services: Services) -> None:
    path = f"/desk/people/{(await staff_of(services, NURIA)).id}"
    await ada.opens(path)
    assert (await ada.sends(f"{path}/role", role="administrator")).status_code == 303
    assert (await nuria.opens("/desk")).status_code == 303
    again = Clerk(app)
    await again.signs_in(NURIA)
    assert (await again.opens("/studio")).status_code == 200


async def test_a_reset_ends_the_old_password_and_the_sessions(
    ada: Clerk, nuria: Clerk, app: FastAPI, services: Services
) -> None:
    path = f"/desk/people/{(await staff_of(services, NURIA)).id}"
    await ada.opens(path)
    found = LINK.search((await ada.sends(f"{path}/password")).text)
    assert found and (await nuria.opens("/desk")).status_code == 303
    assert (await Clerk(app).signs_in(NURIA)).status_code == 422
    back = Clerk(app)
    await back.opens("/desk/join")
    assert (await back.sends("/desk/join", code=found[2], password=NEW)).status_code == 303


async def test_nobody_closes_or_demotes_herself_so_an_administrator_stays(ada: Clerk, services: Services) -> None:
    path = f"/desk/people/{(await staff_of(services, ADA)).id}"
    await ada.opens(path)
    for act, sent in (("close", {}), ("role", {"role": "staff"}), ("password", {})):
        refused = await ada.sends(f"{path}/{act}", **sent)
        assert refused.status_code == 409 and "Mi cuenta" in refused.text, act
    assert (await staff_of(services, ADA)).role == "administrator"


async def test_of_two_administrators_who_close_each_other_one_stays(services: Services) -> None:
    ada, eva = [
        await do_add_user(services.database, f"{name}@aldealba.example", name, "administrator", "aldealba", NEW)
        for name in ("ada", "eva")
    ]
    pairs = ((ada, eva.id), (eva, ada.id))
    both = [do_close(services.database, services.cases, *pair) for pair in pairs]
    ended = await asyncio.gather(*both, return_exceptions=True)
    assert [type(end) for end in ended].count(BotError) == 1
    async with services.database.read() as session:
        assert await session.scalar(select(func.count(Staff.id)).where(Staff.active.is_(True))) == 1


async def test_the_own_password_is_changed_with_the_old_one_and_gives_a_new_session(nuria: Clerk, app: FastAPI) -> None:
    other = Clerk(app)
    await other.signs_in(NURIA)
    await nuria.opens("/desk/account")
    before = dict(nuria.http.cookies)
    assert (await nuria.sends("/desk/account/password", old="no es esta", new=NEW)).status_code == 422
    assert (await nuria.sends("/desk/account/password", old=NURIA.password, new="corta")).status_code == 422
    assert (await nuria.sends("/desk/account/password", old=NURIA.password, new=NEW)).status_code == 303
    assert (await nuria.opens("/desk")).status_code == 200 and dict(nuria.http.cookies) != before
    assert (await other.opens("/desk")).status_code == 303
    assert (await Clerk(app).signs_in(NURIA)).status_code == 422
    assert (await Clerk(app).signs_in(NURIA, password=NEW)).status_code == 303


async def test_my_sessions_are_listed_and_ended_one_by_one_or_all(
    nuria: Clerk, omar: Clerk, app: FastAPI, services: Services
) -> None:
    phone = Clerk(app)
    phone.http.headers["user-agent"] = "Mozilla/5.0 (Android 15; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"
    await phone.signs_in(NURIA)
    page = (await nuria.opens("/desk/account")).text
    assert "Firefox · Android" in page
    async with services.database.read() as session:
        rows = {row.browser: row for row in await session.scalars(select(StaffSession))}
        omars = await session.scalar(select(StaffSession.token_hash).join(Staff).where(Staff.email == OMAR.email))
    await nuria.sends("/desk/account/sessions/end", which=str(omars))
    assert (await omar.opens("/desk")).status_code == 200, "another person's is left alone"
    await nuria.sends("/desk/account/sessions/end", which=rows["Firefox · Android"].token_hash)
    assert (await phone.opens("/desk")).status_code == 303 and (await nuria.opens("/desk")).status_code == 200
    await nuria.opens("/desk/account")
    await nuria.sends("/desk/account/sessions/end", which="all")
    assert (await nuria.opens("/desk")).status_code == 303


async def test_a_guesser_elsewhere_does_not_lock_the_owner_out(services: Services, nuria: Clerk, app: FastAPI) -> None:
    counts = counts_of(NURIA.email, Place(address="203.0.113.9"))
    tried = [await do_count_try(services.database, counts) for _ in range(MAX_FAILURES + 1)]
    assert tried == [True] * MAX_FAILURES + [False]
    assert (await Clerk(app).signs_in(NURIA)).status_code == 303, "from her own address"
    for at in range(MAX_STRANGERS):
        await do_count_try(services.database, counts_of(NURIA.email, Place(address=f"198.51.100.{at}")))
    assert (await Clerk(app).signs_in(NURIA)).status_code == 429, "a browser that nobody knows waits"
    await nuria.opens("/desk")
    await nuria.sends("/desk/sign-out")
    assert nuria.http.cookies[BROWSER_COOKIE]
    assert (await nuria.signs_in(NURIA)).status_code == 303, "her own browser does not"


async def test_guesses_at_an_account_count_from_whatever_address_they_come(
    services: Services, nuria: Clerk, app: FastAPI
) -> None:
    no_haste(services)
    guesser = Clerk(app)
    for at in range(24):
        guesser.goes_to(f"203.0.113.{at // 6}")
        await guesser.signs_in(NURIA, password=f"frase larga {at}")
    guesser.goes_to("203.0.113.99")
    assert (await guesser.signs_in(NURIA)).status_code != 303
    await nuria.opens("/desk")
    await nuria.sends("/desk/sign-out")
    nuria.goes_to("192.0.2.1")
    assert (await nuria.signs_in(NURIA)).status_code == 303, "the browser that she always uses is let in"


async def test_guesses_at_the_own_password_count_from_whatever_address_and_end_the_session(
    nuria: Clerk, app: FastAPI
) -> None:
    await nuria.opens("/desk/account")
    for at in range(MAX_FAILURES):
        nuria.goes_to(f"203.0.113.{at}")
        refused = await nuria.sends("/desk/account/password", old=f"frase larga {at}", new=NEW)
    assert refused.headers.get("location") == "/desk/sign-in" and (await nuria.opens("/desk")).status_code == 303
    assert "Se ha cerrado la sesión" in (await nuria.opens("/desk/sign-in")).text
    assert (await Clerk(app).signs_in(NURIA)).status_code == 303, "her password is what it was, and she comes in"


async def test_guesses_at_the_own_password_count_over_all_sessions(services: Services, app: FastAPI) -> None:
    no_haste(services)
    person = await staff_of(services, NURIA)
    for _ in range(MAX_OWN // MAX_FAILURES):
        thief = Clerk(app)
        thief.http.cookies.set(COOKIE, await do_open_session(services.database, person), "desk.example")
        await thief.opens("/desk/account")
        for at in range(MAX_FAILURES):
            await thief.sends("/desk/account/password", old=f"frase larga {at}", new=NEW)
    thief = Clerk(app)
    thief.http.cookies.set(COOKIE, await do_open_session(services.database, person), "desk.example")
    await thief.opens("/desk/account")
    assert (await thief.sends("/desk/account/password", old=NURIA.password, new=NEW)).status_code == 422


async def test_a_mark_of_a_browser_is_good_for_its_account_alone(
    services: Services, nuria: Clerk, app: FastAPI
) -> None:
    async with services.database.write() as uow:
        for count in counts_of(OLGA.email, Place(address="127.0.0.1")):
            uow.session.add(SignInTry(key=count.key, failures=99, locked_until=now() + LOCKED_FOR))
        await uow.commit()
    thief = Clerk(app)
    thief.http.cookies.set(BROWSER_COOKIE, nuria.http.cookies[BROWSER_COOKIE], "desk.example")
    assert (await thief.signs_in(OLGA)).status_code == 429


async def test_haste_at_the_door_is_told_when_to_come_back(app: FastAPI, services: Services) -> None:
    services.settings.limit_sign_in = "2/minute"
    object.__setattr__(services, "limits", Limits(services.settings))
    clerk = Clerk(app)
    for _ in range(2):
        await clerk.signs_in(NURIA, password="otra frase larga")
    await clerk.opens("/desk/sign-in")
    refused = await clerk.sends("/desk/sign-in", email=OLGA.email, password=OLGA.password)
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
    assert "Demasiados intentos" in refused.text
    await clerk.opens("/desk/first")
    assert (await clerk.sends("/desk/first", code="AAAA")).status_code == 429


async def test_behind_https_the_cookies_belong_to_this_host_alone(services: Services, app: FastAPI) -> None:
    services.settings.public_url = "https://desk.example"
    clerk = Clerk(app)
    clerk.http.base_url = "https://desk.example"
    entered = await clerk.signs_in(NURIA)
    cookies = entered.headers.get_list("set-cookie")
    assert any(cookie.startswith("__Host-ventanilla_staff=") for cookie in cookies)
    for cookie in cookies:
        assert {"secure", "httponly", "samesite=lax", "path=/"} <= {part.strip().lower() for part in cookie.split(";")}
    assert (await clerk.opens("/desk")).status_code == 200
