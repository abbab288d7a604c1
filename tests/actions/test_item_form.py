"""What the form makes of a citizen's words, once the engine has said what they do. What she types is kept."""

import json
from typing import Any

import pytest
from rasa_sdk.executor import CollectingDispatcher
from rasa_sdk.interfaces import Tracker

from actions import context
from actions.acts import ACTS
from actions.filing import _filing
from actions.item_form import ValidateItemForm, read
from actions.items import NONE
from actions.words import content_words
from bot.services import make_services
from bot.settings import Settings
from bot.suggestions.own import OwnItems
from bot.text import plain
from tests.fakes import FakeEngines

LAMP = "La farola no luce desde hace 3 semanas"
BIN = "El contenedor de la esquina huele muy mal"
SLOTS = ("item_text", "item_place", "item_contact", "item_confirm")
NOTED = {"item_text": LAMP, "item_place": "Calle Mayor 14", "item_contact": "600 123 456"}
ABOUT = {"item_subject": "street_lighting", "item_agency": "aldealba"}
TELLING = ("say", "text", "add", "place", "contact", "fix_text", "fix_place", "fix_contact", "two")
COMMANDS = tuple(act for act in ACTS if act not in TELLING)
SPEAKING = ("nothing", "thank", "ack", "greet", "presence", "aside", "hold", "readback", "perhaps_cancel")


