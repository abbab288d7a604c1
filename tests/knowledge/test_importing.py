"""A town fills its folder from a spreadsheet: every change shown, all rows or none, nothing cut."""

import csv
import subprocess
from pathlib import Path

import pytest

from bot.commands.towns import do_check, do_export, do_import, do_new
from bot.knowledge.files import alone
from bot.knowledge.knowledge import Knowledge
from bot.knowledge.render import render
from bot.knowledge.versions import begin
from bot.settings import Settings
from bot.setup.problems import Problem
from tests.towns import DEMO, add_pinares, copy_town

NAMES = {"es": "Ayuntamiento de Pinares de la Vega", "en": "Pinares Town Council"}
SHEET = """\
topic,title_es,title_en,answer_es,answer_en,fee_es,phone,unit_es,link_title_es,link_url,reviewed,related,examples_es
beach_towels,Toallas en la playa,Beach towels,"Puedes ponerla desde las 8:00.
1. No reserves sitio antes.
2. Recógela al irte.",From 8:00.,gratis,600 100 200,Playas,Normas,https://a.example,25/11/2026,bulky_waste,"la toalla
[reservar](x) sitio"
bulky_waste,,,Llama al 600 100 201.,Call 600 100 201.,5 €,600 100 201,Limpieza,,,2026-11-20,,
"""


@pytest.fixture
def town(tmp_path: Path) -> Settings:
    """The settings of a new town."""
    do_new(tmp_path / "pinares", "pinares", NAMES, "Europe/Madrid")
    return Settings(home=tmp_path / "var", knowledge=tmp_path / "pinares")


def put(town: Settings, text: str, name: str = "topics.csv", **how: bool) -> list[str]:
    """Import a sheet with this text; what was said."""
    file = town.knowledge.parent / name
    file.write_bytes(text.encode("utf-8"))
    return list(do_import(town, file, "", how.get("dry_run", False)))


def refused(town: Settings, text: str, name: str = "topics.csv") -> str:
    before = state(town)
    with pytest.raises(Problem) as problem:
        put(town, text, name)
    assert state(town) == before
    return problem.value.what


def state(town: Settings) -> dict[str, bytes]:
    """Every file of the town's folder."""
    files = (path for path in town.knowledge.rglob("*") if path.is_file() and ".git" not in path.parts)
    return {str(path): path.read_bytes() for path in files}


def commits(town: Settings) -> list[str]:
    told = ["git", "log", "--format=%s"]
    return subprocess.run(told, cwd=town.knowledge, capture_output=True, text=True, check=True).stdout.splitlines()


def test_a_new_town_passes_at_once_and_is_under_version_control(town: Settings) -> None:
    do_check(town)
    assert commits(town) == ["The town's folder"] and town.agency == "pinares"
    knowledge = Knowledge(town.knowledge)
    assert len(knowledge.topics) >= 73 and knowledge.agencies["pinares"].data["area"]["es"] == "Pinares de la Vega"
    assert "Los datos de esta demostración" not in knowledge.text("utter_welcome", "es")


@pytest.mark.parametrize(
    ("agency", "names", "says"),
    [("Pinares!", NAMES, "is no id"), ("pinares", {"es": "", "en": ""}, "needs a name"), ("town", NAMES, "not empty")],
)
def test_a_town_that_cannot_be_made_is_refused_in_words(
    tmp_path: Path, agency: str, names: dict[str, str], says: str
) -> None:
    if says == "not empty":
        (tmp_path / "there").mkdir()
        (tmp_path / "there" / "file").touch()
    with pytest.raises(Problem, match=says):
        do_new(tmp_path / "there", agency, names, "Europe/Madrid")


def test_a_town_that_would_not_pass_leaves_no_folder(tmp_path: Path) -> None:
    with pytest.raises(Problem, match='write for example "Europe/Madrid"'):
        do_new(tmp_path / "pinares", "pinares", NAMES, "Madrid")
    assert list(tmp_path.iterdir()) == []


def test_a_sheet_makes_new_topics_and_first_answers_in_one_commit(town: Settings) -> None:
    assert put(town, SHEET)[:2] == [
        "beach_towels «Toallas en la playa»: new topic (es+en), 2 examples",
        "bulky_waste «Recogida de muebles y enseres»: first answer here (es+en)",
    ]
    do_check(town)
    assert commits(town)[0] == "Imported topics.csv: 2 topics"
    told = render(Knowledge(town.knowledge), "utter_faq/beach_towels", "es", {}, "pinares")
    assert told.card and told.card["steps"] == ["No reserves sitio antes.", "Recógela al irte."]
    assert told.card["reviewed"] == "25/11/2026" and told.card["unit"] == "Playas"
    assert told.text.count("Ayuntamiento de Pinares") == 1
    assert "reservar(x) sitio" in (town.knowledge / "data/nlu/topics.yml").read_text()


