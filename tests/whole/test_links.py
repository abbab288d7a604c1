"""The widget makes links of what the pages make links of: the same table, in a real browser."""

import gzip
import json
import re

import pytest
from playwright.sync_api import Browser

from bot.channels.web.widget import joined
from tests.web.test_links import CASES

MOST = 20 * 1024  # docs/widget.md


@pytest.mark.whole
def test_the_widget_goes_by_the_same_table(browser: Browser) -> None:
    rule = re.search(r"const LINK = .*?\n}\n", joined(), re.DOTALL)
    assert rule
    page = browser.new_page()
    ask = "return cases.map((c) => links(c.text, c.phones).map(([, shown, to]) => [shown, to]))"
    told = page.evaluate(f"(cases) => {{ {rule[0]} {ask} }}", CASES)
    page.close()
    assert told == [case["links"] for case in CASES], json.dumps(told, ensure_ascii=False)


def test_the_widget_is_as_small_as_its_page_says() -> None:
    assert len(gzip.compress(joined().encode(), 9)) < MOST
