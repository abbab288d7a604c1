"""Errors are data: a code, and whether trying again makes sense. Words and statuses are looked up where they leave."""


class BotError(Exception):
    """A refusal that somebody is told about; `code` names the text `utter_system/<code>` and the HTTP status."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


class ChannelError(Exception):
    """A message did not leave, or not all of it.

    `permanent` says that trying again is of no use; `retry_after` is in seconds.
    """

    def __init__(self, code: str, *, permanent: bool, retry_after: float | None = None, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.permanent = permanent
        self.retry_after = retry_after
        self.detail = detail


class EngineError(Exception):
    """The engine gave no usable answer: none alive, too slow, or broken."""


class EngineRefused(EngineError):
    """The engine says that what it was sent is no turn. Another try would end the same."""


STATUS: dict[str, int] = {
    "message_empty": 422,
    "message_too_long": 422,
    "body_invalid": 422,
    "body_too_large": 413,
    "token_invalid": 401,
    "conversation_unknown": 404,
    "conversation_closed": 409,
    "button_unknown": 404,
    "button_expired": 409,
    "rate_limited": 429,
    "unavailable": 503,
    # the desk and the studio
    "sign_in_needed": 401,
    "sign_in_wrong": 422,
    "sign_in_wait": 429,
    "second_factor_wrong": 422,
    "password_wrong": 422,
    "sign_in_old": 403,
    "signed_out": 401,
    "own_account": 409,
    "second_factor_demanded": 403,
    "sso_away": 503,
    "sso_refused": 403,
    "sso_invalid": 403,
    "sso_unverified": 403,
    "sso_unknown": 403,
    "broken": 500,
    "forbidden": 403,
    "not_found": 404,
    "conversation_erased": 410,
    "words_erased": 409,
    "already_taken": 409,
    "not_yours": 409,
    "state_changed": 409,
    "answer_invalid": 422,
    "answer_changed": 409,
    "answer_same": 409,
    "answer_busy": 409,
    "knowledge_broken": 409,
    "versions_failed": 409,
}
