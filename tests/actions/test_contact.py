"""An e-mail or a telephone number is found however it is written or said."""

from typing import Any

import pytest

from actions import context
from actions.contact import find_contact, part_contact
from actions.noted import worded_contact
from bot.services import make_services
from bot.settings import Settings
from tests.fakes import FakeEngines


@pytest.fixture(scope="module", autouse=True)
def bound(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The form's own words for things, which introduce a contact."""
    made = make_services(Settings(home=tmp_path_factory.mktemp("home")), FakeEngines(), "secret")
    unused: Any = None
    context.bind(context.Context(made.database, made.knowledge, unused, unused))


@pytest.mark.parametrize(
    ("said", "contact"),
    [
        ("Correo:ana@correo.example", "ana@correo.example"),
        ("<ana@correo.example>", "ana@correo.example"),
        ("mailto:ana@correo.example", "ana@correo.example"),
        ("ana arroba correo punto example", "ana@correo.example"),
        ("it's joe dot gomez at terra dot es", "joe.gomez@terra.es"),
        ("ana @ correo.example", "ana@correo.example"),
        ("lola guion bajo 77 arroba correo punto es", "lola_77@correo.es"),
        (
            "el correo es lucía punto vera guión 3 Arroba mail punto town punto example",
            "lucía.vera-3@mail.town.example",
        ),
        ("write to me, tom hyphen b underscore 2 AT post dot co dot uk, I am at home at six", "tom-b_2@post.co.uk"),
        ("mgarcia(arroba)outlook(punto)com", "mgarcia@outlook.com"),
        ("sue [at] mail [dot] org please", "sue@mail.org"),
        ("bruno arroba correo.example", "bruno@correo.example"),
        ("joe at terra.es", "joe@terra.es"),
        ("ana @ correo punto example", "ana@correo.example"),
        ("ana arroba correo punto es, leo arroba correo punto es", "ana@correo.es, leo@correo.es"),
        ("Es por el expediente ALD-2026-000123-K, mi teléfono es 600 123 456", "600 123 456"),
        ("tlf 600123456", "600123456"),
        ("fax 912345678 b", "912345678"),
        ("my tel 2025 55 123", "2025 55 123"),
        ("ald2026/000123k, mob 600123456", "600123456"),
        ("600 123 456 16-20 h", "600 123 456"),
        ("600123456 o si no 91 555 66 77", "600123456, 91 555 66 77"),
        ("+34 600-123-456 gracias", "+34 600-123-456"),
        ("622.333.444 pero no en la siesta", "622.333.444"),
        ("o'neill+citas@town.example.", "o'neill+citas@town.example"),
        ("ana@correo.example y 600 123 456", "600 123 456, ana@correo.example"),
    ],
)
def test_a_contact_is_found_and_nothing_else(said: str, contact: str) -> None:
    assert find_contact(said) == contact


@pytest.mark.parametrize(
    "said",
    [
        *("ana@correo,example", "a las 5", "el 112", "at the dot", "2026", "ALD-2026-000123-K", "ald 2026-12345 k"),
        "there is rubbish at the punto limpio",
        "my cat got lost at the Punto Verde, near the school",
        "dejaron una arroba de patatas junto al punto limpio",
        "be here at nine on the dot or we close",
        "the girl stood at polka dot corner",
        "el taller punto joven, at the end",
        "please have a look at town.example because it is down",
    ],
)
def test_what_is_none_is_not_taken_for_one(said: str) -> None:
    assert find_contact(said) is None


@pytest.mark.parametrize(
    ("said", "beside"),
    [
        ("600 123 456", ""),
        ("llámame al 600 123 456", ""),
        ("mi número de teléfono es el 600 123 456, gracias", ""),
        ("600123456 o si no 91 555 66 77", ""),
        ("600 123 456 16-20 h", "16-20 h"),
        ("600 123 456, mornings only", "mornings only"),
        ("call me at 600 123 456 after work", "call me at … after work"),
        ("joe dot gomez at terra dot es, después de las seis", "después de las seis"),
        ("joe at terra dot es, I am at work until six on the dot", "I am at work until six on the dot"),
        ("Ana Ruiz 600 123 456", "Ana Ruiz"),
        ("Es por el expediente ALD-2026-000123-K, mi teléfono es 600 123 456",
         "Es por el expediente ALD-2026-000123-K, mi teléfono es"),
    ],
)  # fmt: skip
def test_what_is_said_beside_a_contact_is_told_from_what_introduces_it(said: str, beside: str) -> None:
    found = part_contact(said)
    assert found is not None and found.beside == beside


@pytest.mark.parametrize(
    ("text", "contact"),
    [
        ("mi telefono es el 600123456 pero solo por las tardes", "600123456 (pero solo por las tardes)"),
        ("my phone number is 600 123 456 but please only after five", "600 123 456 (but please only after five)"),
    ],
)
def test_what_introduces_a_contact_does_not_stand_beside_it_when_more_is_said_of_it(text: str, contact: str) -> None:
    found = part_contact(text)
    assert found and worded_contact(found) == (contact, "")
