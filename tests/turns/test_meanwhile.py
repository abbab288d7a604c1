"""While a person is waited for: what is told is noted, what is asked is answered, and a report can go on."""

import json
from typing import Any

import pytest

from bot.errors import EngineError
from bot.handoff import waiting
from bot.privacy import personal
from bot.services import Services
from bot.states import State
from bot.turns import storage
from bot.turns import waits as waits_module
from tests.chat import Ana
from tests.fakes import FakeEngine, says
from tests.turns.test_danger import fails
from tests.turns.test_turn import citizen

BACK = {"es": "Seguir con el asistente", "en": "Go on with the assistant"}
TOPICS = {"topics": json.dumps([["bulky_waste"]])}


async def waits(working: Services, engine: FakeEngine, language: str = "es", *, danger: bool = False) -> Ana:
    """Ana has been told about bulky waste, and has called a person, or danger was heard."""
    ana = citizen(working)
    await ana.arrives(language=language)
    engine.reply = says("utter_faq/bulky_waste", slots=TOPICS)
    await ana.says(text="el sofá" if language == "es" else "the sofa, please")
    engine.reply = says("utter_crisis" if danger else "utter_handed_over", slots=TOPICS)
    await ana.says(text="una persona" if language == "es" else "a person, please")
    return ana


def titles(said: list[dict[str, Any]]) -> list[str]:
    return [button["title"] for message in said for button in message["buttons"]]


def text_of(said: list[dict[str, Any]]) -> str:
    return "\n".join(message["text"] for message in said)


@pytest.mark.parametrize("danger", [False, True])
@pytest.mark.parametrize(
    ("language", "words"), [("es", "la multa es en la calle Molino, tengo fotos"), ("en", "it was in Molino street")]
)
async def test_what_is_noted_is_said_and_the_way_back_is_there(
    working: Services, engine: FakeEngine, language: str, words: str, danger: bool
) -> None:
    ana = await waits(working, engine, language, danger=danger)
    slots = {**TOPICS, "warned": danger}
    for reply in (says("utter_note", slots=slots), says("utter_out_of_scope", slots=slots)):
        engine.reply = reply
        said = await ana.says(text=words)
        assert words in text_of(said) and titles(said) == [BACK[language]]
    if danger:
        assert "My112" in text_of(said)


@pytest.mark.parametrize("danger", [False, True])
@pytest.mark.parametrize("language", ["es", "en"])
async def test_whoever_begins_to_wait_has_the_way_back(
    working: Services, engine: FakeEngine, language: str, danger: bool
) -> None:
    ana = await waits(working, engine, language, danger=danger)
    assert BACK[language] in titles((await ana.reads())["messages"])


@pytest.mark.parametrize(
    "reply",
    [
        says("utter_faq/bulky_waste", slots=TOPICS),
        says("utter_faq/bulky_waste", "utter_perhaps_danger", slots=TOPICS),
    ],
    ids=["the same answer", "and perhaps danger"],
)
async def test_an_answer_that_she_has_had_is_not_said_again_but_offered(
    working: Services, engine: FakeEngine, reply: Any
) -> None:
    ana = await waits(working, engine)
    engine.reply = reply
    said = await ana.says(text="pues q me digan si lo puedo sacar ya, bar casa paco")
    assert "bar casa paco" in said[0]["text"] and not any(message.get("topic") for message in said)
    button = next(b["button"] for m in said for b in m["buttons"] if b["title"] == "Seguir con el asistente")
    assert button


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("es", "y el contenedor de escombro va con el mismo papel?"),
        ("es", "vale, cuanto hay que pagar por eso"),
        ("en", "now it is raining, who do i call for that sofa"),
        ("en", "we are fine now. Is there anything else to pay"),
    ],
)
async def test_who_asks_is_answered_though_she_has_had_the_answer(
    working: Services, engine: FakeEngine, language: str, words: str
) -> None:
    ana = await waits(working, engine, language)
    engine.reply = says("utter_faq/bulky_waste", slots=TOPICS)
    assert (await ana.says(text=words))[0]["topic"] == "bulky_waste"


async def test_an_answer_that_is_pressed_for_is_said_again(working: Services, engine: FakeEngine) -> None:
    ana = await waits(working, engine)
    shown = (await ana.reads())["messages"]
    key = next(b["button"] for m in shown for b in m["buttons"] if b["title"] != BACK["es"])
    engine.reply = says("utter_faq/bulky_waste", slots=TOPICS)
    assert (await ana.says(button=key))[0]["topic"] == "bulky_waste"


