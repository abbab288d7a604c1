"""Questions that never repeat, so that nothing remembered helps: each begins or ends as none before."""

from collections.abc import Iterator
from itertools import product

from bench.parts.talk import QUESTIONS

OPENINGS = (
    "", "hola, ", "buenas, ", "buenos días, ", "perdona, ", "una duda: ", "oye, ", "por favor, ", "mira, ",
    "a ver si me ayudas, ", "disculpe, ", "hola otra vez, ", "me dijeron que aquí, ",
)  # fmt: skip
CLOSINGS = (
    "", " gracias", ", es urgente", " muchas gracias", ", es para mi madre", " porfa", ", que no lo encuentro",
    " un saludo", ", lo necesito ya", ", vivo en el centro",
)  # fmt: skip


def fresh_questions() -> Iterator[str]:
    """Three thousand of them, none as it stands in the list; neighbours are about different things."""
    for opening, closing in list(product(OPENINGS, CLOSINGS))[1:]:
        for question in QUESTIONS:
            yield f"{opening}{question}{closing}"
