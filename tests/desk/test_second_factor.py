"""The second step of the sign-in: what opens it, what does not, and what is left when the phone is lost."""

import datetime as dt
import re

import httpx
import pyotp
import pytest
from fastapi import FastAPI
from sqlalchemy import select, update

from bot.desk.sealed import seal_draft
from bot.desk.second_factor import RECOVERY_CODES, SECONDS, step_of
from bot.desk.sessions import add_session
from bot.desk.tries import MAX_FAILURES
from bot.privacy.rotation import sealed_columns
from bot.services import Services
from bot.store.tables import RecoveryCode, SignInTry, Staff, StaffSession, now
from bot.web.security import COOKIE
from tests.cast import ADA, NURIA
from tests.desk.clerk import Clerk

SECRET = re.compile(r'class="mono secret">([A-Z2-7 ]+)<')
DRAFT = re.compile(r'name="draft" value="([^"]+)"')
CODES = re.compile(r"<li>([A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4})</li>")
SECRET_OF_A_THIEF = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
STEP = dt.timedelta(seconds=SECONDS)


async def sets_up(clerk: Clerk) -> tuple[str, list[str]]:
    """The secret and the recovery codes of a second factor that `clerk` has just set up."""
    page = (await clerk.opens("/desk/account/second-factor")).text
    assert "data:image/svg+xml" in page
    secret = SECRET.search(page)[1].replace(" ", "")  # type: ignore[index]
    draft = DRAFT.search(page)[1]  # type: ignore[index]
    sent = {"draft": draft, "code": pyotp.TOTP(secret).now(), "old": NURIA.password}
    kept = await clerk.sends("/desk/account/second-factor", **sent)
    assert kept.status_code == 200, kept.text
    codes = CODES.findall(kept.text)
    assert len(codes) == RECOVERY_CODES
    return secret, codes


async def forget_step(services: Services) -> None:
    """As if the last code had been taken long ago."""
    async with services.database.write() as uow:
        await uow.session.execute(update(Staff).values(second_factor_step=1))
        await uow.commit()


async def ada_sets_up(app: FastAPI) -> tuple[Clerk, str]:
    """Ada signs in where the rule demands a second factor, and its secret."""
    clerk = Clerk(app)
    await clerk.signs_in(ADA)
    page = (await clerk.opens("/desk/sign-in/set-up")).text
    secret, draft = SECRET.search(page)[1].replace(" ", ""), DRAFT.search(page)[1]  # type: ignore[index]
    sent = {"draft": draft, "code": pyotp.TOTP(secret).now(), "old": ADA.password}
    assert CODES.findall((await clerk.sends("/desk/sign-in/set-up", **sent)).text)
    await clerk.opens("/desk/account")
    return clerk, secret


async def second_step(app: FastAPI) -> Clerk:
    """Nuria in a new browser, her password accepted."""
    clerk = Clerk(app)
    asked = await clerk.signs_in(NURIA)
    assert asked.headers["location"] == "/desk/sign-in/code?next=/desk"
    await clerk.opens("/desk/sign-in/code")
    return clerk


async def test_after_the_password_the_code_is_asked_and_until_then_nothing_opens(
    nuria: Clerk, app: FastAPI, services: Services
) -> None:
    secret, _ = await sets_up(nuria)
    assert (await nuria.opens("/desk")).status_code == 200
    clerk = await second_step(app)
    for path in ("/desk", "/desk/items", "/desk/account", "/desk/live"):
        assert (await clerk.opens(path)).headers["location"].startswith("/desk/sign-in"), path
    await clerk.opens("/desk/sign-in/code")
    await forget_step(services)
    entered = await clerk.sends("/desk/sign-in/code", code=pyotp.TOTP(secret).now(), next="/desk/items")
    assert entered.headers["location"] == "/desk/items"
    assert (await clerk.opens("/desk")).status_code == 200


async def test_a_code_is_taken_once(nuria: Clerk, app: FastAPI, services: Services) -> None:
    secret, _ = await sets_up(nuria)
    used = pyotp.TOTP(secret).at(now())
    clerk = await second_step(app)
    again = await clerk.sends("/desk/sign-in/code", code=used)
    assert again.status_code == 422 and "ya se ha usado" in again.text


async def test_a_phones_clock_may_be_half_a_minute_off_and_no_more() -> None:
    secret, at = pyotp.random_base32(), now()
    for off, right in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        assert (step_of(secret, pyotp.TOTP(secret).at(at + off * STEP), at) is not None) is right, off
    assert step_of(secret, "ñandú", at) is None


async def test_a_recovery_code_stands_for_the_phone_once_and_is_stored_as_a_hash(
    nuria: Clerk, app: FastAPI, services: Services
) -> None:
    _, codes = await sets_up(nuria)
    clerk = await second_step(app)
    typed = codes[3].lower().replace("-", " ")
    assert (await clerk.sends("/desk/sign-in/code", code=typed)).status_code == 303
    other = await second_step(app)
    assert (await other.sends("/desk/sign-in/code", code=codes[3])).status_code == 422
    async with services.database.read() as session:
        kept = list(await session.scalars(select(RecoveryCode.code_hash)))
    assert len(kept) == RECOVERY_CODES - 1 and not any(code.replace("-", "") in "".join(kept) for code in codes)


