"""What was filed, corrected or taken back in the same chat."""

import json

import pytest

from actions.filed import AddFiled, FixFiled, Withdraw
from actions.filing import CancelItem
from bot.suggestions.own import MOST_TEXT
from tests.actions.citizen import PHONE, Citizen

# -- correcting


async def test_a_contact_is_corrected_and_sealed(ana: Citizen) -> None:
    reference = await ana.files(contact="ana@correo.example")
    assert await ana.says(FixFiled, f"el contacto está mal, es {PHONE}") == "utter_filed_corrected"
    item = await ana.item(reference)
    assert ana.args["value"] == PHONE
    assert item.contact and PHONE not in item.contact and ana.services.secrets.unseal(item.contact) == PHONE
    assert PHONE not in item.text


@pytest.mark.parametrize(
    ("text", "street", "place"),
    [
        ("no, es en la calle Olmo 3, junto al estanco", "calle Olmo 3", "calle Olmo 3"),
        ("no, es en el casco antiguo, junto al estanco", None, "Centro"),
    ],
)
async def test_a_place_is_corrected_and_what_was_said_stands_beside_it(
    ana: Citizen, text: str, street: str | None, place: str
) -> None:
    reference = await ana.files(place="calle Olma 3", latitude=40.1, longitude=-3.2)
    assert await ana.says(FixFiled, text, street=street) == "utter_filed_corrected"
    item = await ana.item(reference)
    assert (item.place, item.latitude, item.longitude) == (place, None, None)
    assert "junto al estanco" in item.text and ana.args["value"] == place


async def test_a_corrected_place_is_in_its_own_district(ana: Citizen) -> None:
    reference = await ana.files(place="La Ribera", district="ribera")
    await ana.says(FixFiled, "no, es en el casco antiguo")
    assert (await ana.item(reference)).district == "centro"


async def test_another_correction_stands_in_words_behind_what_was_filed(ana: Citizen) -> None:
    reference = await ana.files()
    assert await ana.says(FixFiled, "no eran dos farolas, eran tres") == "utter_filed_added"
    assert "eran tres" in (await ana.item(reference)).text


async def test_a_contact_that_staff_asked_for_goes_back_to_whoever_asked(ana: Citizen) -> None:
    reference = await ana.files(state="needs_info")
    await ana.says(FixFiled, f"mi teléfono es {PHONE}")
    assert (await ana.item(reference)).state == "assigned"


async def test_a_contact_that_staff_asked_for_is_sealed(ana: Citizen) -> None:
    reference = await ana.files(state="needs_info")
    await ana.says(AddFiled, f"mi teléfono es {PHONE}", value=reference)
    item = await ana.item(reference)
    assert item.contact and ana.services.secrets.unseal(item.contact) == PHONE and PHONE not in item.text


async def test_a_contact_in_an_answer_to_staff_stands_beside_the_one_before(ana: Citizen) -> None:
    reference = await ana.files(state="needs_info", contact="ana@correo.example")
    await ana.says(
        AddFiled, f"es el portal 14, el de la puerta verde que da al parque; llamad al {PHONE}", value=reference
    )
    item = await ana.item(reference)
    assert ana.services.secrets.unseal(item.contact or "") == f"ana@correo.example, {PHONE}"
    assert "portal 14" in item.text and PHONE not in item.text and item.state == "assigned"


async def test_what_stands_beside_a_corrected_contact_is_kept(ana: Citizen) -> None:
    reference = await ana.files()
    await ana.says(FixFiled, f"mi teléfono es {PHONE} y no eran dos farolas, eran tres")
    assert "eran tres" in (await ana.item(reference)).text


async def test_a_correction_that_is_refused_changes_nothing(ana: Citizen) -> None:
    reference = await ana.files("a" * MOST_TEXT, place="calle Olma 3")
    assert await ana.says(FixFiled, "es la calle Olmo 3", street="calle Olmo 3") == "utter_filed_full"
    assert (await ana.item(reference)).place == "calle Olma 3"


# -- taking back


async def test_it_is_taken_back_only_after_she_has_said_yes_to_that_very_reference(ana: Citizen) -> None:
    old, new = await ana.files(), await ana.files("El contenedor huele")
    assert await ana.says(Withdraw, f"quiero retirar la {old}") == "utter_filed_ask_withdraw"
    assert ana.args["reference"] == old and (await ana.item(old)).state == "submitted"
    asked = ana.slots["asked"]
    assert [button["payload"] for button in ana.args["buttons"]] == [asked, "/deny"]
    value = json.loads(asked.removeprefix("/withdraw"))["value"]
    assert await ana.says(Withdraw, asked, value=value) == "utter_filed_withdrawn"
    assert ((await ana.item(old)).state, (await ana.item(new)).state) == ("withdrawn", "submitted")
    assert (await ana.steps(old))[-1] == "withdrawn"


async def test_without_a_name_she_is_asked_which_and_nothing_is_taken_back(ana: Citizen) -> None:
    old, new = await ana.files(), await ana.files("El contenedor huele")
    assert await ana.says(Withdraw, "bórralo") == "utter_filed_withdraw_which"
    assert [button["title"].split(":")[0] for button in ana.args["buttons"]] == [new, old]
    assert {(await ana.item(old)).state, (await ana.item(new)).state} == {"submitted"}
    await ana.says(Withdraw, "/withdraw", value=old)
    assert ((await ana.item(old)).state, (await ana.item(new)).state) == ("withdrawn", "submitted")


async def test_who_gives_up_what_was_sent_is_asked_whether_to_take_it_back(ana: Citizen) -> None:
    assert await ana.says(CancelItem, "mejor retíralo") == "utter_nothing_to_cancel"
    reference = await ana.files()
    assert await ana.says(CancelItem, "mejor retíralo") == "utter_filed_ask_withdraw"
    assert (await ana.item(reference)).state == "submitted" and reference in ana.slots["asked"]
    await ana.says(Withdraw, "sí", value=reference)
    assert await ana.says(CancelItem, "mejor retíralo") == "utter_nothing_to_cancel"


async def test_what_was_taken_back_is_not_taken_back_twice(ana: Citizen) -> None:
    reference = await ana.files()
    await ana.says(Withdraw, "sí", value=reference)
    steps = await ana.steps(reference)
    assert await ana.says(Withdraw, "sí", value=reference) == "utter_filed_ended"
    assert await ana.steps(reference) == steps


async def test_when_nothing_was_filed_nothing_can_be_taken_back(ana: Citizen) -> None:
    assert await ana.says(Withdraw, "quiero retirarlo") == "utter_filed_none"
