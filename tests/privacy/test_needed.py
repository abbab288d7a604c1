"""Nobody is told that her data is not needed where it was asked for, or where somebody uses it."""

import pytest

from bot.services import Services
from tests.cast import NURIA, do_hire
from tests.chat import Ana
from tests.fakes import FakeEngine, says
from tests.turns.test_turn import citizen

FORM = {"form": "item_form"}
FILED = {"slots": {"filed": '[["ALD-2026-000001-K", "report"]]'}}
PHONE, MAIL, DNI = (
    "mi tlf es el 612 34 56 78 por si me llaman",
    "write to xenobia@correo.example",
    "mi dni es 12345678Z",
)


async def begins(services: Services, language: str = "es") -> Ana:
    ana = citizen(services)
    await ana.arrives(language=language)
    return ana


def warned(said: list[dict[str, object]]) -> bool:
    return any("Déjalo" in str(m["buttons"]) or "Leave it" in str(m["buttons"]) for m in said)


@pytest.mark.parametrize("words", [PHONE, MAIL, DNI])
async def test_what_is_written_to_a_person_is_of_use_to_her(working: Services, engine: FakeEngine, words: str) -> None:
    nuria = (await do_hire(working.database, NURIA))["Nuria"]
    ana = await begins(working)
    engine.reply = says("utter_handed_over")
    assert not warned(await ana.says(text=f"quiero hablar con alguien, {words}"))
    engine.reply = says("utter_note")
    assert not warned(await ana.says(text=words)), "she waits"
    engine.reply = says("utter_faq/bulky_waste")
    assert not warned(await ana.says(text=words)), "she waits, and is answered"
    async with working.database.write() as uow:
        await working.cases.do_claim(uow, ana.conversation, nuria)
        await uow.commit()
    assert not warned(await ana.says(text=words)), "Nuria has the conversation"


@pytest.mark.parametrize(
    "reply",
    [
        says("utter_ask_item_place", **FORM),  # type: ignore[arg-type]
        says("utter_item_cancelled"),
        says("utter_filed_corrected", **FILED),  # type: ignore[arg-type]
        says("utter_thank", **FILED),  # type: ignore[arg-type]
        says("utter_item_status"),
    ],
    ids=["in a form", "as it is given up", "corrected", "after filing", "asked how it goes"],
)
async def test_a_contact_for_what_is_filed_is_of_use(working: Services, engine: FakeEngine, reply: object) -> None:
    ana = await begins(working)
    engine.reply = says("utter_ask_item_contact", form="item_form")
    await ana.says(text="hay un bache")
    engine.reply = reply  # type: ignore[assignment]
    for words in (PHONE, MAIL):
        assert not warned(await ana.says(text=words))


async def test_what_nobody_asks_for_is_still_told(working: Services, engine: FakeEngine) -> None:
    ana = await begins(working)
    engine.reply = says("utter_thank", **FILED)  # type: ignore[arg-type]
    assert warned(await ana.says(text=DNI))
    bruno = await begins(working, "en")
    engine.reply = says("utter_faq/bulky_waste")
    assert warned(await bruno.says(text=MAIL))
