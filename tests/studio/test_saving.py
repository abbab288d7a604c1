"""Saving an answer: live, committed by its administrator, restorable; and everything that keeps it from being saved."""

import os
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.services import Services
from bot.store.tables import Event, Staff
from tests.cast import ADA, OLGA
from tests.desk.clerk import Clerk
from tests.studio.conftest import IRIS, RITA, SET_UP, colleague, git
from tests.studio.form import Form, open_form

TOPIC = "bulky_waste"
ADDRESS = f"/studio/answers/{TOPIC}"
WASTE = "data/responses/waste.yml"
NEW = "Ahora la recogida de muebles cuesta 5 €."


async def saves(clerk: Clerk, topic: str = TOPIC, **changes: str):  # type: ignore[no-untyped-def]
    """The form opened, changed and sent; names say `es_text` for `es.text`."""
    fields = await open_form(clerk, topic)
    fields |= {name.replace("_", ".", 1) if name[:3] in ("es_", "en_") else name: v for name, v in changes.items()}
    return await clerk.http.post(f"/studio/answers/{topic}", data=fields)


async def test_a_saved_answer_is_what_the_assistant_says_next(ada: Clerk, services: Services) -> None:
    answer = await saves(ada, es_text=NEW)
    assert (answer.status_code, answer.headers["location"]) == (303, ADDRESS)
    said = services.knowledge.answer(f"utter_faq/{TOPIC}", "es")
    assert said is not None and said.text == NEW
    assert "Guardada" in (await ada.opens(ADDRESS)).text


async def test_the_change_is_one_commit_of_these_lines_by_the_administrator(ada: Clerk, knowledge: Path) -> None:
    await saves(ada, es_text=NEW, summary="precio nuevo")
    assert git(knowledge, "log", "-1", "--format=%an <%ae>|%s") == (
        f"Ada <ada@aldealba.example>|Answer {TOPIC}: precio nuevo"
    )
    assert git(knowledge, "show", "--format=", "--numstat", "HEAD") == f"1\t1\t{WASTE}"
    assert git(knowledge, "status", "--porcelain") == ""


@pytest.fixture
async def beach(ada: Clerk, services: Services, knowledge: Path) -> Clerk:
    """A topic of the town's own that nobody has answered yet."""
    own = "topics:\n- {id: beach_towels, level: local, title: {es: Toallas, en: Towels}}\n"
    (knowledge / "data/lookup/topics.yml").write_text(own, encoding="utf-8")
    git(knowledge, "add", ".")
    git(knowledge, *SET_UP, "commit", "--quiet", "--message", "A topic")
    services.knowledge.reload_if_changed()
    return ada


FIRST = {f"{lang}_{name}": f"{name} {lang}" for lang in ("es", "en") for name in ("text", "source_title", "unit")}
DATES = {"reviewed": "2026-11-20", "next_review": "2027-11-20"}


async def test_a_topic_that_nobody_has_answered_opens_empty_and_gets_its_first_answer(
    beach: Clerk, services: Services, knowledge: Path
) -> None:
    assert "Toallas" in (await beach.opens("/studio")).text
    assert (await open_form(beach, "beach_towels"))["es.text"] == ""
    assert (await beach.opens("/studio/answers/beach_towels/versions")).status_code == 200
    answer = await saves(beach, "beach_towels", **FIRST, **DATES)
    assert answer.status_code == 303
    said = services.knowledge.answer("utter_faq/beach_towels", "es", "aldealba")
    assert said is not None and said.text == "text es"
    assert git(knowledge, "log", "-1", "--format=%an") == "Ada" and git(knowledge, "status", "--porcelain") == ""
    await saves(beach, "beach_towels", es_text=NEW)
    assert "Ada" in (await beach.opens("/studio/answers/beach_towels/versions")).text


async def test_a_first_answer_that_cannot_be_committed_leaves_no_file(beach: Clerk, knowledge: Path) -> None:
    (knowledge / ".git" / "index.lock").touch()
    before = sorted((knowledge / "data/responses").iterdir())
    assert (await saves(beach, "beach_towels", **FIRST, **DATES)).status_code >= 400
    assert sorted((knowledge / "data/responses").iterdir()) == before