@pytest.mark.parametrize(
    "words", ["me llamo Ana Ruiz y mi telefono es 612 34 56 78", "soy Ana, ana.ruiz@correo.example, gracias"]
)
async def test_a_contact_is_for_the_person_and_she_says_so_when_asked(
    working: Services, engine: FakeEngine, words: str
) -> None:
    ana = await waits(working, engine)
    engine.reply = says("utter_faq/direct_debit", slots=TOPICS)
    said = await ana.says(text=words)
    assert words in text_of(said) and len(said) == 1
    engine.reply = says("utter_wait_time", slots=TOPICS)
    told = text_of(await ana.says(text="¿me llamarán?"))
    assert "teléfono" in told or "correo" in told


async def test_an_answer_ends_with_who_reads_it_once_in_a_while(working: Services, engine: FakeEngine) -> None:
    ana = await waits(working, engine)
    engine.reply = says("utter_faq/bus_pass", slots=TOPICS)
    first, second = await ana.says(text="¿y el autobús?"), await ana.says(text="¿y el bono?")
    assert [len(first), len(second)] == [2, 1] and "leerá" in first[-1]["text"]
    engine.reply = says("utter_thank", slots=TOPICS)
    assert len(await ana.says(text="gracias")) == 1


@pytest.mark.parametrize("words", ["quiero poner un aviso", "empezar de nuevo"])
async def test_nothing_to_cancel_is_the_waiting_and_which_case_is_the_wait(
    working: Services, engine: FakeEngine, words: str
) -> None:
    ana = await waits(working, engine)
    engine.reply = says("utter_item_ask_reference", slots=TOPICS)
    said = await ana.says(text="¿cuándo me contestan?")
    assert "ALD-" not in text_of(said) and (await ana.reads())["state"] == State.WAITING_STAFF
    engine.reply = says("utter_nothing_to_cancel", slots=TOPICS)
    await ana.says(text=words)
    assert (await ana.reads())["state"] == State.ASSISTANT


@pytest.mark.parametrize("words", ["quiero poner un aviso aquí", "hay una farola rota"])
async def test_a_report_begins_beside_the_waiting_and_is_sent(
    working: Services, engine: FakeEngine, words: str
) -> None:
    ana = await waits(working, engine)
    engine.reply = says("utter_ask_item_place", form="item_form", slots={**TOPICS, "item_text": "una farola"})
    assert "Dónde" in text_of(await ana.says(text=words))
    assert (await ana.reads())["state"] == State.WAITING_STAFF, "her place stays"
    engine.reply = says("utter_ask_item_contact", form="item_form", slots={**TOPICS, "item_text": "una farola"})
    await ana.says(text="calle Olmo 14")
    assert engine.asked[-1].state and engine.asked[-1].state["active_form"] == "item_form"
    engine.reply = says("utter_item_filed", slots=TOPICS, reference="ALD-2026-000001-K")
    assert "ALD-2026-000001-K" in text_of(await ana.says(text="envíalo"))


@pytest.mark.parametrize("asks", [False, True])
async def test_a_report_that_is_sent_while_she_waits_cannot_be_sent_again(
    working: Services, engine: FakeEngine, asks: bool
) -> None:
    draft = {**TOPICS, "item_kind": "report", "item_text": "una farola"}
    ana = await waits(working, engine)
    engine.reply = says("utter_ask_item_confirm", form="item_form", slots=draft)
    await ana.says(text="hay una farola rota")
    if asks:
        engine.reply = says("utter_note", form="item_form", slots=draft)
        await ana.says(text="dile que corre prisa")
    engine.reply = says("utter_item_filed", slots=TOPICS, reference="ALD-2026-000001-K")
    await ana.says(text="envíalo")
    await ana.says(text="hola")
    state = engine.asked[-1].state
    assert state and not state["active_form"] and "item_kind" not in state["slots"]