def test_a_dry_run_says_the_same_and_writes_nothing(town: Settings) -> None:
    before = state(town)
    *said, last = put(town, SHEET, dry_run=True)
    assert state(town) == before and "nothing was written" in last
    assert said == put(town, SHEET)[:2]


def test_the_same_sheet_again_changes_nothing(town: Settings) -> None:
    put(town, SHEET)
    before = state(town)
    assert put(town, SHEET)[-1] == "2 rows imported: nothing was new."
    assert state(town) == before


@pytest.mark.parametrize("name", ["out.csv", "out.xlsx"])
def test_what_is_exported_is_what_is_imported(town: Settings, tmp_path: Path, name: str) -> None:
    put(town, SHEET)
    assert do_export(town, tmp_path / name, "") >= 74
    before = state(town)
    told = list(do_import(town, tmp_path / name, "", False))
    assert "beach_towels «Toallas en la playa»: the same answer, 2 examples" in told
    assert state(town) == before


def test_nothing_is_imported_while_an_answer_is_being_saved(town: Settings) -> None:
    town.home.mkdir(exist_ok=True)
    with alone(town.home):
        assert "an answer is being saved just now" in refused(town, SHEET)
    put(town, SHEET)


def test_what_was_changed_by_hand_gets_a_commit_of_its_own(town: Settings) -> None:
    with (town.knowledge / "data/lookup/topics.yml").open("a") as file:
        file.write("# by hand\n")
    put(town, SHEET)
    assert commits(town)[:2] == ["Imported topics.csv: 2 topics", "Changed by hand"]


def test_an_empty_cell_leaves_what_is_there(town: Settings) -> None:
    put(town, SHEET)
    said = put(town, "topic,fee_es\nbulky_waste,7 €\n", dry_run=True)
    assert said[0].endswith("changes es.fee") and said[1] == "    es.fee: «5 €» → «7 €»"
    assert put(town, "topic,fee_es\nbulky_waste,7 €\n")[0].endswith("changes es.fee")
    told = render(Knowledge(town.knowledge), "utter_faq/bulky_waste", "es", {}, "pinares")
    assert "Llama al 600 100 201." in told.text and "7 €" in told.text


WRONG = {
    "an id": ("topic,answer_es\nBeach Towels,x\n", 'row 2, topic: "Beach Towels" is no id'),
    "an id that is meant": ("topic,answer_es\nBeach Towels,x\n", "as beach_towels"),
    "no title": ("topic,answer_es\nbeach,x\n", "row 2, title_es: a new topic needs a title"),
    "a long answer": (
        f"topic,answer_es\nbulky_waste,{'a' * 1_201}\n",
        "row 2, answer_es: 1,201 characters, 1,200 at most",
    ),
    "a long fee": (f"topic,fee_es\nbulky_waste,{'9' * 4_800}\n", "row 2, fee_es: 4,800 characters, 400 at most"),
    "no address": ("topic,link_title_es,link_url\nbulky_waste,a,pinares\n", 'row 2, link_url: "pinares" is no address'),
    "a bare link": ("topic,link_url\nbulky_waste,https://a.example\n", "row 2, link_title_es: the link needs a title"),
    "no day": ("topic,reviewed\nbulky_waste,soon\n", 'row 2, reviewed: "soon" is no day, write it as 2026-11-25'),
    "related": ("topic,related\nbulky_waste,no_such\n", 'row 2, related: there is no topic "no_such"'),
    "twice": ("topic,fee_es\nbulky_waste,1\nbulky_waste,3\n", 'row 3, topic: "bulky_waste" stands in row 2 already'),
    "a column": ("topic,fee_fr\nbulky_waste,1\n", 'nobody knows the column "fee_fr"'),
    "no topics": ("title_es\nPlaya\n", 'has no column "topic"'),
    "nothing": ("", "is empty"),
    "a cell too many": ("topic,fee_es\nbulky_waste,5,50 €\n", 'row 2: "50 €" stands in no column'),
    "a column without a name": ("topic,,fee_es\nbulky_waste,lost,5 €\n", 'row 2: "lost" stands in no column'),
    "an open quote": ('topic,fee_es\nbulky_waste,"never closed\n', "is no CSV that can be read"),
}


@pytest.mark.parametrize(("text", "says"), WRONG.values(), ids=WRONG)
def test_a_row_that_is_wrong_is_told_and_nothing_is_written(town: Settings, text: str, says: str) -> None:
    assert says in refused(town, text)