async def test_a_town_that_is_alone_may_answer_for_its_parent_and_the_parents_words_stay(
    ada: Clerk, services: Services
) -> None:
    """Its own answers name no agency, as those of the parent do: where those stand, hers have to."""
    regional = services.knowledge.answer("utter_faq/health_card", "es", "riomar")
    answer = await saves(ada, "health_card", **FIRST, **DATES)
    assert answer.status_code == 303 and services.knowledge.problem is None
    said = services.knowledge.answer("utter_faq/health_card", "es", "aldealba")
    assert said is not None and said.text == "text es"
    assert services.knowledge.answer("utter_faq/health_card", "es", "riomar") == regional


async def test_an_event_says_who_changed_what(ada: Clerk, services: Services, knowledge: Path) -> None:
    await saves(ada, es_text=NEW)
    async with services.database.read() as session:
        event = (await session.scalars(select(Event).where(Event.kind == "answer_changed"))).one()
    assert event.agency == "aldealba"
    assert event.data == {"topic": TOPIC, "commit": git(knowledge, "rev-parse", "HEAD")}


async def test_an_earlier_version_is_listed_seen_and_restored(ada: Clerk, services: Services, knowledge: Path) -> None:
    first = git(knowledge, "rev-parse", "HEAD")
    before = await open_form(ada, TOPIC)
    await saves(ada, es_text=NEW)
    listed = (await ada.opens(f"{ADDRESS}/versions")).text
    assert "Ada" in listed and f"{ADDRESS}/versions/{first}" in listed
    shown = (await ada.opens(f"{ADDRESS}/versions/{first}")).text
    assert NEW in shown and str(before["es.text"]) in shown
    assert (await ada.sends(f"{ADDRESS}/versions/{first}")).status_code == 303
    said = services.knowledge.answer(f"utter_faq/{TOPIC}", "es")
    assert said is not None and said.text == before["es.text"]
    assert git(knowledge, "diff", first, "HEAD") == ""


async def test_other_answers_of_the_same_file_are_in_no_history(ada: Clerk) -> None:
    await saves(ada, es_text=NEW, summary="solo muebles")
    assert "solo muebles" not in (await ada.opens("/studio/answers/waste_schedule/versions")).text


async def test_two_who_edit_at_once_lose_nothing(ada: Clerk, services: Services) -> None:
    hers = await open_form(ada, TOPIC)
    other = await colleague(ada, IRIS)
    assert (await saves(other, es_text=NEW)).status_code == 303
    refused = await ada.http.post(ADDRESS, data=hers | {"es.text": "Lo que escribió Ada."})
    assert refused.status_code == 409
    assert NEW in refused.text and "Lo que escribió Ada." in refused.text
    again = await ada.http.post(ADDRESS, data=Form(refused.text).fields)
    assert again.status_code == 303
    said = services.knowledge.answer(f"utter_faq/{TOPIC}", "es")
    assert said is not None and said.text == "Lo que escribió Ada."


async def test_nothing_changed_is_told(ada: Clerk, knowledge: Path) -> None:
    before = git(knowledge, "rev-parse", "HEAD")
    answer = await saves(ada)
    assert answer.status_code == 409 and "nada distinto" in answer.text
    assert git(knowledge, "rev-parse", "HEAD") == before


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("es_text", "", "Escribe la respuesta"),
        ("en_source_title", "  ", "Di de dónde sale"),
        ("es_text", "á" * 1_201, "demasiado largo"),
        ("es_source_url", "javascript:alert(1)", "dirección completa"),
        ("es_link_url", "", "título y una dirección"),
        ("reviewed", "2026-02-31", "fecha completa"),
        ("next_review", "2020-01-01", "posterior"),
        ("related", "nothing_like_it", "ya no existe"),
    ],
)
async def test_what_is_wrong_is_named_beside_its_field(
    ada: Clerk, knowledge: Path, name: str, value: str, words: str
) -> None:
    answer = await saves(ada, **{name: value, "summary": "lo que tecleé"})
    assert answer.status_code == 422
    assert words in answer.text and "lo que tecleé" in answer.text
    assert git(knowledge, "status", "--porcelain") == ""


