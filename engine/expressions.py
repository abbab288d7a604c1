"""The shapes of what has one: e-mails, references, dates, amounts and phones, in figures and in words, Spanish and English."""

from __future__ import annotations

import re
from typing import Dict

MONTHS = (
    "enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|setiembre|octubre|noviembre|diciembre|"
    "january|february|march|april|may|june|july|august|september|october|november|december"
)
DAYS = (
    "lunes|martes|miércoles|miercoles|jueves|viernes|sábado|sabado|domingo|"
    "monday|tuesday|wednesday|thursday|friday|saturday|sunday"
)
COUNTS = (
    "un|una|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez|once|doce|trece|catorce|quince|dieci\\w+|veinte|veint[ií]\\w+|"
    "treinta|cuarenta|cincuenta|sesenta|setenta|ochenta|noventa|cien|ciento|\\w+cientos|quinientos|mil|"
    "a|an|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\\w+teen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    "hundred|thousand"
)
ORDINALS = "primero|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|eleventh|twelfth|\\w+teenth|twentieth|thirtieth"
NUMBER = rf"(?:\d+|(?:{COUNTS}|few|couple of|par de|unos|unas|varios|varias))"
SPANS_ES = "minutos?|horas?|días?|dias?|semanas?|mes(?:es)?|años?"
SPANS_EN = "minutes?|hours?|days?|weeks?|months?|years?"
IN_WORDS = rf"(?:{COUNTS})(?:[\s-]+(?:y\s+|and\s+)?(?:{COUNTS}))*"

DATE = "|".join(
    [
        r"\b\d{1,2}[/.-]\d{1,2}[/.-](?:\d{4}|\d{2})\b|\b\d{4}-\d{2}-\d{2}\b",
        rf"\b\d{{1,2}}(?:st|nd|rd|th)?\s+(?:de\s+|of\s+)?(?:{MONTHS})(?:\s+(?:del?\s+)?\d{{4}})?\b",
        rf"\b(?:{MONTHS})\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?\b",
        rf"\b(?:{ORDINALS}|{IN_WORDS})\s+(?:de|of)\s+(?:{MONTHS})\b",
        r"\b(?:hoy|ayer|anteayer|anoche|pasado mañana|today|tonight|yesterday|the day before yesterday|tomorrow|last night)\b",
        rf"\b(?:(?:el|este|pasado|próximo|on|last|next|this)\s+)?(?:{DAYS})(?:\s+(?:pasado|que viene|próximo))?\b",
        rf"\b(?:desde\s+)?hace\s+(?:ya\s+|más de\s+|casi\s+)?{NUMBER}\s+(?:{SPANS_ES})\b",
        rf"\b(?:about\s+|almost\s+|over\s+)?{NUMBER}\s+(?:{SPANS_EN})\s+ago\b",
        r"\b(?:la|el)\s+(?:semana|mes|año|fin de semana|finde)\s+(?:pasad[oa]|anterior|que viene|próxim[oa])\b",
        r"\best[ae]\s+(?:misma\s+)?(?:mañana|tarde|noche|semana|mes|año|fin de semana|finde|verano|invierno)\b",
        r"\b(?:last|next|this)\s+(?:week|month|year|weekend|morning|afternoon|evening|summer|winter)\b",
    ]
)
AMOUNT = "|".join(
    [
        r"(?:€|\beur\s?)\s?\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?",
        r"\b\d+(?:[.,]\d{3})*(?:[.,]\d{1,2})?\s?(?:€|(?:euros?|eur|pavos|céntimos|centimos|cents?)\b)",
        rf"\b{IN_WORDS}\s+(?:euros?|céntimos|centimos|cents)\b",
    ]
)
# Earlier ones win where two overlap.
EXPRESSIONS: Dict[str, str] = {
    "email": r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+",
    "reference": r"\b(?P<agency>[a-z]{3})[\s.\-–/]*(?P<year>20\d\d)[\s.\-–/]*(?P<number>\d[\d ]{0,7}\d|\d)[\s.\-–/]*(?P<check>[a-z0-9])\b",
    "date": DATE,
    "amount": AMOUNT,
    "phone": r"(?<![\w-])(?:\+|00)\d{1,3}[\s.-]?\d(?:[\s.-]?\d){5,11}\b|(?<![\w-])[6-9]\d{2}(?:[\s.-]?\d){6}\b",
}
COMPILED = {name: re.compile(expression, re.IGNORECASE) for name, expression in EXPRESSIONS.items()}
