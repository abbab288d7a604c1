"""Writes `docs/privacy.md`, the record of processing: python -m bot.privacy.record > docs/privacy.md"""

from bot.privacy.retention import read_days
from bot.settings import ROOT
from bot.store.tables import Table

# What a column may tell: of a citizen, of staff, or nothing about a person.
CITIZEN, STAFF, SEALED = "citizen", "staff", "sealed"
# table: (class of retention or why there is none, {column: kind}); what is not named here is technical.
PERSONAL: dict[str, tuple[str, dict[str, str]]] = {
    "conversation": (
        "closed_conversations",
        {"address": SEALED, "address_key": CITIZEN, "token_hash": CITIZEN, "display_name": CITIZEN,
         "engine_state": CITIZEN,
         "owner_id": STAFF},
    ),
    "message": ("closed_conversations", {"text": CITIZEN, "edited_from": CITIZEN, "name": STAFF, "staff_id": STAFF}),
    "turn": ("closed_conversations", {"entities": CITIZEN}),
    "handoff_case": ("closed_conversations", {"packet": CITIZEN, "taken_by": STAFF}),
    "inbox": ("technical", {"external_id": CITIZEN, "payload": CITIZEN}),
    "outbox": ("technical", {"parts_sent": CITIZEN}),
    "event": ("events", {"actor": STAFF, "data": STAFF}),
    "item": ("finished_items", {"text": CITIZEN, "place": CITIZEN, "latitude": CITIZEN, "longitude": CITIZEN,
                              "contact": CITIZEN}),
    "item_step": ("finished_items", {"actor": STAFF, "note": CITIZEN, "private_note": CITIZEN}),
    "draft": ("drafts", {"staff_id": STAFF, "text": CITIZEN}),
    "staff": ("while the account exists", {"email": STAFF, "name": STAFF, "password_hash": STAFF,
                                        "second_factor": SEALED}),
    "staff_session": ("staff_sessions", {"token_hash": STAFF, "staff_id": STAFF, "csrf": STAFF,
                                         "browser": STAFF, "address": STAFF}),
    "sign_in_try": ("an hour after the last try", {"key": STAFF}),
    "recovery_code": ("until used, or the second factor ends", {"code_hash": STAFF, "staff_id": STAFF}),
    "invitation": ("staff_sessions", {"token_hash": STAFF, "staff_id": STAFF}),
    "mark": ("as long as it is needed", {}),
    "usage": ("figures without persons, kept", {}),
    "reference_counter": ("no personal data", {}),
    "model_release": ("no personal data", {}),
    "lease": ("no personal data", {}),
}  # fmt: skip
_HEAD = """# Record of processing

What is kept about people, why, for how long, and who sees it. Written by `python -m bot.privacy.record`; not by hand.

- **Purposes**: to answer questions, to hand conversations over to people, to take suggestions and reports in, and to
  know as figures what people need.
- **Who sees it**: the staff of the agency that it was written to. On Telegram also Telegram, which carries the
  messages. Nobody else: the engine runs on the agency's own machine.
- **Rights**: `/mydata` gives a citizen what is kept of her, `/forget` erases it, in the chat itself.
- **Measures**: Telegram ids are encrypted with a key that [can be rotated](operations.md#the-key-of-the-database);
  personal data is masked in lists, notices and logs; old data
  [is erased every night](operations.md#how-long-data-is-kept).

## Tables
"""


def record() -> str:
    """The page. Raises KeyError for a table that is not in PERSONAL."""
    days = read_days(ROOT)
    lines = [_HEAD, "| Table | Of citizens | Sealed | Of staff | Technical | Kept |", "|---|---|---|---|---|---|"]
    for table in sorted(Table.metadata.sorted_tables, key=lambda found: str(found.name)):
        kept, kinds = PERSONAL[table.name]
        cells = []
        for kind in (CITIZEN, SEALED, STAFF, None):
            cells.append(", ".join(f"`{column.name}`" for column in table.columns if kinds.get(column.name) == kind))
        until = f"{days[kept]} days (`{kept}`)" if kept in days else kept
        lines.append(f"| `{table.name}` | {' | '.join(cells)} | {until} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    print(record(), end="")
