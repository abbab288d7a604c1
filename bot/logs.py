"""What is written to the log: one line per event, without anybody's words, names, addresses or tokens."""

import contextlib
import logging
import re
import sys
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from typing import Any, TextIO, cast

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError
from structlog.typing import EventDict, Processor

FORMATS = ("auto", "json", "text")
LEVELS = ("debug", "info", "warning", "error")
# Libraries tell addresses at `info`, httpx with the bot's token in them. What they warn of is wanted.
_FOREIGN = ("httpx", "httpcore", "telegram", "uvicorn", "alembic", "sqlalchemy", "asyncio", "aiosqlite", "rasa_sdk")
_TELEGRAM_TOKEN = re.compile(r"(?<!\d)\d{5,12}:[A-Za-z0-9_-]{20,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=-]{6,}")
_IN_ADDRESS = re.compile(r"(?<=://)([^\s/@:]+):([^\s/@]+)@")
_NAMED = re.compile(r"(?i)\b(password|passwd|token|secret|api_key|csrf)([\"']?\s*[=:]\s*[\"']?)[^\s\"'&,;]+")
_SECRET_KEYS = re.compile(r"(?i)(^|_)(password|token|secret|authorization|cookie|csrf|api_key)$")
# The name of an event or an outcome, and an id that we made by chance: most of what is logged, and nobody's words.
_OURS = re.compile(r"[a-z_.]*|[a-z]_[A-Za-z0-9_-]{8,40}")
_DEPTH = 12
TRACE = "Traceback (most recent call last)"


def configure(mask: Callable[[str], str], format: str = "auto", level: str = "info", out: TextIO | None = None) -> None:
    """Send our own lines and those of every library through the same steps, to `out` (standard error).

    `mask` takes out of a text what names a person. `format` is one of FORMATS (`auto`: text at a terminal, JSON
    elsewhere), `level` one of LEVELS.
    """
    out = out or sys.stderr
    lines = Unfailing(out)
    as_text = format == "text" or (format == "auto" and out.isatty())
    number = getattr(logging, level.upper())
    steps: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        _without_values,
        redacted_by(mask),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    end: Processor = _text if as_text else structlog.processors.JSONRenderer(ensure_ascii=False)
    structlog.configure(
        processors=[*steps, end],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.WriteLoggerFactory(cast(TextIO, lines)),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(lines)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[structlog.stdlib.add_logger_name],
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *steps, end],
        )
    )
    logging.basicConfig(handlers=[handler], level=number, force=True)
    for name in _FOREIGN:
        logging.getLogger(name).setLevel(max(number, logging.WARNING))


class Unfailing:
    """A stream whose lines are dropped while its disk is full or its reader is gone: the work goes on without them."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, line: str) -> None:
        """Write it, if that is possible."""
        with contextlib.suppress(OSError):
            self._out.write(line)

    def flush(self) -> None:
        """Let it out, if that is possible."""
        with contextlib.suppress(OSError):
            self._out.flush()


def redacted_by(mask: Callable[[str], str]) -> Processor:
    """The last line of defence: tokens, passwords and personal data stay out of every line, whoever wrote it."""

    def redact(_: object, __: str, event: EventDict) -> EventDict:
        for key, value in event.items():
            if isinstance(value, str):
                event[key] = "…" if value and _SECRET_KEYS.search(key) else clean(value, mask)
        return event

    return redact


def clean(text: str, mask: Callable[[str], str]) -> str:
    """`text` without what opens a door or names a person."""
    if len(text) < 8 or _OURS.fullmatch(text):
        return text
    text = _TELEGRAM_TOKEN.sub("…", text)
    text = _BEARER.sub(r"\1 …", text)
    text = _IN_ADDRESS.sub(r"\1:…@", text)
    return mask(_NAMED.sub(r"\1\2…", text))


def explain(error: BaseException) -> str:
    """An exception by its kind and, where they cannot quote what somebody wrote, its words."""
    kind = type(error).__name__
    if isinstance(error, OperationalError):
        return f"{kind}: {_first_line(error.orig)}"
    if isinstance(error, DBAPIError):
        return f"{kind}: {type(error.orig).__name__} {getattr(error.orig, 'sqlstate', None) or ''}".rstrip()
    if isinstance(error, OSError) and error.strerror:
        return f"{kind}: {error.strerror}"
    return kind


def bind_message(turn_id: str | None) -> None:
    """From here on each line of this task tells which message it is about."""
    structlog.contextvars.bind_contextvars(message=turn_id or "")


def _without_values(_: object, __: str, event: EventDict) -> EventDict:
    """Exceptions as kinds and places in the code: their words may quote a citizen's."""
    error = _error_of(event.pop("exc_info", None))
    event.pop("stack_info", None)
    if TRACE in (words := str(event.get("event", ""))):
        # A library that writes its traceback as words: the lines of the code stay, what they raised does not.
        event["event"] = words.partition(TRACE)[0].strip() or "a library failed"
        event["at"] = [line.strip() for line in words.splitlines() if line.lstrip().startswith('File "')][-_DEPTH:]
    if error is not None:
        event["problem"] = _chain(error)
        event["at"] = _places(error)
    return event


def _error_of(info: object) -> BaseException | None:
    if isinstance(info, BaseException):
        return info
    if isinstance(info, tuple):
        return info[1] if isinstance(info[1], BaseException) else None
    return sys.exc_info()[1] if info else None


def _chain(error: BaseException) -> str:
    told: list[str] = []
    seen: BaseException | None = error
    while seen is not None and len(told) < 4:
        told.append(explain(seen))
        seen = seen.__cause__ or (None if seen.__suppress_context__ else seen.__context__)
    return " < ".join(told)


def _places(error: BaseException) -> list[str]:
    frames = traceback.extract_tb(error.__traceback__)[-_DEPTH:]
    return [f"{'/'.join(frame.filename.split('/')[-3:])}:{frame.lineno} {frame.name}" for frame in frames]


def _first_line(error: BaseException | None) -> str:
    return (str(error).strip().splitlines() or [""])[0]


def _text(_: object, __: str, event: MutableMapping[str, Any] | Mapping[str, Any]) -> str:
    """A line for a terminal: time, level, what happened, and what goes with it."""
    rest = dict(event)
    at, level, what = (str(rest.pop(key, "")) for key in ("timestamp", "level", "event"))
    pairs = " ".join(f"{key}={value}" for key, value in rest.items() if value not in (None, ""))
    return f"{at[11:19]} {level:<7} {what} {pairs}".rstrip()
