"""The languages that everything is written in."""

LANGUAGES = ("es", "en")