@pytest.mark.parametrize(
    "text",
    [
        'Con "comillas": {llaves} [corchetes] # y almohadilla',
        "- una lista\n  con sangría\n\n\ty un tabulador",
        "<script>alert(1)</script> & <b>negrita</b>",
        "2026-01-01",
        "sí",
        "😀" * 500,
        "uno\u2028dos\u202egirado\x00",
    ],
)
async def test_any_text_is_kept_and_comes_back_harmless(ada: Clerk, services: Services, text: str) -> None:
    answer = await saves(ada, es_text=text, es_fee=text.replace("\n", " ")[:100], es_steps=text)
    assert answer.status_code == 303, answer.text[:3000]
    fields = await open_form(ada, TOPIC)
    said = services.knowledge.answer(f"utter_faq/{TOPIC}", "es")
    assert said is not None and said.text == fields["es.text"]
    assert "<script>alert" not in (await ada.opens(ADDRESS)).text


async def test_a_change_by_hand_is_not_signed_by_the_administrator(ada: Clerk, knowledge: Path) -> None:
    file = knowledge / WASTE
    file.write_text(file.read_text().replace("siempre en bolsa cerrada", "en bolsa bien cerrada"))
    await saves(ada, es_text=NEW)
    assert git(knowledge, "log", "-2", "--format=%an") == "Ada\nChanged by hand"
    assert git(knowledge, "show", "--format=", "--numstat", "HEAD") == f"1\t1\t{WASTE}"


async def test_without_version_control_nothing_is_published(ada: Clerk, services: Services, knowledge: Path) -> None:
    (knowledge / ".git").rename(knowledge / "away")
    before = (knowledge / WASTE).read_bytes()
    answer = await saves(ada, es_text=NEW)
    assert answer.status_code == 409 and NEW in answer.text and "No se ha publicado nada" in answer.text
    assert (knowledge / WASTE).read_bytes() == before


async def test_a_locked_repository_puts_the_file_back(ada: Clerk, knowledge: Path) -> None:
    (knowledge / ".git" / "index.lock").touch()
    before = (knowledge / WASTE).read_bytes()
    answer = await saves(ada, es_text=NEW)
    assert answer.status_code == 409 and NEW in answer.text
    assert (knowledge / WASTE).read_bytes() == before