def test_every_wrong_row_is_told_at_once(town: Settings) -> None:
    told = refused(town, "topic,reviewed\nbulky_waste,soon\npassport,later\n")
    assert "row 2" in told and "row 3" in told


def test_what_is_no_spreadsheet_is_refused(town: Settings) -> None:
    assert "is no XLSX" in refused(town, SHEET, "topics.xlsx")
    (town.knowledge.parent / "topics.csv").write_bytes(b"topic\n\0\xff")
    with pytest.raises(Problem, match="is no text"):
        list(do_import(town, town.knowledge.parent / "topics.csv", "", False))


def test_a_sheet_of_an_older_spreadsheet_is_read(town: Settings) -> None:
    file = town.knowledge.parent / "old.csv"
    file.write_bytes("topic;fee_es\r\nbulky_waste;año\r\n".encode("cp1252"))
    assert "no answer yet" in next(iter(do_import(town, file, "", True)))


PAGE = """<html lang="es"><script type="application/ld+json">{"@type": "FAQPage", "mainEntity": [
{"@type": "Question", "name": "¿Puedo llevar mi perro a la playa?",
 "acceptedAnswer": {"@type": "Answer", "text": "<p>Sí, de noche.</p><ul><li>Con correa</li></ul>"}}]}</script></html>"""


def test_the_questions_of_a_page_become_drafts_in_a_sheet(town: Settings) -> None:
    [said] = put(town, PAGE, "faq.html")
    sheet = town.knowledge.parent / "faq.csv"
    assert said.startswith("1 questions found") and sheet.exists()
    assert "new topic (es), 1 examples" in next(iter(do_import(town, sheet, "", True)))
    assert "marks no questions" in refused(town, "<html>nothing</html>", "other.html")


def test_a_town_that_answers_for_its_parent_leaves_the_parents_words_and_those_that_name_nobody(tmp_path: Path) -> None:
    folder = copy_town(tmp_path / "town")
    begin(folder)
    waste = folder / "data/responses/waste.yml"
    waste.write_text(waste.read_text("utf-8").replace("      agency: aldealba\n", ""), encoding="utf-8")
    add_pinares(folder)
    town = Settings(home=tmp_path / "var", knowledge=folder)
    sheet = tmp_path / "topics.csv"
    sheet.write_text("topic,answer_es\nhealth_card,En el consultorio.\nbulky_waste,En Pinares 9 €.\n", encoding="utf-8")
    list(do_import(town, sheet, "pinares", False))
    sheet.write_text("topic,answer_es\nhealth_card,En el centro de salud.\n", encoding="utf-8")
    list(do_import(town, sheet, "aldealba", False))
    knowledge = Knowledge(folder)

    def said(topic: str, agency: str) -> str:
        return render(knowledge, f"utter_faq/{topic}", "es", {}, agency).text

    assert "consultorio" in said("health_card", "pinares") and "centro de salud" in said("health_card", "aldealba")
    assert said("health_card", "riomar") == render(Knowledge(DEMO), "utter_faq/health_card", "es", {}, "riomar").text
    assert "9 €" in said("bulky_waste", "pinares") and "gratis" in said("bulky_waste", "aldealba")


def test_who_imports_something_to_learn_is_told_how_it_is_learned(town: Settings) -> None:
    assert "./ventanilla train" in put(town, SHEET)[-1]
    assert "./ventanilla train" not in put(town, "topic,fee_es\nbeach_towels,3 €\n")[-1]


def test_a_first_answer_is_due_again_a_year_after_it_was_reviewed(town: Settings) -> None:
    put(town, SHEET)
    answer = Knowledge(town.knowledge).answer("utter_faq/beach_towels", "es", "pinares")
    assert answer is not None and str(answer.date("next_review")) == "2027-11-25"


def test_examples_are_exported_in_the_language_that_they_are_in(town: Settings, tmp_path: Path) -> None:
    sheet = (
        SHEET.replace("examples_es\n", "examples_es,examples_en\n", 1)
        .replace('[reservar](x) sitio"', '[reservar](x) sitio","can I put my towel down early on the beach"')
        .replace("2026-11-20,,\n", "2026-11-20,,,\n")
    )
    put(town, sheet)
    do_export(town, tmp_path / "all.csv", "")
    with (tmp_path / "all.csv").open(encoding="utf-8-sig") as file:
        [row] = [row for row in csv.DictReader(file) if row["topic"] == "beach_towels"]
    assert row["examples_en"] == "can I put my towel down early on the beach"
    assert "can I" not in row["examples_es"] and "la toalla" in row["examples_es"]