async def test_guesses_at_the_code_are_counted(nuria: Clerk, app: FastAPI, services: Services) -> None:
    secret, _ = await sets_up(nuria)
    await forget_step(services)
    clerk = await second_step(app)
    for _ in range(MAX_FAILURES):
        assert (await clerk.sends("/desk/sign-in/code", code="000000")).status_code == 422
    waits = await clerk.sends("/desk/sign-in/code", code=pyotp.TOTP(secret).now())
    assert waits.status_code == 429 and f"Espera {waits.headers['retry-after']} segundos" in waits.text
    async with services.database.write() as uow:
        await uow.session.execute(update(SignInTry).values(locked_until=now() - dt.timedelta(seconds=1)))
        await uow.commit()
    assert (await clerk.sends("/desk/sign-in/code", code=pyotp.TOTP(secret).now())).status_code == 303


async def test_the_secret_is_sealed_in_the_table(nuria: Clerk, services: Services) -> None:
    secret, _ = await sets_up(nuria)
    async with services.database.read() as session:
        kept = await session.scalar(select(Staff.second_factor).where(Staff.email == NURIA.email))
    assert kept and secret not in kept and services.secrets.unseal(kept) == secret


@pytest.mark.parametrize("draft", ["", "made up", "1:JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"])
async def test_a_secret_of_somebody_else_cannot_be_slipped_in(nuria: Clerk, draft: str) -> None:
    await nuria.opens("/desk/account/second-factor")
    code = pyotp.TOTP("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP").now()
    assert (await nuria.sends("/desk/account/second-factor", draft=draft, code=code)).status_code == 422


async def test_turning_it_on_signs_the_other_browsers_out(nuria: Clerk, app: FastAPI) -> None:
    other = Clerk(app)
    await other.signs_in(NURIA)
    await sets_up(nuria)
    assert (await nuria.opens("/desk")).status_code == 200
    assert (await other.opens("/desk")).status_code == 303


async def test_turning_it_off_asks_for_a_code_and_signs_the_other_browsers_out(
    nuria: Clerk, app: FastAPI, services: Services
) -> None:
    secret, codes = await sets_up(nuria)
    await forget_step(services)
    other = await second_step(app)
    assert (await other.sends("/desk/sign-in/code", code=codes[0])).status_code == 303
    await nuria.opens("/desk/account")
    for old in ("otra frase", NURIA.password):
        assert (await nuria.sends("/desk/account/second-factor/off", old=old)).status_code == 422, old
    off = await nuria.sends("/desk/account/second-factor/off", old=pyotp.TOTP(secret).now())
    assert off.status_code == 303
    assert (await nuria.opens("/desk")).status_code == 200, "this browser goes on"
    assert (await other.opens("/desk")).status_code == 303
    assert (await Clerk(app).signs_in(NURIA)).headers["location"] == "/desk"


async def test_nobody_turns_off_what_the_rule_demands_of_her(app: FastAPI, services: Services) -> None:
    services.settings.second_factor_administrators = True
    ada, secret = await ada_sets_up(app)
    await forget_step(services)
    assert "/desk/account/second-factor/off" not in (await ada.opens("/desk/account")).text
    refused = await ada.sends("/desk/account/second-factor/off", old=pyotp.TOTP(secret).now())
    assert refused.status_code == 403 and "exige" in refused.text
    async with services.database.read() as session:
        assert await session.scalar(select(Staff.second_factor).where(Staff.email == ADA.email))
    assert CODES.findall((await replaces(ada, pyotp.TOTP(secret).now())).text), "another phone is no matter of the rule"


async def test_an_administrator_sets_it_up_first_where_that_is_the_rule(app: FastAPI, services: Services) -> None:
    services.settings.second_factor_administrators = True
    clerk = Clerk(app)
    asked = await clerk.signs_in(ADA)
    assert asked.headers["location"] == "/desk/sign-in/set-up?next=/desk"
    page = (await clerk.opens("/desk/sign-in/set-up")).text
    assert (await clerk.opens("/desk")).status_code == 303
    page = (await clerk.opens("/desk/sign-in/set-up")).text
    secret, draft = SECRET.search(page)[1].replace(" ", ""), DRAFT.search(page)[1]  # type: ignore[index]
    sent = {"draft": draft, "code": pyotp.TOTP(secret).now(), "old": ADA.password}
    kept = await clerk.sends("/desk/sign-in/set-up", **sent)
    assert len(CODES.findall(kept.text)) == RECOVERY_CODES
    assert (await clerk.opens("/studio")).status_code == 200
    assert (await Clerk(app).signs_in(NURIA)).headers["location"] == "/desk", "staff are not asked"


