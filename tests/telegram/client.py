"""What several of the emulator's tests use."""

import httpx
from telegram import InlineKeyboardButton, InlineKeyboardMarkup

from emulator.description import Json
from emulator.emulator import Emulator

YES = InlineKeyboardMarkup([[InlineKeyboardButton("Sí", callback_data="yes")]])


async def raw(emulator: Emulator, method: str, **parameters: object) -> Json:
    """A call as JSON, past the client's own care."""
    async with httpx.AsyncClient() as client:
        response = await client.post(f"{emulator.base_url}{emulator.token}/{method}", json=parameters)
    answer: Json = response.json()
    assert response.status_code == answer.get("error_code", 200)
    return answer
