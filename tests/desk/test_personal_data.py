"""Lists and summaries mask personal data; the opened conversation shows what was written, and names its kinds."""

from bot.conversation.conversations import Citizen, do_start
from bot.conversation.writer import Said
from bot.services import Services
from bot.states import Author, Reason
from bot.store.tables import Case, Conversation, Item
from tests.desk.clerk import Clerk

WRITTEN = "me llamo Ana, mi DNI es 12345678Z y mi teléfono 612 34 56 78"
VALUES = ("12345678Z", "612 34 56 78")


async def _asks(services: Services) -> Conversation:
    async with services.database.write() as uow:
        ana = await do_start(uow, services.writer, Citizen("web", "es", "aldealba"))
        await services.writer.do_say(uow, ana, Said(Author.CITIZEN, WRITTEN))
        case = await services.cases.do_open(uow, ana, Reason.ASKED)
        await uow.commit()
    assert not [value for value in VALUES if value in str((await _packet(services, case.id))["summary"])]
    return ana


async def _packet(services: Services, case_id: int) -> dict[str, object]:
    async with services.database.read() as session:
        return (await session.get_one(Case, case_id)).packet


async def test_lists_mask_what_the_conversation_shows(services: Services, nuria: Clerk) -> None:
    ana = await _asks(services)
    for address in ("/desk", "/desk/list?current=" + ana.id, "/desk?q=12345678Z"):
        page = (await nuria.opens(address)).text.split("<main")[-1]
        assert "mi DNI es [DNI] y mi teléfono [teléfono]" in page, address
        assert "612 34 56 78" not in page, address
    page = (await nuria.opens(f"/desk/conversations/{ana.id}")).text
    assert WRITTEN in page
    assert "Contiene: DNI, teléfono" in page


async def test_the_list_of_items_masks_too(services: Services, nuria: Clerk) -> None:
    async with services.database.write() as uow:
        uow.session.add(
            Item(
                reference="ALD-2026-000123-K",
                turn_id="t_1",
                kind="report",
                agency="aldealba",
                subject="other",
                text=WRITTEN,
                place="Calle Olmo 3, portal de Ana, 612 34 56 78",
                language="es",
            )
        )
        await uow.commit()
    page = (await nuria.opens("/desk/items")).text
    assert "ALD-2026-000123-K" in page
    assert not [value for value in VALUES if value in page]
    assert "Calle Olmo 3, portal de Ana, [teléfono]" in page
