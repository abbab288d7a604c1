"""What the rules find, in both languages."""

import itertools

import pytest

from engine.entities import Finder
from engine.shelves import PACKS, ROOT, folders

FINDER = Finder(folders(), ["ALD", "RIO", "EST"])
CATALAN = Finder([*folders(), ROOT / "data" / PACKS / "ca"], ["ALD"])


def found(text):
    return [(f.entity, f.value) for f in FINDER.find(text)]


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("hay una farola rota en la calle Mayor, 12", "calle Mayor, 12"),
        ("en la calle mayor hay un bache", "calle mayor"),
        ("Calle de la Luna 5", "Calle de la Luna 5"),
        ("c/ Sol nº 3", "c/ Sol nº 3"),
        ("avda. de los Molinos 14", "avda. de los Molinos 14"),
        ("en la plaza del Alba", "plaza del Alba"),
        ("the light at 12 Mill Street is broken", "12 Mill Street"),
        ("pothole on Calle San Juan 8", "Calle San Juan 8"),
    ],
)
def test_it_finds_a_street_with_its_number(text, street):
    assert ("street", street) in found(text)


@pytest.mark.parametrize(
    ("text", "street"),
    [
        ("és el carrer Sant Jaume, al costat del forn", "carrer Sant Jaume"),
        ("a l'avinguda de l'Estació 12", "avinguda de l'Estació 12"),
        ("passeig dels Til·lers núm. 7", "passeig dels Til·lers núm. 7"),
        ("en la calle Mayor, 12", "calle Mayor, 12"),
        ("el meu carrer fa pudor", None),
    ],
)
def test_a_further_language_brings_its_kinds_of_streets(text, street):
    assert [one.value for one in CATALAN.find(text) if one.entity == "street"] == ([street] if street else [])


def test_a_town_brings_kinds_of_its_own(tmp_path):
    (tmp_path / "reading").mkdir()
    (tmp_path / "reading" / "streets.yml").write_text("before: [corredera]\n", encoding="utf-8")
    text = "hay un bache en la corredera Alta 4"
    assert [one.value for one in Finder([*folders(), tmp_path], []).find(text)] == ["corredera Alta 4"]
    assert FINDER.find(text) == []


@pytest.mark.parametrize(
    "text",
    [
        "hay basura en mi calle",
        "la calle está sucia",
        "the street is dirty",
        "una calle con baches",
        "el contenedor de mi calle huele fatal",
        "en mi calle llueve dentro",
        "la calle apesta",
    ],
)
def test_it_finds_no_street_without_a_name(text):
    assert "street" not in dict(found(text))


@pytest.mark.parametrize(
    "text",
    ["ALD-2026-000123-K", "ald 2026 123 k", "mi número es ald-2026-000123-k", "ALD2026000123K", "ALD 2026 000 123 K"],
)
def test_it_reads_a_reference_however_it_is_written(text):
    assert found(text) == [("reference", "ALD-2026-000123-K")]


def test_it_reads_no_reference_of_an_unknown_agency():
    assert "reference" not in dict(found("del 2026 123 a"))


@pytest.mark.parametrize(
    ("text", "entity", "value"),
    [
        ("escríbeme a ana.lopez@correo.example", "email", "ana.lopez@correo.example"),
        ("mi móvil es 612 34 56 78", "phone", "612 34 56 78"),
        ("call me on +34 612345678", "phone", "+34 612345678"),
        ("desde el 3 de mayo de 2026", "date", "3 de mayo de 2026"),
        ("since 03/05/2026", "date", "03/05/2026"),
        ("on May 3rd", "date", "May 3rd"),
        ("no se recoge el lunes", "date", "el lunes"),
        ("me cobraron 12,50 €", "amount", "12,50 €"),
        ("I paid €1,200.50", "amount", "€1,200.50"),
        ("son 30 euros", "amount", "30 euros"),
        ("vivo en Los Molinos", "district", "molinos"),
        ("en la estacion", "district", "estacion"),
        ("I live Downtown", "district", "centro"),
        ("la farola lleva rota desde hace tres semanas", "date", "desde hace tres semanas"),
        ("me multaron el quince de mayo por la tarde", "date", "quince de mayo"),
        ("vine la semana pasada", "date", "la semana pasada"),
        ("pasó esta mañana en la plaza", "date", "esta mañana"),
        ("el lunes que viene no puedo", "date", "el lunes que viene"),
        ("two weeks ago they promised", "date", "two weeks ago"),
        ("I was there on the third of May", "date", "third of May"),
        ("they came last month and did nothing", "date", "last month"),
        ("a couple of days ago", "date", "couple of days ago"),
        ("me piden doscientos cincuenta euros", "amount", "doscientos cincuenta euros"),
        ("una multa de ochenta y cuatro euros", "amount", "ochenta y cuatro euros"),
        ("they want fifty euros", "amount", "fifty euros"),
        ("one hundred and twenty euros for a skip", "amount", "one hundred and twenty euros"),
    ],
)
def test_it_finds(text, entity, value):
    assert (entity, value) in found(text)


def test_places_are_those_of_the_text():
    text = "Molinos: calle Mayor, 12, el lunes a ana@x.example"
    assert all(text[f.start : f.end] == f.value for f in FINDER.find(text) if f.entity != "district")


def test_nothing_overlaps():
    spans = FINDER.find("calle 3 de mayo 12, 28/05/2026, 612345678, ald 2026 1 a, plaza del centro")
    assert all(a.end <= b.start for a, b in itertools.pairwise(spans))


def test_it_stands_any_text():
    for text in ("😀" * 500, "ß" * 3000, "1" * 4000, "calle " * 600, "\u0130stanbul molinos", "ﬁ calle Mayor"):
        FINDER.find(text)


@pytest.mark.parametrize(
    "text", ["hace falta una cita", "may I pay in euros", "a few euros", "la semana tiene siete días"]
)
def test_words_that_say_no_date_and_no_amount_are_left(text):
    assert not {"date", "amount"} & set(dict(found(text)))
