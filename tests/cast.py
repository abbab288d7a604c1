"""The fixed cast: Ana and Bruno are citizens; Nuria, Olga and Omar staff of two agencies; Ada administers."""

from dataclasses import dataclass

from bot.store.database import Database
from bot.store.tables import Staff


@dataclass(frozen=True)
class Person:
    """Somebody who signs in."""

    email: str
    name: str
    role: str
    agency: str
    password: str = "una frase larga y propia"


NURIA = Person("nuria@aldealba.example", "Nuria", "staff", "aldealba")
OLGA = Person("olga@aldealba.example", "Olga", "staff", "aldealba")
OMAR = Person("omar@riomar.example", "Omar", "staff", "riomar")
ADA = Person("ada@aldealba.example", "Ada", "administrator", "aldealba")
CAST = (NURIA, OLGA, OMAR, ADA)


async def do_hire(database: Database, *people: Person) -> dict[str, Staff]:
    """Store people without passwords, for tests below the sign-in page; by first name."""
    hired = {p.name: Staff(email=p.email, name=p.name, role=p.role, agency=p.agency) for p in people or CAST}
    async with database.write() as uow:
        uow.session.add_all(hired.values())
        await uow.commit()
    return hired
