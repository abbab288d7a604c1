"""Updates for the webhook: recorded ones of every kind, and the same broken in every way that a seed thinks of."""

import copy
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from emulator.emulator import Emulator

Json = dict[str, Any]
HIDDEN = {"type": "hidden_user", "sender_user_name": "x", "date": 1}
TYPES = ("application/json", "application/json", "text/plain", "application/x-www-form-urlencoded")
JUNK: tuple[Callable[[random.Random], Any], ...] = (
    lambda _: None,
    lambda _: True,
    lambda _: -1,
    lambda _: 0.5,
    lambda _: 2**63,
    lambda _: 10**30,
    lambda _: float("nan"),
    lambda _: float("inf"),
    lambda _: "",
    lambda _: "x" * 9_000,
    lambda _: "\ud800 lone \udfff",
    lambda _: "\x00\u202e\u200b‮ñ😀\U0010ffff",
    lambda _: "'; DROP TABLE message; --",
    lambda _: [],
    lambda _: {},
    lambda _: [[[]], {"a": [None]}],
    lambda _: {"id": "x", "type": ["private"]},
    lambda dice: dice.randrange(10**12),
    lambda dice: nested(dice.randrange(2, 400)),
)


@dataclass(frozen=True)
class Shot:
    """One call of the webhook. `text_of` is the text that has to be stored once, when it is an unbroken one."""

    body: bytes
    kind: str
    update_id: int | None = None
    whole_text: bool = False
    secret: bool = True
    repeats: int = 0
    content_type: str = "application/json"


def recorded() -> list[tuple[str, Json]]:
    """Updates as Telegram describes them, one of each kind that citizens cause."""
    emulator = Emulator()
    ana, bea = emulator.citizen("Ana", id=501), emulator.citizen("Bea", id=502, language="en")
    sent = ana.writes("hay una farola rota en la calle Mayor 12")
    ana.edits(sent, "hay dos farolas rotas")
    for writes in (
        "/start",
        "/start t_bulky_waste",
        "/help",
        "/persona",
        "/language@VentanillaBot",
        "/",
        "hola\n\nadiós",
    ):
        ana.writes(writes)
    ana.sends_photo("mira esto")
    ana.sends_album(3)
    ana.sends_voice()
    ana.sends_sticker()
    ana.sends_document("a.pdf")
    ana.sends_contact("+34600000000")
    ana.sends_location(40.4, -3.7)
    there = bea.in_group("Vecinos")
    there.writes("/help")
    there.writes("hola a todos")
    bea.writes("where is the library?")
    bea.blocks()
    bea.unblocks()
    made = [(next(key for key in update if key != "update_id"), update) for update in emulator.updates.made]
    message = {key: value for key, value in sent.items() if key != "text"}
    return [
        *made,
        ("callback_query", {"callback_query": _press(ana.user, {**sent, "from": emulator.world.bot}, "lang.en")}),
        ("callback_query", {"callback_query": _press(ana.user, {**message, "date": 0}, "1.0")}),
        ("callback_query", {"callback_query": {"id": "9", "from": ana.user, "chat_instance": "1", "data": "1.1"}}),
        ("message", {"message": {**message, "pinned_message": sent}}),
        (
            "message",
            {"message": {**sent, "forward_origin": HIDDEN}},
        ),
        ("message", {"message": {**message, "migrate_to_chat_id": -1001}}),
        ("channel_post", {"channel_post": {**sent, "chat": {"id": -100500, "type": "channel", "title": "Canal"}}}),
        ("business_message", {"business_message": sent}),
        ("poll", {"poll": {"id": "1", "question": "¿?", "options": []}}),
    ]


def _press(user: Json, message: Json, data: str) -> Json:
    return {"id": "77", "from": user, "message": message, "chat_instance": "1", "data": data}


def shots(number: int, seed: int) -> Iterator[Shot]:
    """So many calls, the same for the same seed: whole ones, repeated ones, broken ones, and bytes that are no JSON."""
    dice = random.Random(seed)
    samples = recorded()
    for count in range(number):
        kind, sample = samples[count % len(samples)] if count < len(samples) else dice.choice(samples)
        update = copy.deepcopy(sample) | {"update_id": 800_000_000 + 3 * count + dice.randrange(3)}
        way = dice.random() if count >= len(samples) else 0.0
        if way < 0.3:
            yield _whole(update, kind, dice)
        elif way < 0.88:
            for _ in range(dice.choice((1, 1, 2, 5))):
                break_one(update, dice)
            yield Shot(_bytes(update), f"broken {kind}", _id(update), repeats=dice.choice((0, 0, 1)))
        elif way < 0.92:
            yield Shot(_bytes(update), "no secret", secret=False)
        else:
            yield _no_update(_bytes(update), dice)


def _whole(update: Json, kind: str, dice: random.Random) -> Shot:
    """As recorded, now and then twice, in an order of its own, or said to be something else than JSON."""
    message = update.get("message", {})
    text = str(message.get("text", ""))
    private = message.get("chat", {}).get("type") == "private"
    stored = private and bool(text) and not text.startswith("/")
    content = dice.choice(("application/json", "application/json", "text/plain", "application/x-www-form-urlencoded"))
    return Shot(
        _bytes(update), kind, update["update_id"], stored, repeats=dice.choice((0, 0, 1, 3)), content_type=content
    )


def _no_update(body: bytes, dice: random.Random) -> Shot:
    made = dice.choice(
        (
            body[: dice.randrange(len(body))],
            b"",
            b"[]",
            b"17",
            b'"x"',
            b"null",
            b"{" * 5_000,
            b"[" * 60_000,
            body.replace(b'"', b"\xff\xfe"),
            b'{"update_id": ' + b"9" * 5_000 + b"}",
            b'{"update_id": 1e400, "message": {}}',
            body + b" " * 70_000,
            bytes(dice.randrange(256) for _ in range(200)),
        )
    )
    return Shot(made, "no update")


def break_one(update: Json, dice: random.Random) -> None:
    """Take one place of the tree and put something else there, drop it, or add what nobody described."""
    places = list(_places(update))
    if not places:
        return
    holder, key = dice.choice(places)
    act = dice.random()
    if act < 0.2 and isinstance(holder, dict):
        del holder[key]
    elif act < 0.3 and isinstance(holder, dict):
        holder[dice.choice(("new_field", "text", "chat", "from", "data", ""))] = dice.choice(JUNK)(dice)
    else:
        holder[key] = dice.choice(JUNK)(dice)


def nested(depth: int) -> Any:
    """Lists in lists."""
    made: Any = "deep"
    for _ in range(depth):
        made = [made]
    return made


def _places(tree: Any) -> Iterator[tuple[Any, Any]]:
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield tree, key
        yield from _places(value)


def _id(update: Json) -> int | None:
    found = update.get("update_id")
    return found if isinstance(found, int) and not isinstance(found, bool) else None


def _bytes(update: Json) -> bytes:
    return json.dumps(update).encode()
