"""Every route, tried as everybody: nothing that the table does not say, and nothing that stands outside it."""

import inspect
from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from starlette.routing import Mount

from bot.web.security import OPEN, SAFE
from tests.security.conftest import World, fits, told
from tests.security.table import TABLE, WHO

MISSING = "a route without a row in tests/security/table.py: say there what nobody, a citizen, staff … get"
STAFFS = ("/desk", "/studio")


def routes_of(app: FastAPI) -> Iterator[tuple[str, str]]:
    """Method and path of every route; files count as their folder."""
    for route in app.routes:
        if isinstance(route, Mount):
            yield "GET", route.path + "/"
            continue
        found = route.effective_route_contexts() if hasattr(route, "effective_route_contexts") else [route]
        for one in found:
            yield from ((method, one.path) for method in one.methods - {"HEAD", "OPTIONS"})


def in_table(method: str, path: str) -> bool:
    if path.endswith("/") and path.startswith("/static"):
        return any(row.path.startswith(path) for row in TABLE)
    return any(row.key == (method, path) for row in TABLE)


def test_every_route_has_its_row_and_every_row_its_route(real: FastAPI) -> None:
    known = set(routes_of(real))
    assert sorted(route for route in known if not in_table(*route)) == [], MISSING
    stale = [row.key for row in TABLE if row.key not in known and not row.path.startswith("/static/")]
    assert stale == [], "a row without a route"
    assert len({row.key for row in TABLE}) == len(TABLE), "two rows for one route"
    assert {row.path for row in TABLE if row.path.startswith(STAFFS) and row.answers[0] != "/desk/sign-in"} <= OPEN


async def test_every_route_gives_everybody_what_the_table_says(world: World) -> None:
    wrong = []
    for row in TABLE:
        for who, expected in zip(WHO, row.answers, strict=True):
            got = told(await world.tries(row, who))
            if not fits(expected, got):
                wrong.append(f"{row.method} {row.path} as {who}: {got} instead of {expected}")
    assert wrong == []


@pytest.mark.parametrize(
    "forged",
    [
        {"form": {}},
        {"form": {"csrf": "x" * 43}},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
    ids=str,
)
async def test_no_form_of_staff_is_taken_without_its_token_or_from_another_site(
    world: World, forged: dict[str, object]
) -> None:
    taken, tried = [], 0
    for row in TABLE:
        if row.method in SAFE or not row.path.startswith(STAFFS):
            continue
        made = await world._make(row, "nobody" if row.open else "administrator")
        headers = {name: str(value) for name, value in forged.items() if name != "form"}
        made.form = forged.get("form", made.form)  # type: ignore[assignment]
        answer = await world.asks(row, made, headers)
        tried += 1
        if answer.status_code != 403:
            taken.append(f"{row.method} {row.path}: {answer.status_code}")
    assert taken == []
    assert tried > 10


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}], ids=str)
async def test_another_site_cannot_write_in_the_chat_page(world: World, header: dict[str, str]) -> None:
    [row] = [row for row in TABLE if row.path == "/chat"]
    answer = await world.tries(row, "nobody", **header)
    assert answer.status_code == 403 and "set-cookie" not in answer.headers


def test_the_api_of_the_chat_reads_no_cookie(real: FastAPI) -> None:
    """Its token is in a header that no page of another site can send: a cookie would need a form's token as well."""
    from bot.channels.web import receive, send

    assert "cookie" not in inspect.getsource(receive).lower() and "cookie" not in inspect.getsource(send).lower()