async def test_who_was_in_danger_and_tells_what_happened_is_not_asked_for_a_street(
    working: Services, engine: FakeEngine
) -> None:
    ana = await waits(working, engine, danger=True)
    engine.reply = says("utter_ask_item_place", form="item_form", slots={**TOPICS, "item_text": "la puerta"})
    said = await ana.says(text="ha roto la puerta y está en el salón")
    assert "ha roto la puerta" in text_of(said) and "Dónde" not in text_of(said)
    engine.reply = says("utter_ask_item_text_report", form="item_form", slots=TOPICS)
    assert "Lo leerá" not in text_of(await ana.says(text="quiero poner un aviso"))


async def asked_for_contact(
    working: Services, engine: FakeEngine, language: str = "es", draft: dict[str, Any] | None = None
) -> Ana:
    ana = citizen(working)
    await ana.arrives(language=language)
    engine.reply = says("utter_ask_item_contact", form="item_form", slots=draft or {"item_text": "un bache"})
    await ana.says(text="hay un bache" if language == "es" else "there is a pothole")
    return ana


async def goes_on_with_her_report(ana: Ana, engine: FakeEngine) -> None:
    """What she says next belongs to the form, which has all that she told it."""
    await ana.says(text="saltar")
    state = engine.asked[-1].state
    assert state and state["active_form"] == "item_form" and state["slots"]["item_text"] == "un bache"


@pytest.mark.parametrize("way", ["typed", "pressed", "begun again"])
async def test_a_form_that_was_open_is_told_as_not_sent_and_goes_on(
    working: Services, engine: FakeEngine, way: str
) -> None:
    ana = await asked_for_contact(working, engine)
    engine.reply = says("utter_handed_over")
    said = await ana.says(text="quiero una persona")
    assert "no se ha enviado" in text_of(said)
    engine.reply = says("utter_note")
    assert (await ana.says(text="enviar"))[0]["text"].startswith("Lo he apuntado")
    if way == "typed":
        said = await ana.says(text="seguir con el asistente")
    elif way == "pressed":
        said = await ana.says(button="system.back")
    else:
        engine.reply = says("utter_ask_item_text_report", form="item_form")
        said = await ana.says(text="haz el aviso")
    assert "contact" in said[-1]["text"].lower() or "correo" in said[-1]["text"], "the open question, once more"
    engine.reply = says("utter_ask_item_confirm", form="item_form")
    await ana.says(text="saltar")
    assert engine.asked[-1].state and engine.asked[-1].state["active_form"] == "item_form"
    assert engine.asked[-1].state["slots"]["item_text"] == "un bache"


@pytest.mark.parametrize("danger", [False, True])
async def test_who_gives_up_while_she_waits_gives_up_the_waiting_and_not_the_form_that_was_laid_aside(
    working: Services, engine: FakeEngine, danger: bool
) -> None:
    draft = {"item_kind": "report", "item_text": "un bache"}
    ana = await asked_for_contact(working, engine, draft=draft)
    engine.reply = says("utter_crisis" if danger else "utter_handed_over", slots=draft)
    await ana.says(text="quiero una persona")
    engine.reply = says("utter_item_cancelled", slots={})  # as the engine says that has the notes, and no form
    said = await ana.says(text="cancela")
    assert "No se ha enviado nada" not in text_of(said)
    assert said[-1]["text"].startswith("¿Quieres dejar"), "the open question, once more"
    engine.reply = says("utter_ask_item_confirm", form="item_form", slots=draft)
    await goes_on_with_her_report(ana, engine)


@pytest.mark.parametrize("breaks", ["the engine", "the assistant"])
async def test_a_fault_in_a_form_beside_the_waiting_is_told_and_its_question_comes_again(
    working: Services, engine: FakeEngine, breaks: str
) -> None:
    ana = await waits(working, engine)
    engine.reply = says("utter_ask_item_place", form="item_form", slots={**TOPICS, "item_text": "una farola"})
    await ana.says(text="hay una farola rota")

    def broken(turn: object) -> Any:
        raise ValueError("broken on purpose")

    engine.reply = EngineError("dead") if breaks == "the engine" else broken
    said = await ana.says(text="calle Olmo 14")
    assert "fallo" in said[0]["text"] and "Dónde" in said[-1]["text"]
    assert (await ana.reads())["state"] == State.WAITING_STAFF
    engine.reply = says("utter_ask_item_contact", form="item_form", slots={**TOPICS, "item_text": "una farola"})
    await ana.says(text="calle Olmo 14")
    assert engine.asked[-1].state and engine.asked[-1].state["active_form"] == "item_form", "it goes on"


