"""After filing, in the same chat: the number again, additions, corrections, taking back. Nobody else's is there."""

import json

import pytest
from rasa_sdk.interfaces import Action
from sqlalchemy import select

from actions import context
from actions.draft import Draft
from actions.filed import AddFiled, FixFiled, Which, Withdraw
from actions.status import Number, Status
from bot.states import ENDED_ITEM
from bot.store.tables import Conversation, Event, Item
from bot.suggestions.own import MOST_TEXT
from tests.actions.citizen import LAMP, PHONE, Citizen
from tests.cast import OLGA, do_hire

ACTIONS = (AddFiled, FixFiled, Withdraw, Which)


# -- the number, and what was filed


async def test_the_number_is_told_again_the_newest_first(ana: Citizen) -> None:
    assert await ana.says(Number, "¿cuál era el número?") == "utter_filed_none"
    first = await ana.files()
    assert await ana.says(Number, "¿cuál era el número?") == "utter_filed_number" and ana.args["reference"] == first
    second = await ana.files()
    assert await ana.says(Number, "¿cuál era el número?") == "utter_filed_numbers"
    assert (ana.args["reference"], ana.args["others"]) == (second, first)


async def test_what_was_filed_here_is_listed_with_its_state(ana: Citizen, bruno: Citizen) -> None:
    assert await ana.says(Which, "¿qué he mandado?") == "utter_filed_none"
    lamp, bin_ = await ana.files(), await ana.files("El contenedor huele", state="done")
    theirs = await bruno.files("Mi vecino hace ruido")
    assert await ana.says(Which, "¿qué he mandado?") == "utter_filed_list"
    first, second = ana.args["lines"].split("\n")
    assert bin_ in first and "El contenedor huele" in first and "hecha" in first
    assert lamp in second and LAMP in second and theirs not in ana.args["lines"]


# -- adding


async def test_an_addition_stands_behind_what_was_filed_and_the_desk_hears_of_it(ana: Citizen) -> None:
    reference = await ana.files()
    assert await ana.says(AddFiled, "y además huele a quemado") == "utter_filed_added"
    item = await ana.item(reference)
    assert item.text == f"{LAMP}\n\ny además huele a quemado" and item.state == "submitted"
    async with ana.services.database.read() as session:
        kinds = list(await session.scalars(select(Event.kind).where(Event.conversation_id == ana.conversation)))
    assert "item_added" in kinds


@pytest.mark.parametrize("named", ["{0}", "{0} sin nada más", "{1}", "{2}"])
async def test_an_addition_goes_to_the_one_that_is_named_else_she_is_asked(ana: Citizen, named: str) -> None:
    old, new = await ana.files(), await ana.files("El contenedor huele")
    spelt = named.format(old, old[:-2], old.lower().replace("-", " "))
    await ana.says(AddFiled, f"a la {spelt}, añade que parpadea")
    assert "parpadea" in (await ana.item(old)).text and "parpadea" not in (await ana.item(new)).text
    assert await ana.says(AddFiled, "y hay ratas") == "utter_filed_which"
    assert "ratas" not in (await ana.item(new)).text + (await ana.item(old)).text
    told, button = ana.slots["told"], ana.args["buttons"][1]
    assert old in button["title"] and LAMP in button["title"]
    value = json.loads(button["payload"].removeprefix("/add_filed"))["value"]
    assert await ana.says(AddFiled, button["payload"], value=value, told=told) == "utter_filed_added"
    assert "y hay ratas" in (await ana.item(old)).text and ana.slots["told"] is None


@pytest.mark.parametrize("action", [AddFiled, FixFiled, Withdraw])
@pytest.mark.parametrize(
    "named",
    [
        "al de la farola que hay un cable colgando",
        "lo del portal 14 de la calle Alameda",
        "numero {part}, hay un cable colgando",
        "el {digits}: hay un cable colgando",
        "the one about the street lamp, a cable hangs down",
    ],
)
async def test_which_is_meant_is_told_by_its_words_or_a_part_of_its_reference(
    ana: Citizen, action: type[Action], named: str
) -> None:
    old = await ana.files(place="calle Alameda 14")
    new = await ana.files("Un bache enorme", subject="pavement_holes")
    number = old.split("-")[2]
    said = named.format(part=f"{int(number)}-{old[-1]}", digits=number)
    await ana.says(action, said)
    assert ana.args["reference"] == old
    assert (await ana.item(new)).text == "Un bache enorme"