async def test_a_full_disk_keeps_the_old_file(ada: Clerk, knowledge: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = (knowledge / WASTE).read_bytes()

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    answer = await saves(ada, es_text=NEW)
    assert answer.status_code == 409 and "No space left" in answer.text
    assert (knowledge / WASTE).read_bytes() == before
    assert list((knowledge / "data" / "responses").glob(".*")) == []


async def test_a_broken_file_is_named_with_its_line(ada: Clerk, knowledge: Path) -> None:
    file = knowledge / WASTE
    file.write_text(file.read_text() + "\n  broken: [\n")
    answer = await ada.opens(ADDRESS)
    assert answer.status_code == 409 and "waste.yml, line" in answer.text


async def test_the_preview_is_what_the_citizen_gets(ada: Clerk) -> None:
    fields = await open_form(ada, TOPIC)
    sent = fields | {"es.text": "Una vista previa.", "es.fee": "7 €", "reviewed": "no es fecha"}
    answer = await ada.http.post(f"{ADDRESS}/preview", data=sent, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert "Una vista previa." in answer.text and "7 €" in answer.text and "Precio" in answer.text
    assert 'id="preview-es" hx-swap-oob="true"' in answer.text and 'id="preview-en"' in answer.text


async def test_the_list_searches_and_shows_what_is_due(ada: Clerk, knowledge: Path) -> None:
    found = (await ada.opens("/studio?q=sofá")).text
    assert ADDRESS in found and "/studio/answers/waste_schedule" not in found
    assert "No se ha encontrado nada" in (await ada.opens("/studio?q=zzzz")).text
    assert "/studio/answers/" not in (await ada.opens("/studio?overdue=1")).text
    await saves(ada, reviewed="2025-01-01", next_review="2025-06-01")
    assert ADDRESS in (await ada.opens("/studio?overdue=1")).text


async def test_another_agencys_answer_is_not_there(ada: Clerk) -> None:
    rita = await colleague(ada, RITA)
    assert (await rita.opens("/studio")).text.count(ADDRESS) == 0
    for path in (ADDRESS, f"{ADDRESS}/versions", f"{ADDRESS}/versions/{'0' * 40}"):
        assert (await rita.opens(path)).status_code == 404
    for path in (ADDRESS, f"{ADDRESS}/preview", f"{ADDRESS}/versions/{'0' * 40}"):
        assert (await rita.sends(path)).status_code == 404
    await rita.http.aclose()


async def test_staff_and_nobody_are_kept_out(ada: Clerk) -> None:
    olga = await colleague(ada, OLGA)
    nobody = Clerk(ada.app)
    for path in ("/studio", ADDRESS, f"{ADDRESS}/versions", f"{ADDRESS}/versions/{'0' * 40}"):
        assert (await olga.opens(path)).status_code == 403
        assert (await nobody.opens(path)).status_code == 303
    await olga.opens("/desk/items")
    for path in (ADDRESS, f"{ADDRESS}/preview", f"{ADDRESS}/versions/{'0' * 40}"):
        assert (await olga.sends(path)).status_code == 403
        assert (await nobody.sends(path)).status_code in (303, 403)
    await olga.http.aclose()
    await nobody.http.aclose()


@pytest.mark.parametrize("commit", ["0" * 40, "HEAD", "-" * 40, "main", "é" * 40])
async def test_a_version_that_never_was(ada: Clerk, commit: str) -> None:
    assert (await ada.opens(f"{ADDRESS}/versions/{commit}")).status_code == 404


@pytest.mark.parametrize(
    ("name", "signed"),
    [
        ("...", "ada@aldealba.example"),
        ("<>", "ada@aldealba.example"),
        ("\";'", "ada@aldealba.example"),
        ("\u200b", "ada@aldealba.example"),
        (". Ada, .", "Ada"),
        ("\x00Ada\x07\nAdministradora", "Ada Administradora"),
        ("Ada <eva@example.org>", "Ada eva@example.org"),
        ("Ñandú «Á»", "Ñandú «Á»"),
    ],
)
async def test_whatever_an_administrators_name_is_she_can_save(
    ada: Clerk, services: Services, knowledge: Path, name: str, signed: str
) -> None:
    if "\x00" in name and "postgresql" in services.settings.database:
        pytest.skip("PostgreSQL keeps no such name")
    async with services.database.write() as uow:
        await uow.session.execute(update(Staff).where(Staff.email == ADA.email).values(name=name))
        await uow.commit()
    answer = await saves(ada, es_text=NEW)
    assert (answer.status_code, answer.headers.get("location")) == (303, ADDRESS)
    assert git(knowledge, "log", "-1", "--format=%an <%ae>") == f"{signed} <ada@aldealba.example>"
    assert signed in (await ada.opens(f"{ADDRESS}/versions")).text


async def test_a_yearly_period_is_typed_as_people_write_it_and_kept_in_both_languages(
    ada: Clerk, services: Services, knowledge: Path
) -> None:
    answer = await saves(ada, "vehicle_tax", periods=" 1/3 – 31/12,- 15/1")
    assert answer.status_code == 303
    for language in ("es", "en"):
        said = services.knowledge.answer("utter_faq/vehicle_tax", language)
        assert said is not None and list(said.custom["periods"]) == ["03-01/12-31", "../01-15"]
    assert 'value="01/03-31/12, -15/01"' in (await ada.opens("/studio/answers/vehicle_tax")).text
    assert (await saves(ada, "vehicle_tax", periods="")).status_code == 303
    said = services.knowledge.answer("utter_faq/vehicle_tax", "es")
    assert said is not None and "periods" not in said.custom


async def test_what_is_no_period_is_told_beside_its_field_and_kept(ada: Clerk) -> None:
    answer = await saves(ada, "vehicle_tax", periods="31/02-05/11")
    assert answer.status_code == 422
    assert 'value="31/02-05/11"' in answer.text and "Escribe día y mes del principio y del final" in answer.text


async def test_a_file_with_a_wrong_period_is_named(ada: Clerk, services: Services, knowledge: Path) -> None:
    path = knowledge / "data/responses/money.yml"
    path.write_text(path.read_text().replace('periods: ["03-01/05-05"]', 'periods: ["3-1/5-5"]', 1))
    services.knowledge.reload_if_changed()
    assert "is no period of a year" in (services.knowledge.problem or "")
