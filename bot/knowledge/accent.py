"""An agency's colour on light and dark pages, kept legible on both."""

import colorsys
import re

DARK_SURFACE = (0x1E, 0x21, 0x25)
LEAST = 6.5
LEAST_ON_WHITE = 4.5  # WCAG AA for text; the accent carries white letters
WHITE = (0xFF, 0xFF, 0xFF)
STEP = 0.02
Colour = tuple[int, int, int]


def accent_sheet(accent: str) -> str:
    """A style sheet with the agency's colour and the lighter one that dark pages need."""
    light = _read(accent)
    return f":root {{ --accent: {_write(light)}; --accent-dark: {_write(_lighter(light))}; }}\n"


def contrast(one: Colour, other: Colour) -> float:
    """WCAG's contrast ratio of two colours."""
    bright, dim = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (bright + 0.05) / (dim + 0.05)


def is_colour(text: str) -> bool:
    """Whether it is written as `#rrggbb`."""
    return re.fullmatch(r"#[0-9a-fA-F]{6}", text) is not None


def darker_until_legible(accent: str) -> str:
    """The colour itself when white letters can be read on it, else a darker one of its hue on which they can."""
    colour = _read(accent)
    if contrast(colour, WHITE) >= LEAST_ON_WHITE:
        return accent
    hue, light, strength = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    while contrast(colour, WHITE) < LEAST_ON_WHITE:
        light = max(0.0, light - STEP)
        red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, light, strength))
        colour = (red, green, blue)
    return _write(colour)


def _lighter(colour: Colour) -> Colour:
    """The colour made lighter, its hue and strength kept, until it is legible on a dark surface."""
    hue, light, strength = colorsys.rgb_to_hls(*(part / 255 for part in colour))
    mixed = colour
    while contrast(mixed, DARK_SURFACE) < LEAST and light < 1:
        light = min(1.0, light + STEP)
        red, green, blue = (round(part * 255) for part in colorsys.hls_to_rgb(hue, light, strength))
        mixed = (red, green, blue)
    return mixed


def _luminance(colour: Colour) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in colour]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _read(text: str) -> Colour:
    digits = text.lstrip("#")
    return int(digits[0:2], 16), int(digits[2:4], 16), int(digits[4:6], 16)


def _write(colour: Colour) -> str:
    return "#" + "".join(f"{part:02x}" for part in colour)
