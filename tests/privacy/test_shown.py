"""What is logged or noted about a turn carries no personal data."""

import io

import structlog

from bot import logs
from bot.privacy.mask import mask_values

SAID = "me llamo Ana, mi DNI es 12345678Z y mi teléfono 612 34 56 78"


def test_no_log_line_carries_personal_data() -> None:
    out = io.StringIO()
    logs.configure("json", "info", out)
    structlog.get_logger().info("something.happened", reason=SAID, file="/tmp/ana@example.com")
    written = out.getvalue()
    logs.configure("text", "warning")
    assert "[DNI]" in written
    assert not [piece for piece in ("12345678Z", "612 34 56 78", "ana@example.com") if piece in written]


def test_what_the_engine_found_is_stored_masked() -> None:
    assert mask_values({"entity": "email", "value": "ana@example.com", "start": 3}) == {
        "entity": "email",
        "value": "[E-MAIL]",
        "start": 3,
    }