@pytest.fixture(scope="module", autouse=True)
def bound(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The actions with services of their own; the form reads no table, so that all tests may share them."""
    made = make_services(Settings(home=tmp_path_factory.mktemp("home")), FakeEngines(), "secret")
    own = OwnItems(made.items, made.secrets)
    context.bind(context.Context(made.database, made.knowledge, made.items, own))


def noted_before(asked: str) -> dict[str, Any]:
    """What she has told when the form asks for `asked`."""
    told = dict(list(NOTED.items())[: SLOTS.index(asked)])
    return {**told, **ABOUT} if told else {}


def turn(asked: str, text: str, act: str = "say", intent: str = "form", **more: Any) -> Tracker:
    """`text` at the question `asked`; `more` are slots, or entities and a ranking that the engine has found."""
    names = ("street", "district", "agency", "slot", "value", "lat", "lon", "clauses")
    found = {"act": act if intent == "form" else None, **{name: more.pop(name, None) for name in names}}
    entities = [{"entity": name, "value": value} for name, value in found.items() if value is not None]
    ranking = [{"name": name, "confidence": 0.9} for name in more.pop("ranking", [])]
    parsed = {"text": text, "intent": {"name": intent}, "entities": entities, "intent_ranking": ranking}
    slots = {"requested_slot": asked, "item_kind": "report", "language": "es", "agency": "aldealba"}
    filled = {**slots, **noted_before(asked), **more}
    return Tracker("turn", filled, parsed, [], False, None, {"name": "item_form"}, "action_listen")


def heard(asked: str, text: str, act: str = "say", **more: Any) -> dict[str, Any]:
    """What the form fills."""
    return read(turn(asked, text, act, **more))[0]


def after(asked: str, text: str, act: str = "say", **more: Any) -> dict[str, Any]:
    """All that is noted once the form has heard it."""
    tracker = turn(asked, text, act, **more)
    return {**tracker.slots, **read(tracker)[0]}


async def said(asked: str, text: str, act: str = "say", **more: Any) -> list[str]:
    """The responses that are said before the form goes on."""
    dispatcher = CollectingDispatcher()
    await ValidateItemForm().run(dispatcher, turn(asked, text, act, **more), {})
    return [message["response"] for message in dispatcher.messages]


def waits(asked: str, text: str, act: str = "say", **more: Any) -> bool:
    """Whether nothing was noted or lost, and the form asks the same again."""
    before, now = turn(asked, text, act, **more).slots, after(asked, text, act, **more)
    same = all(now.get(slot) == before.get(slot) for slot in (*SLOTS, "item_more", "item_subject", "item_agency"))
    return same and now.get(asked) is None


def keeps(words: str, noted: dict[str, Any]) -> bool:
    """Whether everything that `words` say stands in what is noted."""
    there = plain(" ".join(str(value) for value in noted.values() if isinstance(value, str)))
    return all(word in there for word in content_words(words))


# -- whatever it is, it is kept


@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize("act", ["say", *ACTS])
@pytest.mark.parametrize("text", [BIN, "no", "😀", "600 123 456", "calle Mayor 3"])
def test_a_message_for_the_form_is_never_turned_away(act: str, asked: str, text: str) -> None:
    """The form has no other rule for it: what fills nothing must say so, with the kind that is there already."""
    assert heard(asked, text, act)


STORIES: dict[str, tuple[str, dict[str, Any]]] = {
    "a matter": (BIN, {}),
    "a place": ("Está en la calle Alameda 3, junto al estanco", {"street": "calle Alameda 3"}),
    "a contact": ("Llamadme al 611 222 333 por las tardes", {}),
    "a long one": (f"{BIN}. " * 12 + "zanahoria", {}),
}


@pytest.mark.parametrize(
    ("story", "act", "asked"),
    [
        (story, act, asked)
        for story in STORIES
        for act in TELLING
        for asked in SLOTS
        if act != "fix_contact" or story == "a contact"  # the wrong one goes, and the right one is asked for
    ],
)
def test_what_she_tells_is_noted_or_asked_for_again(story: str, act: str, asked: str) -> None:
    text, found = STORIES[story]
    assert keeps(text, after(asked, text, act, **found)) or waits(asked, text, act, **found)


@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize("act", TELLING)
def test_what_was_noted_before_stays_when_something_else_is_told(act: str, asked: str) -> None:
    told = [value for slot, value in noted_before(asked).items() if slot in NOTED]
    if act == "fix_contact" and asked == "item_confirm":  # the wrong one goes, and the right one is asked for
        told.remove(NOTED["item_contact"])
    assert keeps(" ".join(told), after(asked, BIN, act))


@pytest.mark.parametrize("asked", SLOTS)
@pytest.mark.parametrize("act", SPEAKING)
def test_what_gives_the_form_nothing_leaves_it_asking(act: str, asked: str) -> None:
    if (act, asked) == ("ack", "item_confirm"):
        pytest.skip("a nod at the summary sends it")
    assert waits(asked, "vale", act)


@pytest.mark.parametrize("asked", ["item_text", "item_place", "item_contact"])
@pytest.mark.parametrize("act", SPEAKING)
async def test_what_gives_the_form_nothing_is_answered_with_a_word(act: str, asked: str) -> None:
    assert len(await said(asked, "vale", act)) == 1


# -- the answers to its questions


@pytest.mark.parametrize("act", ["say", "text", "add", "place", "fix_text", "two"])
def test_the_matter_brings_its_subject_place_and_agency(act: str) -> None:
    text = "hay una farola rota en la calle Mayor 3"
    filled = heard("item_text", text, act, street="calle Mayor 3")
    assert (filled["item_text"], filled["item_place"]) == (text, "calle Mayor 3")
    assert (filled["item_subject"], filled["item_agency"]) == ("street_lighting", "aldealba")


@pytest.mark.parametrize("text", ["hola", "quiero hacer una sugerencia", "😂", ".", "…"])
@pytest.mark.parametrize("act", ["say", "text", "add", "nothing"])
def test_what_says_nothing_is_no_matter(text: str, act: str) -> None:
    assert waits("item_text", text, act)


@pytest.mark.parametrize(
    "text", ["路灯坏了三个星期", "Уличный фонарь не горит", "چراغ خیابان خراب است", "चौक की बत्ती बंद है"]
)
def test_a_text_has_content_whatever_its_script(text: str) -> None:
    assert heard("item_text", text, "text")["item_text"] == text


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Plaza del Alba, 1", {"street": "Plaza del Alba, 1"}),
        ("Parking Old Town", {"district": "centro"}),
        ("en la esquina del mercado", {}),
    ],
)
@pytest.mark.parametrize("act", ["say", "place"])
def test_a_place_is_noted_as_it_was_written(text: str, found: dict[str, Any], act: str) -> None:
    assert heard("item_place", text, act, **found)["item_place"] == text


@pytest.mark.parametrize(
    ("text", "act"),
    [
        ("Hola, buenos días", "greet"),
        ("Hola, buenos días", "say"),
        ("gracias", "thank"),
        ("jaja", "nothing"),
        ("😂", "say"),
        (".", "place"),
        ("123", "nothing"),
        ("vale", "ack"),
        ("¿hay alguien?", "presence"),
    ],
)
async def test_what_is_no_place_is_said_kindly_and_asked_again(text: str, act: str) -> None:
    assert waits("item_place", text, act) and await said("item_place", text, act) == ["utter_item_go_on"]


def test_the_second_part_of_a_long_text_is_text() -> None:
    second = "Y además de eso, " + "el vecino del tercero ya lo avisó dos veces y nadie vino. " * 8
    assert second.strip() in after("item_place", second, "say")["item_text"]


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("ana@example.org", "ana@example.org"),
        ("llámame al 600 123 456", "600 123 456"),
        ("+34 600123456 gracias", "+34 600123456"),
        ("Correo:ana@correo.example", "ana@correo.example"),
        ("<ana@correo.example>", "ana@correo.example"),
        ("mailto:ana@correo.example", "ana@correo.example"),
        ("ana arroba correo punto example", "ana@correo.example"),
        ("ana @ correo.example", "ana@correo.example"),
        ("Es por el expediente ALD-2026-000123-K, mi teléfono es 611 222 333", "611 222 333"),
        ("611 222 333 16-20 h", "611 222 333 (16-20 h)"),
        ("611222333 o si no 91 555 66 77", "611222333, 91 555 66 77"),
    ],
)
@pytest.mark.parametrize("act", ["say", "contact", "fix_contact", "add", "text", "yes", "ack", "thank", "nothing"])
def test_a_contact_is_found_in_a_sentence_whatever_it_was_taken_for(text: str, contact: str, act: str) -> None:
    assert heard("item_contact", text, act)["item_contact"] == contact


@pytest.mark.parametrize("act", ["send", "skip", "no"])
def test_a_contact_is_not_dropped_for_a_command_beside_it(act: str) -> None:
    assert after("item_contact", "611 222 333, y ya está", act)["item_contact"] == "611 222 333"


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("Es por el expediente ALD-2026-000123-K, mi teléfono es 611 222 333", "ALD-2026-000123-K"),
        ("611 222 333 16-20 h", "16-20 h"),
    ],
)
def test_what_stands_beside_a_contact_is_kept_as_words(text: str, rest: str) -> None:
    noted = after("item_contact", text, "contact")
    assert any(rest in str(value) for value in noted.values())


@pytest.mark.parametrize("text", ["ana@correo,example", "ana arroba correo", "600 12"])
async def test_a_contact_that_is_none_is_asked_for_again_with_an_example(text: str) -> None:
    assert waits("item_contact", text, "contact")
    assert await said("item_contact", text, "contact") == ["utter_item_no_such_contact"]


@pytest.mark.parametrize("act", ["skip", "no", "leave_out"])
@pytest.mark.parametrize("asked", ["item_place", "item_contact"])
def test_place_and_contact_can_be_left_open(asked: str, act: str) -> None:
    assert heard(asked, "mejor no", act) == {asked: NONE}


@pytest.mark.parametrize("act", ["skip", "no", "leave_out"])
def test_the_matter_cannot_be_left_open(act: str) -> None:
    assert waits("item_text", "mejor no", act)


def test_yes_to_a_question_for_words_asks_again_and_says_nothing_else() -> None:
    assert read(turn("item_contact", "sí", "yes")) == ({"item_kind": "report"}, [])


# -- sending


@pytest.mark.parametrize("act", ["send", "yes"])
@pytest.mark.parametrize("text", ["envíalo", "👍", "👌🏽", "sí, envíalo"])
def test_at_the_summary_it_is_sent(act: str, text: str) -> None:
    assert heard("item_confirm", text, act) == {"item_confirm": "send"}


@pytest.mark.parametrize("text", ["👍", "👌🏽", "vale", "ok", "perfecto"])
def test_at_the_summary_a_nod_sends_it(text: str) -> None:
    assert heard("item_confirm", text, "ack") == {"item_confirm": "send"}


@pytest.mark.parametrize(
    ("asked", "open_ones"),
    [("item_place", {"item_place": NONE, "item_contact": NONE}), ("item_contact", {"item_contact": NONE})],
)
def test_send_before_the_summary_leaves_the_rest_open_and_shows_it_first(asked: str, open_ones: dict[str, Any]) -> None:
    assert heard(asked, "envíalo ya", "send") == open_ones


def test_nothing_is_sent_before_there_is_a_matter() -> None:
    assert waits("item_text", "envíalo", "send")


@pytest.mark.parametrize("act", [act for act in ("say", *ACTS) if act not in ("send", "yes", "ack")])
@pytest.mark.parametrize("asked", SLOTS)
def test_nothing_else_sends_it(act: str, asked: str) -> None:
    assert after(asked, BIN, act).get("item_confirm") is None


@pytest.mark.parametrize("act", ["no", "change"])
def test_no_at_the_summary_asks_what_to_change_and_keeps_everything(act: str) -> None:
    assert heard("item_confirm", "no", act) == {"item_confirm": None}


@pytest.mark.parametrize(
    ("text", "act", "found", "change"),
    [
        ("sí, pero la calle es Alameda 3", "fix_place", {"street": "calle es Alameda 3"}, "Alameda 3"),
        ("sí, pero la calle es Alameda 3", "fix_place", {"street": "Alameda 3"}, "Alameda 3"),
        ("sí, pero es el 41, no el 14", "fix_place", {}, "Calle Mayor 41"),
        ("sí, pero son 5 semanas, no 3", "fix_text", {}, "5 semanas"),
        ("sí, pero mi teléfono es 611 222 333", "fix_contact", {}, "611 222 333"),
        ("sí, pero acaba en 457, no en 456", "fix_contact", {}, "600 123 457"),
        ("sí, y además huele a quemado", "add", {}, "huele a quemado"),
    ],
)
async def test_a_yes_with_a_but_changes_it_and_shows_it_again(
    text: str, act: str, found: dict[str, Any], change: str
) -> None:
    noted = after("item_confirm", text, act, **found)
    assert noted.get("item_confirm") is None and any(change in str(value) for value in noted.values())
    assert await said("item_confirm", text, act, **found) == ["utter_item_changed"]


async def test_a_yes_without_the_contact_takes_it_out_and_shows_it_again() -> None:
    text = "sí pero no pongas mi teléfono"
    assert heard("item_confirm", text, "leave_out") == {"item_contact": NONE}
    assert await said("item_confirm", text, "leave_out") == ["utter_item_changed"]


def test_the_place_alone_can_be_taken_out() -> None:
    noted = after("item_confirm", "quita la dirección", "leave_out")
    assert (noted["item_place"], noted["item_contact"]) == (NONE, "600 123 456")


@pytest.mark.parametrize(
    ("text", "given", "out"),
    [
        ("take the street off", {}, "item_place"),
        ("sin la calle Mayor, por favor", {}, "item_place"),
        ("drop the e-mail", {"item_contact": "ana@correo.example"}, "item_contact"),
        ("quita mi 600 123 456", {}, "item_contact"),
        ("hazlo anónimo", {"item_place": NONE}, "item_contact"),
        ("hazlo anónimo", {"item_contact": NONE}, "item_place"),
    ],
)
def test_what_she_names_is_taken_out_or_the_one_that_was_given(text: str, given: dict[str, Any], out: str) -> None:
    assert heard("item_confirm", text, "leave_out", **given) == {out: NONE}


@pytest.mark.parametrize(
    ("text", "given"), [("hazlo anónimo", {}), ("take it off", {}), ("quita la dirección", {"item_place": NONE})]
)
async def test_when_nothing_tells_what_to_take_out_she_is_asked(text: str, given: dict[str, Any]) -> None:
    assert waits("item_confirm", text, "leave_out", **given)
    assert await said("item_confirm", text, "leave_out", **given) == ["utter_item_ask_left_out"]


async def test_when_there_is_nothing_to_take_out_nothing_is() -> None:
    noted = {"item_place": NONE, "item_contact": NONE}
    assert waits("item_confirm", "no pongas mi nombre", "leave_out", **noted)
    assert await said("item_confirm", "no pongas mi nombre", "leave_out", **noted) == ["utter_item_nothing_out"]


def test_a_place_that_was_taken_out_leaves_no_trace() -> None:
    filing = _filing(turn("item_confirm", "x", item_place=NONE, item_district="centro", item_lat=40.1, item_lon=-3.2))
    assert (filing.place, filing.district, filing.latitude, filing.longitude) == (None, None, None, None)


@pytest.mark.parametrize("act", ["skip", "readback"])
def test_at_the_summary_there_is_nothing_to_skip(act: str) -> None:
    assert waits("item_confirm", "sáltalo", act)


async def test_a_nod_with_a_contact_is_shown_before_it_is_sent() -> None:
    noted = after("item_confirm", "ok, 611 222 333", "ack")
    assert noted.get("item_confirm") is None and noted["item_contact"] == "611 222 333"
    assert await said("item_confirm", "ok, 611 222 333", "ack") == ["utter_item_changed"]


# -- buttons, places, and what is not meant for it


@pytest.mark.parametrize(
    ("slot", "value", "filled"),
    [
        ("item_place", NONE, {"item_place": NONE}),
        ("item_contact", NONE, {"item_contact": NONE}),
        ("item_subject", "noise", {"item_subject": "noise", "item_agency": "aldealba"}),
        ("item_confirm", "send", {"item_confirm": "send"}),
        ("item_confirm", "cancel", {"item_confirm": "cancel"}),
        ("item_confirm", "change", {"item_confirm": None}),
        ("change", "item_text", {"item_text": None, "item_confirm": None}),
        ("change", "item_subject", {"item_confirm": None}),
        ("item_confirm", "other", {}),
        ("item_subject", "other_one", {}),
        ("item_district", "nowhere", {}),
        ("item_text", "x", {}),
        ("language", "en", {}),
    ],
)
def test_a_button_fills_what_it_says_and_a_forged_one_nothing(slot: str, value: str, filled: dict[str, Any]) -> None:
    assert heard("item_confirm", "/choose", intent="choose", slot=slot, value=value) == filled


def test_a_district_is_chosen_by_its_button() -> None:
    filled = heard("item_place", "/choose", intent="choose", slot="item_district", value="centro", item_lat=40.1)
    assert (filled["item_district"], filled["item_place"], filled["item_lat"]) == ("centro", "Centro", None)


def test_the_button_for_two_matters_parts_them() -> None:
    both = "La farola de mi calle no luce. El contenedor huele mal"
    filled = heard("item_place", "/choose", intent="choose", slot="item_more", value="split", item_text=both)
    assert json.loads(filled["item_more"]) == ["El contenedor huele mal"]


@pytest.mark.parametrize(
    ("lat", "lon", "place"), [("40.1", "-3.2", "40.10000, -3.20000"), ("x", "-3.2", None), (None, None, None)]
)
def test_a_location_is_the_place(lat: str | None, lon: str | None, place: str | None) -> None:
    assert heard("item_place", "/share_location", intent="share_location", lat=lat, lon=lon).get("item_place") == place


@pytest.mark.parametrize(
    "intent", ["faq", "ask_part", "ask_human", "cancel", "crisis", "check_status", "bot_challenge"]
)
@pytest.mark.parametrize("asked", SLOTS)
def test_what_is_not_meant_for_the_form_fills_nothing(intent: str, asked: str) -> None:
    assert heard(asked, "¿cuánto cuesta el IBI?", intent=intent) == {}


def test_an_act_that_this_counter_does_not_know_is_words() -> None:
    assert heard("item_place", "en la plaza", "an_act_of_tomorrow")["item_place"] == "en la plaza"


def test_no_act_is_tried_by_nobody() -> None:
    assert set(ACTS) >= set(TELLING) - {"say"} and {*COMMANDS} == set(ACTS) - set(TELLING)
