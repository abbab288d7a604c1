"""Asked which of her reports she means: her words wait, and however she says which one, they go there."""

import json
from typing import Any

import pytest
from rasa_sdk.interfaces import Action

from actions.filed import AddFiled, FixFiled, Withdraw
from actions.matters import in_json
from actions.status import Status
from tests.actions.citizen import LAMP, PHONE, Citizen

BIN = "El contenedor huele"
RATS = "y hay ratas por la noche"
NAMES = {AddFiled: "action_add_filed", FixFiled: "action_fix_filed"}


async def asked(ana: Citizen, action: type[Action] = AddFiled, text: str = RATS, **more: Any) -> dict[str, Any]:
    """What the next turn knows once she was asked for which of two reports her words are."""
    assert await ana.says(action, text, **more) == "utter_filed_which"
    return {"told": ana.slots["told"], "did": NAMES[action]}


@pytest.mark.parametrize("said", ["la de la farola", "es para el aviso de la farola", "{0}", "{1}", "the street light"])
async def test_which_one_may_be_said_in_words_and_the_words_that_waited_go_there(ana: Citizen, said: str) -> None:
    lamp, bin_ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    assert await ana.says(AddFiled, said.format(lamp, lamp.split("-")[2]), **before) == "utter_filed_added"
    assert (await ana.item(lamp)).text == f"{LAMP}\n\n{RATS}" and (await ana.item(bin_)).text == BIN
    assert ana.slots["told"] is None


@pytest.mark.parametrize("said", ["{0}", "la {0}", "{1}"])
async def test_a_bare_reference_says_which_and_does_not_ask_how_it_goes(ana: Citizen, said: str) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    assert await ana.says(Status, said.format(lamp, lamp.split("-")[2]), **before) == "utter_filed_added"
    assert RATS in (await ana.item(lamp)).text


