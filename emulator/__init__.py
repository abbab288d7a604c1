"""Telegram's side, played: an emulator of the Bot API that tests and measurements speak to."""
