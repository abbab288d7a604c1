"""The page of the switch, as Ada uses it, and what everybody at the desk sees of it."""

from bot.handoff.switch import ALL
from bot.services import Services
from bot.store.tables import Event
from tests.cast import NURIA
from tests.desk.clerk import Clerk
from tests.studio.conftest import RITA, colleague

PAGE = "/studio/assistant"


async def test_an_administrator_turns_it_off_and_on_for_her_agency(ada: Clerk, services: Services) -> None:
    page = await ada.opens(PAGE)
    assert "Encendido" in page.text and "No se ha apagado nunca" in page.text
    answer = await ada.sends(PAGE, to="off", reason="Tasas <mal>")
    assert (answer.status_code, answer.headers["location"]) == (303, PAGE)
    assert services.switch.off("aldealba") and not services.switch.off("riomar")
    page = await ada.opens(PAGE)
    assert "Encender el asistente" in page.text
    assert "Ada" in page.text and "Tasas &lt;mal&gt;" in page.text
    await ada.sends(PAGE, to="on")
    assert services.switch.off("aldealba") is None
    page = await ada.opens(PAGE)
    assert page.status_code == 200 and "Tasas &lt;mal&gt;" in page.text


async def test_a_page_that_breaks_says_so_in_words(ada: Clerk, services: Services) -> None:
    async with services.database.write() as uow:
        uow.session.add(Event(kind="assistant_off", agency="aldealba", actor="operator:root", data={}))
        await uow.commit()
    page = await ada.opens(PAGE)
    assert page.status_code == 500 and page.headers["content-type"].startswith("text/html")
    assert "Algo ha fallado al preparar esta página" in page.text


async def test_everybody_at_the_desk_is_told(ada: Clerk, services: Services) -> None:
    nuria = await colleague(ada, NURIA)
    assert 'id="assistant-off"' not in (await nuria.opens("/desk")).text
    await services.switch.do_turn_off("aldealba", "operator:root", "Mantenimiento")
    for page in ("/desk", "/desk/items"):
        shown = (await nuria.opens(page)).text
        assert "El asistente está apagado" in shown and "Motivo: Mantenimiento" in shown
    rita = await colleague(ada, RITA)
    assert 'id="assistant-off"' not in (await rita.opens("/desk")).text


async def test_what_the_operator_turned_off_for_all_stays_off(ada: Clerk, services: Services) -> None:
    await services.switch.do_turn_off(ALL, "operator:root")
    page = await ada.opens(PAGE)
    assert "para todas las administraciones" in page.text and 'value="on"' not in page.text
    await ada.sends(PAGE, to="on")
    assert services.switch.off("aldealba")


async def test_staff_and_nonsense_are_refused(ada: Clerk, services: Services) -> None:
    nuria = await colleague(ada, NURIA)
    assert (await nuria.opens(PAGE)).status_code == 403
    assert (await nuria.sends(PAGE, to="off")).status_code == 403
    await ada.opens(PAGE)
    assert (await ada.sends(PAGE, to="maybe")).status_code == 422
    assert services.switch.all_off() == []
