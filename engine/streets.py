"""What a street looks like in words: "calle de la Luna, 5", "c/ Mayor 12", "12 Mill Street"."""

from __future__ import annotations

from typing import Any, Dict, List

from spacy.tokens import Doc, Span

KINDS_ES = (
    "calle avenida avda av plaza pza plz paseo pº camino carretera ctra ronda travesía travesia callejón callejon "
    "glorieta bulevar costanilla pasaje rambla cuesta"
).split()
KINDS_EN = ("street avenue road square lane boulevard drive st ave rd").split()
LINKS = ("de del la las los el san santa").split()
# A name in lower case ends at these: "la calle mayor está rota" is "calle mayor".
STOPS = (
    "a al apesta con da desde donde en entre es está esta están estan fue falta faltan ha hace hasta hay he huele "
    "junto lleva me muy necesita no para parece pero por porque que se sigue sin son sucia tiene y o and at has "
    "in is near of on or the to was with de del la las los el abajo arriba principal rota roto cortada llena "
    "lleno oscura oscuro mía mia mi un una every cada todos todas hoy ayer this that my our calle street cuando "
    "desde ni si sí"
).split()


# "mi calle huele mal" names no street; "mi calle Mayor 3" does.
OWNERS = {"mi", "tu", "su", "nuestra", "vuestra", "esta", "esa", "una", "cada", "cualquier", "ninguna", "toda"}


def street_patterns() -> List[List[Dict[str, Any]]]:
    """Token patterns: "calle de la Luna, 5", "c/ Mayor 12", "12 Mill Street", "Mill Street 12"."""
    name = {"IS_ALPHA": True, "LOWER": {"NOT_IN": STOPS}}
    title = {"IS_TITLE": True, "LOWER": {"NOT_IN": [*STOPS, *KINDS_ES]}}
    comma, number = {"TEXT": ",", "OP": "?"}, {"TEXT": {"REGEX": r"^\d{1,4}[A-Za-z]?$"}}
    sign = {"LOWER": {"IN": ["nº", "n", "número", "numero", "num", "number", "no", "n.º"]}, "OP": "?"}
    dot = {"TEXT": ".", "OP": "?"}
    heads = [
        [{"LOWER": {"IN": KINDS_ES}}, dot],
        [{"LOWER": {"IN": ["c", "cl"]}}, {"TEXT": {"IN": ["/", "."]}}],
        [{"LOWER": {"IN": ["c/", "c."]}}],
    ]
    links = {"LOWER": {"IN": LINKS}, "OP": "*"}
    patterns = []
    for head in heads:
        for body in ([links, name], [links, name, title], [links, title, links, title], [links, title, title, title]):
            patterns += [[*head, *body], [*head, *body, comma, sign, number]]
    kind = {"LOWER": {"IN": KINDS_EN}}
    for body in ([title], [title, title]):
        patterns += [[*body, kind], [number, comma, *body, kind], [*body, kind, comma, sign, number]]
    return patterns


def is_nameless(doc: Doc, span: Span) -> bool:
    """Whether what looks like a street is only somebody's street with the next word of the sentence."""
    owned = span.start > 0 and doc[span.start - 1].lower_ in OWNERS
    return owned and not any(token.is_title or token.like_num for token in span[1:])
