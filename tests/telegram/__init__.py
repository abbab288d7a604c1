"""Telegram's side of the tests: an emulator of the Bot API."""
