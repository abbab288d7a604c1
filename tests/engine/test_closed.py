"""A question that wants a yes or a no is told from one that wants a what, a when, a how much."""

import pytest

from engine.closed import is_closed


@pytest.mark.parametrize(
    "text",
    [
        "¿puede ir mi hijo?",
        "y mientras tanto tengo que pagarla o no?",
        "me vale para siempre?",
        "Vale. Y otra cosa, ¿se puede llevar el perro?",
        "pero hay que pagar",
        "is it free?",
        "do I have to pay meanwhile",
        "ok but can my son go instead?",
        "I work all morning. Can go my daughter to take it?",
    ],
)
def test_it_wants_a_yes_or_a_no(text: str) -> None:
    assert is_closed(text)


@pytest.mark.parametrize(
    "text",
    [
        "¿cuánto cuesta?",
        "y a qué hora abren?",
        "k tengo q llevar?",
        "¿lo pago en el banco o por internet?",
        "y por cuanto tiempo me vale?",
        "and what do I bring?",
        "is it the bus or the bike?",
        "So how long does it take?",
        "mi hijo tiene 12 años",
        "",
        "???",
    ],
)
def test_it_wants_something_else(text: str) -> None:
    assert not is_closed(text)
