"""Writes `docs/privacy.md`, the record of processing: python -m bot.privacy.record > docs/privacy.md"""

from bot.privacy.retention import read_days
from bot.settings import ROOT
from bot.store.tables import Table

# What a column may tell: of a citizen, of staff, or nothing about a person.
CITIZEN, STAFF, SEALED = "citizen", "staff", "sealed"
# table: (class of retention or why there is none, {column: kind}).
PERSONAL: dict[str, tuple[str, dict[str, str]]] = {
    "conversation": (
        "closed_conversations",
        {"address": SEALED, "address_key": CITIZEN, "token_hash": CITIZEN, "display_name": CITIZEN,
         "engine_state": CITIZEN,
         "owner_id": STAFF},
    ),
    "message": ("closed_conversations", {"text": CITIZEN, "edited_from": CITIZEN, "name": STAFF, "staff_id": STAFF}),
    "turn": ("closed_conversations", {"entities": CITIZEN}),
    "unanswered": ("closed_conversations", {"text": CITIZEN, "done_by": STAFF}),
    "handoff_case": ("closed_conversations", {"packet": CITIZEN, "taken_by": STAFF}),
    "inbox": ("technical", {"external_id": CITIZEN, "payload": CITIZEN}),
    "outbox": ("technical", {"parts_sent": CITIZEN}),
    "event": ("events", {"actor": STAFF, "data": STAFF}),
    "item": ("finished_items", {"text": CITIZEN, "place": CITIZEN, "latitude": CITIZEN, "longitude": CITIZEN,
                              "contact": SEALED}),
    "item_step": ("finished_items", {"actor": STAFF, "note": CITIZEN, "private_note": CITIZEN}),
    "draft": ("drafts", {"staff_id": STAFF, "text": CITIZEN}),
    "staff": ("while the account exists", {"email": STAFF, "name": STAFF, "password_hash": STAFF,
                                        "second_factor": SEALED}),
    "staff_session": ("staff_sessions", {"token_hash": STAFF, "staff_id": STAFF, "csrf": STAFF,
                                         "browser": STAFF, "address": STAFF}),
    "sign_in_try": ("an hour after the last try", {"key": STAFF}),
    "recovery_code": ("until used, or the second factor ends", {"code_hash": STAFF, "staff_id": STAFF}),
    "invitation": ("staff_sessions", {"token_hash": STAFF, "staff_id": STAFF}),
    "mark": ("technical", {"name": CITIZEN}),  # a number of Telegram's; the other marks tell of no person
    "usage": ("figures without persons, kept", {}),
    "reference_counter": ("no personal data", {}),
    "model_release": ("no personal data", {}),
    "lease": ("no personal data", {}),
}  # fmt: skip
# Columns that tell nothing about a person. Each column is here or in PERSONAL: a new one has to be thought about.
TECHNICAL: dict[str, str] = {
    "conversation": (
        "id channel bot agency language state epoch unreachable unreachable_since delivered_seq start "
        "notice_version active_form misunderstood last_seq last_turn_seq waiting_messages leased_by "
        "leased_until previous_id created_at active_at closed_at erased_at"
    ),
    "message": (
        "id conversation_id seq author language client_id response topic outcome buttons card useful "
        "turn_id created_at"
    ),
    "turn": "id conversation_id message_seq outcome topic ranking tries engine_ms total_ms ended_at",
    "unanswered": "id conversation_id turn_id agency kind topic language offered at done_at",
    "handoff_case": (
        "id conversation_id agency reason priority requested_at taken_at first_reply_at ended_at "
        "ended_as"
    ),
    "inbox": "id channel conversation_id message_seq kind turn_id received_at answered_at",
    "outbox": (
        "id conversation_id channel bot message_id kind state urgency attempts error next_try_at leased_by "
        "leased_until created_at sent_at"
    ),
    "event": "id agency conversation_id kind at",
    "item": (
        "id reference turn_id conversation_id kind agency subject district notice_version language state "
        "created_at changed_at"
    ),
    "item_step": "id item_id from_state to_state at",
    "draft": "conversation_id mode at",
    "staff": "id role agency second_factor_step active created_at",
    "staff_session": "stage created_at expires_at",
    "sign_in_try": "failures locked_until at",
    "invitation": "expires_at used_at",
    "mark": "value",
    "usage": "day agency language topic outcome count",
    "reference_counter": "agency year last",
    "model_release": "name number archive sha256 size trained_on made_at released_at served_at refused",
    "lease": "name holder until",
}  # fmt: skip
_HEAD = """# Record of processing

What is kept about people, why, for how long, and who sees it. Written by `python -m bot.privacy.record`; not by hand.

- **Purposes**: to answer questions, to hand conversations over to people, to take suggestions and reports in, and to
  know as figures what people need.
- **Who sees it**: the staff of the agency that it was written to. On Telegram also Telegram, which carries the
  messages. Nobody else: the engine runs on the agency's own machine.
- **Rights**: `/mydata` gives a citizen what is kept of her, `/forget` erases it, in the chat itself. Of
  danger that no person has replied to stays, without words, name or address, that it was told, until a person closes
  it.
- **Measures**: Telegram ids and the contacts of what is filed are encrypted with a key that
  [can be rotated](operations.md#the-key-of-the-database);
  personal data is masked in lists, notices and logs; old data
  [is erased every night](operations.md#how-long-data-is-kept).

## Tables
"""

_FILES = """
## Files in the home

| File | What of persons | Kept |
|---|---|---|
| `outbox/*.jsonl` | Telegram's numbers of messages that left a moment ago | until stored, or the next start |
| `log/` | nobody's words, names, addresses or tokens | 2 MB each, and three older ones of each |
| `secrets/` | the keys | until they are rotated |
"""


def unclassified() -> list[str]:
    """What a column of every table that nobody has thought about is missing, as sentences."""
    return [
        f"{table.name}.{column.name} is of no kind: name it in PERSONAL or TECHNICAL of bot/privacy/record.py"
        for table in Table.metadata.sorted_tables
        for column in table.columns
        if column.name not in PERSONAL.get(table.name, ("", {}))[1]
        and column.name not in TECHNICAL.get(table.name, "").split()
    ]


def record() -> str:
    """The page. Raises ValueError with what `unclassified` says, if it says anything."""
    if missing := unclassified():
        raise ValueError("; ".join(missing))
    days = read_days(ROOT)
    lines = [_HEAD, "| Table | Of citizens | Sealed | Of staff | Technical | Kept |", "|---|---|---|---|---|---|"]
    for table in sorted(Table.metadata.sorted_tables, key=lambda found: str(found.name)):
        kept, kinds = PERSONAL[table.name]
        cells = []
        for kind in (CITIZEN, SEALED, STAFF, None):
            cells.append(", ".join(f"`{column.name}`" for column in table.columns if kinds.get(column.name) == kind))
        until = f"{days[kept]} days (`{kept}`)" if kept in days else kept
        lines.append(f"| `{table.name}` | {' | '.join(cells)} | {until} |")
    return "\n".join(lines) + "\n" + _FILES


if __name__ == "__main__":
    print(record(), end="")