async def test_of_two_with_one_subject_a_word_that_only_one_has_tells(ana: Citizen) -> None:
    swing = await ana.files("the seat of the swing hangs by one chain", subject="parks")
    fountain = await ana.files("also the fountain there leaks", subject="parks")
    await ana.says(FixFiled, "my phone is 600 111 222 for the fountain one")
    assert ana.args["reference"] == fountain
    assert await ana.says(AddFiled, "also there is glass on the floor") == "utter_filed_which"
    await ana.says(Withdraw, "the swing one please")
    assert ana.args["reference"] == swing


async def test_what_is_added_is_shown_and_to_what(ana: Citizen) -> None:
    reference = await ana.files()
    await ana.says(AddFiled, "añade que hay un cable colgando")
    assert ana.args == {**ana.args, "reference": reference, "matter": LAMP, "added": "hay un cable colgando"}


async def test_what_has_ended_is_not_offered(ana: Citizen) -> None:
    await ana.files(state="withdrawn")
    new = await ana.files("El contenedor huele")
    await ana.says(AddFiled, "y hay ratas")
    assert ana.args["reference"] == new


async def test_a_button_of_an_earlier_time_adds_nothing(ana: Citizen) -> None:
    reference = await ana.files()
    assert await ana.says(AddFiled, "/add_filed", value=reference) == "utter_button_gone"
    assert (await ana.item(reference)).text == LAMP


async def test_what_staff_asked_for_goes_back_to_whoever_asked(ana: Citizen) -> None:
    wanted, newer = await ana.files(state="needs_info"), await ana.files("El contenedor huele")
    assert await ana.says(AddFiled, "es la del portal 14", value=wanted, needs=wanted) == "utter_filed_added"
    item = await ana.item(wanted)
    assert item.state == "assigned" and "portal 14" in item.text
    assert (await ana.steps(wanted))[-1] == "assigned" and (await ana.item(newer)).text == "El contenedor huele"
    assert ana.args["reference"] == wanted and ana.slots["needs"] is None


async def test_staff_ask_and_she_answers_in_the_same_chat(ana: Citizen) -> None:
    """The state of the dialogue carries the reference from the one to the other."""
    reference = await ana.files(state="assigned")
    people = await do_hire(ana.services.database, OLGA)
    async with ana.services.database.write() as uow:
        item_id = (await uow.session.scalars(select(Item.id).where(Item.reference == reference))).one()
        await ana.services.items.do_change_state(uow, item_id, people["Olga"], "needs_info", "¿Qué portal?")
        await uow.commit()
    async with ana.services.database.read() as session:
        state = (await session.get_one(Conversation, ana.conversation)).engine_state
    assert state and state["slots"]["needs"] == reference
    await ana.says(AddFiled, "el 14", value=state["slots"]["needs"])
    assert (await ana.item(reference)).state == "assigned"


@pytest.mark.parametrize("state", sorted(ENDED_ITEM))
async def test_what_has_ended_takes_no_addition_and_no_correction(ana: Citizen, state: str) -> None:
    reference = await ana.files(state=state)
    assert await ana.says(AddFiled, "y además huele") == "utter_filed_ended"
    assert await ana.says(FixFiled, f"mi teléfono es {PHONE}") == "utter_filed_ended"
    item = await ana.item(reference)
    assert (item.text, item.contact, item.state) == (LAMP, None, state)


async def test_what_is_full_takes_no_addition_and_says_so(ana: Citizen) -> None:
    reference = await ana.files("a" * MOST_TEXT)
    assert await ana.says(AddFiled, "y más") == "utter_filed_full" and ana.slots == {}
    assert len((await ana.item(reference)).text) == MOST_TEXT


