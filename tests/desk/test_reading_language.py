"""Pages of staff speak the language that was chosen, else the browser's, and no address answers in code."""

import pytest

from tests.desk.clerk import Clerk


@pytest.mark.parametrize(
    ("asked", "language"),
    [
        ("en-GB,en;q=0.9,es;q=0.8", "en"),
        ("es-ES,en;q=0.5", "es"),
        ("de, en;q=0.7, es;q=0.9", "es"),
        ("fr", "es"),
        ("en;q=x, *", "es"),
        ("", "es"),
    ],
)
async def test_the_first_language_of_the_browser_that_we_have(nobody: Clerk, asked: str, language: str) -> None:
    page = await nobody.opens("/desk/sign-in", **{"Accept-Language": asked})
    assert f'<html lang="{language}"' in page.text


async def test_what_was_chosen_goes_before_the_browser(nobody: Clerk) -> None:
    nobody.http.cookies.set("ventanilla_language", "es")
    assert '<html lang="es"' in (await nobody.opens("/desk/sign-in", **{"Accept-Language": "en"})).text


@pytest.mark.parametrize("path", ["/studio/topics", "/studio/a/b", "/desk/topics"])
async def test_an_address_that_is_not_there_is_a_page(ada: Clerk, path: str) -> None:
    answer = await ada.opens(path)
    assert answer.status_code == 404
    assert answer.headers["content-type"].startswith("text/html")
