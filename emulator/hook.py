"""A webhook that notes what it gets and answers what it is told."""

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from emulator.serving import Served
from emulator.updates import SECRET_HEADER


class Hook(Served):
    """`async with Hook() as hook`, then `setWebhook(hook.url)`."""

    def __init__(self) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.secrets: set[str] = set()
        self._answers: list[int] = []

    @property
    def url(self) -> str:
        return f"{self.address}/hook"

    def answers(self, statuses: list[int]) -> None:
        """The next answers; 200 afterwards."""
        self._answers = list(statuses)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/hook", self._take, methods=["POST"])])

    async def _take(self, request: Request) -> Response:
        self.secrets.add(request.headers.get(SECRET_HEADER, ""))
        self.texts.append((await request.json())["message"]["text"])
        return Response(status_code=self._answers.pop(0) if self._answers else 200)
