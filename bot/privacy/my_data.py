"""`/mydata`: what is kept of a citizen, as a text that she can read and as JSON."""

import json
from typing import Any

from sqlalchemy.ext.asyncio import AsyncSession

from bot.knowledge.knowledge import Knowledge
from bot.privacy.person import Kept, read_kept
from bot.privacy.secrets import Secrets
from bot.store.tables import Conversation, now

Contacts = dict[int, str | None]  # of the items, as they were given
FILES = ("mydata.txt", "mydata.json")


async def read_files(
    session: AsyncSession, knowledge: Knowledge, secrets: Secrets, conversation: Conversation
) -> dict[str, str]:
    """The two files by name, in the language of the conversation; made anew each time and stored nowhere."""
    kept = await read_kept(session, conversation)
    contacts = {item.id: secrets.reveal(item.contact) for item in kept.items}
    data = _as_data(kept, contacts)
    text = _as_text(kept, contacts, knowledge, conversation)
    return dict(zip(FILES, (text, json.dumps(data, ensure_ascii=False, indent=2)), strict=True))


def _as_data(kept: Kept, contacts: Contacts) -> dict[str, Any]:
    return {
        "made_at": now().isoformat(timespec="seconds"),
        "conversations": [
            {
                "channel": c.channel,
                "agency": c.agency,
                "language": c.language,
                "name": c.display_name,
                "began": c.created_at.isoformat(),
                "ended": c.closed_at.isoformat() if c.closed_at else None,
                "messages": [
                    {
                        "from": m.author,
                        "name": m.name,
                        "text": m.text,
                        "before_editing": m.edited_from,
                        "useful": m.useful,
                        "at": m.created_at.isoformat(),
                    }
                    for m in kept.messages
                    if m.conversation_id == c.id
                ],
                "asked_for_a_person": [
                    {"at": case.requested_at.isoformat(), "reason": case.reason, "ended_as": case.ended_as}
                    for case in kept.cases
                    if case.conversation_id == c.id
                ],
            }
            for c in kept.conversations
        ],
        "items": [_item(item, kept, contacts[item.id]) for item in kept.items],
    }


def _item(item: Any, kept: Kept, contact: str | None) -> dict[str, Any]:
    names = ("reference", "kind", "agency", "subject", "text", "place", "district", "latitude", "longitude")
    steps = [s for s in kept.steps if s.item_id == item.id]
    return {name: getattr(item, name) for name in names} | {
        "contact": contact,
        "state": item.state,
        "filed_at": item.created_at.isoformat(),
        "steps": [{"to": s.to_state, "message": s.note, "at": s.at.isoformat()} for s in steps],
    }


def _as_text(kept: Kept, contacts: Contacts, knowledge: Knowledge, conversation: Conversation) -> str:
    language = conversation.language
    agency = knowledge.agencies[conversation.agency]

    def when(at: Any) -> str:
        return str(at.astimezone(agency.zone).strftime("%Y-%m-%d %H:%M"))

    lines = [knowledge.text("utter_my_data_file", language, agency=agency.name.get(language, agency.id))]
    for one in kept.conversations:
        lines += ["", f"== {when(one.created_at)} · {one.channel} · {one.display_name or ''}".rstrip(" ·")]
        for message in kept.messages:
            if message.conversation_id == one.id:
                who = message.name or knowledge.text(f"utter_label_author_{message.author}", language)
                lines.append(f"{when(message.created_at)} {who}: {message.text}")
    for item in kept.items:
        state = knowledge.text(f"utter_item_state_{item.state}", language)
        lines += ["", f"== {item.reference} · {when(item.created_at)} · {state}", item.text]
        lines += [piece for piece in (item.place, contacts[item.id]) if piece]
    return "\n".join(lines) + "\n"