async def test_who_asks_how_one_goes_is_told_and_her_words_go_on_waiting(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    assert await ana.says(Status, f"cómo va la {lamp}", **before) == "utter_item_status"
    assert (await ana.item(lamp)).text == LAMP and "told" not in ana.slots


async def test_the_choice_may_be_named_by_its_place(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    [_, [payload, title]] = json.loads(ana.slots["offered"])
    assert lamp in title
    value = json.loads(payload.removeprefix("/add_filed"))["value"]
    assert await ana.says(AddFiled, "la segunda", value=value, **before) == "utter_filed_added"
    assert (await ana.item(lamp)).text == f"{LAMP}\n\n{RATS}"
    assert await ana.says(Withdraw, "bórralo") == "utter_filed_withdraw_which"
    assert [lamp in title for _, title in json.loads(ana.slots["offered"])] == [False, True]


async def test_what_is_said_beside_which_one_it_is_goes_there_too(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    await ana.says(AddFiled, "la de la farola, y además parpadea", **before)
    text = (await ana.item(lamp)).text
    assert RATS in text and "parpadea" in text


async def test_more_words_without_a_name_wait_with_the_first(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    before = await asked(ana, text="y cristales", **before)
    await ana.says(AddFiled, "la de la farola", **before)
    text = (await ana.item(lamp)).text
    assert RATS in text and "cristales" in text


@pytest.mark.parametrize("said", ["la de la farola", "/fix_filed"])
async def test_a_corrected_place_waits_with_the_words(ana: Citizen, said: str) -> None:
    lamp, _ = await ana.files(place="calle Olma 3"), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana, FixFiled, "no, es en la calle Sauce 5", street="calle Sauce 5")
    value = {"value": lamp} if said.startswith("/") else {}
    assert await ana.says(FixFiled, said, **before, **value) == "utter_filed_corrected"
    assert (await ana.item(lamp)).place == "calle Sauce 5"


async def test_a_contact_that_waited_is_sealed(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana, FixFiled, f"mi teléfono es {PHONE}")
    await ana.says(FixFiled, "/fix_filed", value=lamp, **before)
    item = await ana.item(lamp)
    assert ana.services.secrets.unseal(item.contact or "") == PHONE and PHONE not in item.text


async def test_after_another_matter_a_new_addition_takes_no_old_words_with_it(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    await ana.says(AddFiled, "la de la farola además parpadea", told=before["told"], did="action_faq")
    assert RATS not in (await ana.item(lamp)).text


async def test_two_with_the_same_number_are_asked_about(ana: Citizen) -> None:
    lamp = await ana.files()
    number = lamp.split("-")[2]
    other = await ana.files(BIN, subject="cleaning_waste")
    async with ana.services.database.write() as uow:
        item = await uow.session.merge(await ana.item(other))
        item.reference = f"RIO-2026-{number}-X"
        await uow.commit()
    assert await ana.says(AddFiled, f"a la {number}: hay ratas") == "utter_filed_which"


BENCH = "un banco roto en el parque"


@pytest.mark.parametrize("said", ["la del banco", "es para lo del banco roto"])
async def test_the_one_that_she_means_may_be_one_that_was_not_sent(ana: Citizen, said: str) -> None:
    filed = [await ana.files(), await ana.files(BIN, subject="cleaning_waste")]
    waits = {"item_more": json.dumps([{"text": "un árbol caído", "place": ""}, {"text": BENCH, "place": ""}])}
    before = await asked(ana, FixFiled, "no, está en la calle Sauce 5", street="calle Sauce 5", **waits)
    assert await ana.says(FixFiled, said, **before, **waits) == "utter_item_more_next"
    bench, tree = in_json(ana.slots["item_more"])
    assert bench.text == f"{BENCH}. no, está en la calle Sauce 5" and bench.place == "calle Sauce 5"
    assert tree.text == "un árbol caído" and ana.slots["told"] is None
    assert [(await ana.item(reference)).text for reference in filed] == [LAMP, BIN]


async def test_the_place_of_a_button_means_what_was_sent_whatever_waits(ana: Citizen) -> None:
    lamp, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    before = await asked(ana)
    waits = {"item_more": json.dumps(["la segunda farola"])}
    assert await ana.says(AddFiled, "la segunda", value=lamp, **before, **waits) == "utter_filed_added"
    assert (await ana.item(lamp)).text == f"{LAMP}\n\n{RATS}" and "item_more" not in ana.slots


# -- what was added begins no report


@pytest.mark.parametrize(("action", "text"), [(AddFiled, "añade que hay ratas"), (FixFiled, "no eran dos, eran tres")])
async def test_what_was_added_is_not_offered_as_a_new_report(ana: Citizen, action: type[Action], text: str) -> None:
    await ana.files()
    told = json.dumps({"text": text, "place": "", "share": 0.8})
    assert await ana.says(action, text, told=told) == "utter_filed_added"
    assert ana.slots["told"] is None


async def test_what_found_no_room_or_was_told_of_something_else_is_still_there_for_a_report(ana: Citizen) -> None:
    await ana.files(state="done")
    told = json.dumps({"text": RATS, "place": "", "share": 0.8})
    assert await ana.says(AddFiled, RATS, told=told) == "utter_filed_ended" and "told" not in ana.slots
    await ana.files()
    assert await ana.says(AddFiled, "añade que parpadea", told=told) == "utter_filed_added" and "told" not in ana.slots


# -- digits, and what has ended


@pytest.mark.parametrize(
    "said",
    [
        "añade que pasa desde las 01:00",
        "el 01/02 también pasó",
        "llamadme al 0034 600 12 34 56 01",
        "en los portales 1 y 3",
        "la línea 01 del bus",
        "vivo en el 1 {letter} junto al río",
    ],
)
async def test_digits_that_are_no_reference_name_no_report(ana: Citizen, said: str) -> None:
    first, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    assert await ana.says(AddFiled, said.format(letter=first[-1].lower())) == "utter_filed_which"


@pytest.mark.parametrize(
    "said", ["{digits}", "la 2026-{digits}", "es el nº {digits}.", "1{letter}", "1-{letter}", "1 {letter}"]
)
async def test_a_part_of_a_reference_names_its_report(ana: Citizen, said: str) -> None:
    first, _ = await ana.files(), await ana.files(BIN, subject="cleaning_waste")
    *_, digits, letter = first.split("-")
    await ana.says(AddFiled, said.format(digits=digits, letter=letter))
    assert ana.args["reference"] == first


@pytest.mark.parametrize("state", ["done", "not_accepted", "withdrawn"])
@pytest.mark.parametrize("said", ["¿cómo va lo de la farola?", "how is the street light going?", "y {digits}?"])
async def test_who_asks_for_one_that_has_ended_is_told_its_state(ana: Citizen, said: str, state: str) -> None:
    lamp = await ana.files(state=state)
    await ana.files(BIN, subject="cleaning_waste")
    await ana.files("Un bache enorme", subject="pavement_holes")
    assert await ana.says(Status, said.format(digits=lamp.split("-")[2])) == "utter_item_status"
    assert ana.args["reference"] == lamp


async def test_who_does_not_say_which_is_told_of_the_open_one(ana: Citizen) -> None:
    await ana.files(state="done")
    open_one = await ana.files(BIN, subject="cleaning_waste")
    assert await ana.says(Status, "¿cómo va mi aviso?") == "utter_item_status" and ana.args["reference"] == open_one


async def test_nothing_is_added_to_another_in_place_of_one_that_has_ended(ana: Citizen) -> None:
    await ana.files(state="done")
    open_one = await ana.files(BIN, subject="cleaning_waste")
    assert await ana.says(AddFiled, "a lo de la farola: sigue sin luz") == "utter_filed_ended"
    assert (await ana.item(open_one)).text == BIN