def test_a_rotated_key_takes_the_secret_along() -> None:
    assert ("staff", "second_factor") in {(table.name, column.name) for table, column in sealed_columns()}


async def replaces(clerk: Clerk, old: str, secret: str = "") -> httpx.Response:
    """The form of a new second factor, sent by whoever has this browser."""
    page = (await clerk.opens("/desk/account/second-factor")).text
    secret, draft = SECRET.search(page)[1].replace(" ", ""), DRAFT.search(page)[1]  # type: ignore[index]
    return await clerk.sends("/desk/account/second-factor", draft=draft, code=pyotp.TOTP(secret).now(), old=old)


async def test_whoever_has_the_session_alone_neither_sets_nor_replaces_nor_removes_it(
    nuria: Clerk, services: Services
) -> None:
    for old in ("", "otra frase larga", "000000"):
        refused = await replaces(nuria, old)
        assert refused.status_code == 422 and not CODES.findall(refused.text), "none is set yet"
    secret, _ = await sets_up(nuria)
    await forget_step(services)
    for old in ("", "000000"):
        assert (await replaces(nuria, old)).status_code == 422, "one is set"
    await nuria.opens("/desk/account")
    assert (await nuria.sends("/desk/account/second-factor/off", old="")).status_code == 422
    async with services.database.read() as session:
        kept = await session.scalar(select(Staff.second_factor).where(Staff.email == NURIA.email))
    assert kept and services.secrets.unseal(kept) == secret


async def test_where_one_is_set_the_password_alone_proves_nothing(nuria: Clerk, services: Services) -> None:
    secret, codes = await sets_up(nuria)
    await forget_step(services)
    assert (await replaces(nuria, NURIA.password)).status_code == 422
    assert (await nuria.sends("/desk/account/recovery-codes", old=NURIA.password)).status_code == 422
    assert CODES.findall((await replaces(nuria, pyotp.TOTP(secret).now())).text)
    assert (await replaces(nuria, codes[0])).status_code == 422, "the codes went with the phone that they stood for"


async def test_guesses_at_the_proof_end_the_session(nuria: Clerk, app: FastAPI) -> None:
    for _ in range(MAX_FAILURES - 1):
        assert (await replaces(nuria, "otra frase larga")).status_code == 422
    out = await replaces(nuria, "otra frase larga")
    assert out.status_code == 303 and out.headers["location"] == "/desk/sign-in"
    assert (await nuria.opens("/desk")).status_code == 303
    assert (await Clerk(app).signs_in(NURIA)).status_code == 303, "she comes in again"


@pytest.mark.parametrize("minutes", [1, 6])
async def test_without_a_password_a_fresh_sign_in_proves_it(services: Services, app: FastAPI, minutes: int) -> None:
    async with services.database.write() as uow:
        await uow.session.execute(update(Staff).where(Staff.email == NURIA.email).values(password_hash=None))
        nuria = (await uow.session.scalars(select(Staff).where(Staff.email == NURIA.email))).one()
        token = add_session(uow, nuria)
        await uow.session.flush()
        since = now() - dt.timedelta(minutes=minutes)
        await uow.session.execute(update(StaffSession).values(created_at=since))
        await uow.commit()
    clerk = Clerk(app)
    clerk.http.cookies.set(COOKIE, token, "desk.example")
    if minutes > 5:
        assert "/desk/sso?next=/desk/account/second-factor" in (await clerk.opens("/desk/account/second-factor")).text
        draft = seal_draft(services.secrets, nuria, SECRET_OF_A_THIEF)
        code = pyotp.TOTP(SECRET_OF_A_THIEF).now()
        assert (await clerk.sends("/desk/account/second-factor", draft=draft, code=code)).status_code == 403
        return
    made = await replaces(clerk, "")
    codes = CODES.findall(made.text)
    await clerk.opens("/desk/account")
    assert (await clerk.sends("/desk/account/second-factor/off", old="")).status_code == 422, "from now on a code does"
    assert (await clerk.sends("/desk/account/second-factor/off", old=codes[0])).status_code == 303


async def test_the_first_set_up_at_the_sign_in_asks_for_the_password(app: FastAPI, services: Services) -> None:
    services.settings.second_factor_administrators = True
    clerk = Clerk(app)
    await clerk.signs_in(ADA)
    page = (await clerk.opens("/desk/sign-in/set-up")).text
    secret, draft = SECRET.search(page)[1].replace(" ", ""), DRAFT.search(page)[1]  # type: ignore[index]
    sent = {"draft": draft, "code": pyotp.TOTP(secret).now()}
    assert (await clerk.sends("/desk/sign-in/set-up", **sent)).status_code == 422
    assert (await clerk.opens("/desk")).status_code == 303
    assert CODES.findall((await clerk.sends("/desk/sign-in/set-up", **sent, old=ADA.password)).text)
