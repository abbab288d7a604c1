"""The form of an answer as a browser holds it."""

from html.parser import HTMLParser

from tests.desk.clerk import Clerk


class Form(HTMLParser):
    """Reads the fields of the page's form `answer`; related topics are one field of several values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, str | list[str]] = {"related": []}
        self._inside = self._writing = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = dict(attrs)
        if tag == "form":
            self._inside = at.get("id") or ""
        if self._inside != "answer" or not (name := at.get("name")):
            return
        if tag == "textarea":
            self._writing = name
            self.fields[name] = ""
        elif at.get("type") != "checkbox":
            self.fields[name] = at.get("value") or ""
        elif "checked" in at:
            self.fields[name] = [*self.fields[name], at.get("value") or ""]

    def handle_data(self, data: str) -> None:
        if self._writing:
            self.fields[self._writing] = str(self.fields[self._writing]) + data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._writing = ""


async def open_form(clerk: Clerk, topic: str) -> dict[str, str | list[str]]:
    """The fields of the page that edits the topic's answer."""
    answer = await clerk.opens(f"/studio/answers/{topic}")
    assert answer.status_code == 200, answer.text
    return Form(answer.text).fields
