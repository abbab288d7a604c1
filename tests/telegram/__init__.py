"""The emulator itself, held to what Telegram has published."""