# -- somebody else's


@pytest.mark.parametrize("action", ACTIONS)
async def test_what_another_has_filed_is_not_there(ana: Citizen, bruno: Citizen, action: type[Action]) -> None:
    """Not even with its whole reference, nor as the value of a forged button."""
    theirs = await bruno.files(contact=PHONE)
    text = f"{theirs}: mi teléfono es 611 222 333"
    for more in ({}, {"value": theirs}, {"value": theirs, "street": "calle Olmo 3", "needs": theirs}):
        assert await ana.says(action, text, **more) == "utter_filed_none"
        assert theirs not in json.dumps({**ana.args, "response": ""})
    item = await bruno.item(theirs)
    assert (item.text, item.state, item.place) == (LAMP, "submitted", None)
    assert ana.services.secrets.unseal(item.contact or "") == PHONE


@pytest.mark.parametrize("action", [AddFiled, FixFiled, Withdraw])
async def test_with_the_reference_of_another_her_own_is_not_touched(
    ana: Citizen, bruno: Citizen, action: type[Action]
) -> None:
    mine, theirs = await ana.files(), await bruno.files()
    assert await ana.says(action, f"la {theirs}: calle Olmo", street="calle Olmo 3") == "utter_filed_none"
    assert (await ana.item(mine)).text == (await bruno.item(theirs)).text == LAMP


@pytest.mark.parametrize("value", ["%", "_", "ALD-", "ALD-2026-%", ""])
async def test_a_reference_is_no_pattern(ana: Citizen, bruno: Citizen, value: str) -> None:
    await bruno.files()
    assert await ana.says(Withdraw, "sí", value=value) == "utter_filed_none"


# -- what is asked about it


@pytest.mark.parametrize(
    ("text", "contact", "lines"),
    [
        ("¿lo ha leído ya alguien?", None, ["utter_filed_untouched", "utter_filed_who"]),
        ("¿cuándo la quitan?", None, ["utter_filed_when"]),
        ("¿y me llaman seguro?", "600 123 456", ["utter_filed_call"]),
        ("how long will it take, and who has it?", None, ["utter_filed_when", "utter_filed_who"]),
    ],
)
@pytest.mark.parametrize("action", [Status, Number])
async def test_what_is_asked_about_it_is_answered_as_far_as_it_is_known(
    ana: Citizen, action: type[Action], text: str, contact: str | None, lines: list[str]
) -> None:
    reference = await ana.files(contact=contact)
    assert await ana.says(action, text) == "utter_item_status" and ana.args["reference"] == reference
    for name in lines:
        words = context.current().knowledge.text(name, "es", agency="Ayuntamiento de Aldealba")
        assert words in ana.args["history"]


async def test_what_was_taken_up_is_not_said_to_lie_untouched(ana: Citizen) -> None:
    await ana.files(state="assigned")
    await ana.says(Status, "¿lo ha visto alguien?")
    assert context.current().knowledge.text("utter_filed_untouched", "es") not in ana.args["history"]


@pytest.mark.parametrize(
    ("text", "added"),
    [
        ("No, no prepare nada más. Solo cambie el teléfono del aviso que ya mandamos, el bueno es 611 204 575", ""),
        ("me he equivocado en el telefono, acaba en 575, no en 557, es el 611 204 575", ""),
        ("el teléfono es 611 204 575, llamen por las tardes siempre", "llamen por las tardes siempre"),
    ],
)
async def test_a_corrected_contact_leaves_no_order_in_what_was_filed(ana: Citizen, text: str, added: str) -> None:
    reference = await ana.files(contact="600 123 456")
    assert await ana.says(FixFiled, text) == "utter_filed_corrected"
    told = (await ana.item(reference)).text.removeprefix(LAMP).strip()
    assert told == added


async def test_the_other_matter_is_left_when_she_says_no_to_it(ana: Citizen) -> None:
    assert await ana.says(Draft, "no", value="other", item_more=json.dumps(["huele mal"])) == "utter_item_more_left"
    assert ana.slots == {"item_more": None}