async def test_a_turn_that_cannot_be_stored_keeps_the_form_that_was_laid_aside(
    working: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = await asked_for_contact(working, engine)
    engine.reply = says("utter_handed_over", slots={"item_text": "un bache"})
    await ana.says(text="quiero una persona")
    engine.reply = says("utter_faq/bulky_waste", slots=TOPICS)
    with monkeypatch.context() as patch:
        patch.setattr(storage, "meaning_of", fails)
        assert "sofá" in text_of(await ana.says(text="¿y un sofá?")), "what was found is said all the same"
    said = await ana.says(button="system.back")
    assert said[-1]["text"].startswith("¿Quieres dejar")
    await goes_on_with_her_report(ana, engine)


@pytest.mark.parametrize("language", ["es", "en"])
async def test_who_says_that_it_is_no_danger_goes_on_where_she_was(
    working: Services, engine: FakeEngine, language: str
) -> None:
    ana = await asked_for_contact(working, engine, language)
    engine.reply = says("utter_crisis")
    said = await ana.says(text="estoy en peligro" if language == "es" else "i am in danger, help")
    assert BACK[language] in titles(said)
    engine.reply = says("utter_safe")
    said = await ana.says(text="no hay peligro" if language == "es" else "no im not in danger i just want it gone")
    assert len(said) == 2, "it is said, and the open question follows"
    engine.reply = says("utter_ask_item_confirm", form="item_form")
    await ana.says(text="saltar" if language == "es" else "skip that please")
    assert engine.asked[-1].state and engine.asked[-1].state["active_form"] == "item_form"
    assert not engine.asked[-1].state["slots"].get("warned")


@pytest.mark.parametrize(
    ("slots", "phone"),
    [
        ({"topics": json.dumps([["water_supply"]])}, "900 000 050"),
        ({"topics": json.dumps([["tree_pruning"]]), "item_subject": "other"}, "24"),
        ({"topics": json.dumps([["bulky_waste"], ["water_supply"]])}, ""),
        ({}, ""),
    ],
)
@pytest.mark.parametrize("opened", [False, True])
@pytest.mark.parametrize("language", ["es", "en"])
async def test_outside_hours_what_cannot_wait_has_a_number_at_once(
    working: Services,
    engine: FakeEngine,
    monkeypatch: pytest.MonkeyPatch,
    slots: dict[str, Any],
    phone: str,
    opened: bool,
    language: str,
) -> None:
    for module in (waiting, waits_module):
        monkeypatch.setattr(module, "is_open", lambda *_: opened)
    ana = citizen(working)
    await ana.arrives(language=language)
    engine.reply = says("utter_handed_over", slots=slots)
    said = await ana.says(text="persona" if language == "es" else "person")
    assert (len(said) == 2) is (bool(phone) and not opened)
    assert not phone or opened or phone in said[1]["text"]


async def test_what_was_answered_first_while_she_waits_is_known_afterwards(
    working: Services, engine: FakeEngine
) -> None:
    ana = citizen(working)
    await ana.arrives()
    engine.reply = EngineError("dead")
    await ana.says(text="hola")
    engine.reply = says("utter_faq/bulky_waste", slots=TOPICS)
    await ana.says(text="¿cómo tiro un sofá?")
    await ana.says(text="¿y cuánto cuesta?")
    assert engine.asked[-1].state and engine.asked[-1].state["slots"]["topics"] == TOPICS["topics"]


async def test_what_she_left_is_looked_for_while_nothing_is_locked(
    services: Services, engine: FakeEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = citizen(services)
    await ana.arrives()
    for text, reply in (
        ("mi correo es ana.ruiz@correo.example", says("utter_faq/bulky_waste")),
        ("una persona", says("utter_handed_over")),
    ):
        engine.reply = reply
        await ana.posts(text=text)
        await services.lane._turns.do_next(ana.conversation)
    free: list[bool] = []
    find = personal.find

    def watched(text: str) -> Any:
        free.append(services.database.engine.pool.checkedout() == 0)  # type: ignore[attr-defined]
        return find(text)

    monkeypatch.setattr(personal, "find", watched)
    engine.reply = says("utter_wait_time")
    await ana.posts(text="¿me escribirán?")
    await services.lane._turns.do_next(ana.conversation)
    assert free and all(free)
    assert "correo" in (await ana.reads())["messages"][-1]["text"]
