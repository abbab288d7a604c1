"""What the API tells of a conversation is kept by nobody on the way."""

import httpx
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from bot.settings import Settings
from bot.web.headers import SecurityHeaders


async def test_no_answer_of_the_api_is_kept_by_a_cache(settings: Settings) -> None:
    path = "/api/chat/v1/conversations/c_1/messages"
    app = SecurityHeaders(Starlette(routes=[Route(path, lambda _: JSONResponse({}))]), settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://chat.example") as http:
        for asked in (path, "/api/chat/v1/nothing"):
            assert (await http.get(asked)).headers["cache-control"] == "no-store", asked
