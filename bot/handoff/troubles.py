"""What went wrong in hand-overs on this node: logged, counted, told in `/readyz` until the same part works again."""

import structlog

from bot.logs import explain
from bot.metrics import HANDOFF_FAILURES

log = structlog.get_logger()


class Troubles:
    """The last failure of each part of a hand-over."""

    def __init__(self) -> None:
        self._failed: dict[str, str] = {}

    def failed(self, part: str, error: Exception) -> None:
        """Note a failure and make it heard. To be called where the exception is handled."""
        HANDOFF_FAILURES.labels(part).inc()
        self._failed[part] = explain(error)
        log.exception("handoff.part_failed", part=part)

    def worked(self, part: str) -> None:
        """Note that the part works."""
        self._failed.pop(part, None)

    def problem(self) -> str:
        """Everything that does not work now, as `part: reason`; empty when all does."""
        return "; ".join(f"{part}: {reason}" for part, reason in sorted(self._failed.items()))
