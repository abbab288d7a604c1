"""What is logged or noted about a turn carries no personal data."""

import io
import time

import structlog

from bot import logs
from bot.privacy.mask import mask, mask_values

SAID = "me llamo Ana, mi DNI es 12345678Z y mi teléfono 612 34 56 78"


def test_no_log_line_carries_personal_data() -> None:
    out = io.StringIO()
    logs.configure(mask, "json", "info", out)
    structlog.get_logger().info("something.happened", reason=SAID, file="/tmp/ana@example.com")
    written = out.getvalue()
    logs.configure(mask, "text", "warning")
    assert "[DNI]" in written
    assert not [piece for piece in ("12345678Z", "612 34 56 78", "ana@example.com") if piece in written]


def test_what_the_engine_found_is_stored_masked() -> None:
    assert mask_values({"entity": "email", "value": "ana@example.com", "start": 3}) == {
        "entity": "email",
        "value": "[E-MAIL]",
        "start": 3,
    }


def test_a_list_reads_no_further_than_it_shows() -> None:
    text = f"{SAID}. " + "612 34 56 78 " * 4_000
    started = time.process_time()
    shown = mask(text, most=300)
    long = time.process_time() - started
    started = time.process_time()
    mask(text[:1_000])
    assert long < 3 * (time.process_time() - started) + 0.01
    assert shown.startswith("me llamo Ana, mi DNI es [DNI] y mi teléfono [PHONE]. [PHONE]")
    assert shown.endswith("…")
    assert not set(shown) & set("0123456789")


def test_a_piece_at_the_cut_is_covered_whole() -> None:
    text = "mi cuenta es ES91 2100 0418 4502 0005 1332 y ya"
    for most in range(14, 42):
        assert mask(text, most=most).startswith("mi cuenta es [IBAN]")
    assert mask(text, most=13) == "mi cuenta es …"
