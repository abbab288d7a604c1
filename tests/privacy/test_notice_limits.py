"""What an administrator may write into the notice, and where a citizen without JavaScript is sent."""

import copy

import pytest

from bot.knowledge.knowledge import LANGUAGES
from bot.knowledge.notice import MOST, digest_of, read_notice
from bot.services import Services
from bot.store.tables import Conversation, Item
from tests.privacy.test_notice import CONTENTS, browser, field

LONG = "2026-11-revision-juridica"  # 25 characters


def changed(**values: object) -> dict[str, object]:
    """The notice with other values, and the digest that goes with them."""
    contents = copy.deepcopy(CONTENTS) | values
    contents["digests"] = {str(contents["version"]): digest_of(contents, LANGUAGES)}
    return contents


def test_a_version_that_the_column_cannot_hold_is_refused_with_its_file() -> None:
    assert MOST == Conversation.notice_version.type.length == Item.notice_version.type.length
    with pytest.raises(ValueError, match=r"privacy/notice\.yml: version"):
        read_notice(changed(version=LONG), LANGUAGES)


@pytest.mark.parametrize("day", ["soon", "2026-13-01"])
def test_a_day_that_is_none_is_refused_with_its_file(day: str) -> None:
    with pytest.raises(ValueError, match=r"privacy/notice\.yml: valid_from"):
        read_notice(changed(valid_from=day), LANGUAGES)


async def test_mydata_typed_without_javascript_names_what_stands_on_that_page(working: Services) -> None:
    async with browser(working) as http:
        await http.post("/chat", data={"text": "un sofá"})
        form = {"csrf": field((await http.get("/")).text, "csrf")}
        page = (await http.post("/chat", data=form | {"text": "/mydata"})).text
        file = await http.post("/chat/my-data", data=form | {"file": "mydata.txt"})
    assert "Tus datos están listos" in page and 'action="/chat/my-data"' in page
    assert 'formaction="/chat/my-data"' in page, "the message's own button gives the file, too"
    assert file.status_code == 200 and file.headers["cache-control"] == "no-store"
    assert "debajo" in page.split("Tus datos están listos")[1].split("</p>")[0]
