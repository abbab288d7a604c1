"""The weather: errors, delays and hanging calls that a test orders."""

from dataclasses import dataclass

from emulator.calls import Call, Refused
from emulator.description import Json

WORDING = {
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden: bot was blocked by the user",
    404: "Not Found",
    409: "Conflict: terminated by other getUpdates request",
    429: "Too Many Requests: retry after {retry_after}",
    500: "Internal Server Error",
    502: "Bad Gateway",
    504: "Gateway Timeout",
}


@dataclass
class Fault:
    """What happens to the next `times` calls of a method (`*` is any but getUpdates), after `spared` that pass."""

    method: str
    status: int = 500
    times: int = 1
    spared: int = 0
    retry_after: int | None = None
    description: str | None = None
    migrate_to: int | None = None
    chat_id: int | None = None
    hang: bool = False
    after_effect: bool = False
    body: str | None = None

    def meets(self, call: Call) -> bool:
        """Whether it strikes this call; a call that it spares is counted."""
        named = self.method == call.method or (self.method == "*" and call.method != "getUpdates")
        if not (self.times > 0 and named and self.chat_id in (None, call.chat_id)):
            return False
        if self.spared > 0:
            self.spared -= 1
            return False
        return True

    def refusal(self) -> Refused:
        """The error as Telegram would answer it."""
        parameters: Json = {}
        if self.retry_after is not None:
            parameters["retry_after"] = self.retry_after
        if self.migrate_to is not None:
            parameters["migrate_to_chat_id"] = self.migrate_to
        wording = self.description or WORDING.get(self.status, "Error")
        text = wording.format(retry_after=self.retry_after or 0)
        return Refused(self.status, text, parameters=parameters or None)
