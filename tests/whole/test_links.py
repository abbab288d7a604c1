"""The widget makes links of what the pages make links of: the same table, in a real browser."""

import gzip
import json
import re

import pytest
from playwright.sync_api import Browser

from bot.settings import ROOT
from tests.web.test_links import CASES

WIDGET = ROOT / "bot" / "channels" / "web" / "static" / "widget.js"
MOST = 15 * 1024  # docs/widget.md


@pytest.mark.whole
def test_the_widget_goes_by_the_same_table(browser: Browser) -> None:
    rule = re.search(r"  const LINK = .*?\n  }\n", WIDGET.read_text(encoding="utf-8"), re.DOTALL)
    assert rule
    page = browser.new_page()
    ask = "return cases.map((c) => links(c.text, c.phones).map(([, shown, to]) => [shown, to]))"
    told = page.evaluate(f"(cases) => {{ {rule[0]} {ask} }}", CASES)
    page.close()
    assert told == [case["links"] for case in CASES], json.dumps(told, ensure_ascii=False)


def test_the_widget_is_as_small_as_its_page_says() -> None:
    assert len(gzip.compress(WIDGET.read_bytes(), 9)) < MOST
