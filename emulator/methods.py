"""What the methods that put something into a chat do."""

from collections.abc import Callable

from emulator.calls import Call, Refused
from emulator.description import Json, Upload
from emulator.heard import Chat, Heard
from emulator.limits import checked_text
from emulator.world import World

Answer = object
Handler = Callable[[World, Call], Answer]
KINDS = {"sendPhoto": "photo", "sendDocument": "document", "sendVoice": "voice"}


def send_message(world: World, call: Call) -> Answer:
    """sendMessage"""
    text, entities = checked_text(call)
    return say(world, call, {"text": text, **({"entities": entities} if entities else {})})


def send_location(world: World, call: Call) -> Answer:
    """sendLocation"""
    place = {name: call.values[name] for name in ("latitude", "longitude")}
    return say(world, call, {"location": place})


def send_file(world: World, call: Call) -> Answer:
    """sendPhoto, sendDocument, sendVoice"""
    kind = KINDS[call.method]
    return say(world, call, media(world, call, kind, call.values[kind]) | caption(call))


def send_media_group(world: World, call: Call) -> Answer:
    """sendMediaGroup"""
    group = {"media_group_id": str(world.number())}
    said = []
    for item in call.values["media"]:
        if item["type"] not in KINDS.values():
            raise Refused(400, f"Bad Request: the emulator plays no {item['type']} in albums")
        said.append(say(world, call, media(world, call, item["type"], item["media"]) | group))
    return said


def media(world: World, call: Call, kind: str, reference: object) -> Json:
    """The file of a sent message: uploaded, known by its id, or fetched from an address."""
    upload = call.file(reference)
    if not upload and reference not in world.files and not str(reference).startswith("http"):
        raise Refused(400, "Bad Request: wrong remote file identifier specified")
    upload = upload or Upload("file", b"fetched")
    stored = world.store(upload.content, upload.name)
    shapes: dict[str, object] = {
        "photo": [{**stored, "width": 800, "height": 600}],
        "document": {**stored, "file_name": upload.name},
        "voice": {**stored, "duration": 1},
    }
    return {kind: shapes[kind]}


def caption(call: Call) -> Json:
    """Caption with its entities."""
    if not call.values.get("caption"):
        return {}
    text, entities = checked_text(call, "caption")
    return {"caption": text, **({"caption_entities": entities} if entities else {})}


def copy_or_forward(world: World, call: Call) -> Answer:
    """copyMessage, forwardMessage"""
    source = world.chat(call.values["from_chat_id"]).messages.get(call.values["message_id"])
    if not source:
        raise Refused(400, "Bad Request: message to copy not found")
    kept = {"text", "entities", "photo", "document", "voice", "location", "caption", "sticker"}
    content = {key: value for key, value in source.items() if key in kept} | caption(call)
    if call.method == "copyMessage":
        return {"message_id": say(world, call, content)["message_id"]}
    origin = {"type": "user", "date": source["date"], "sender_user": source["from"]}
    return say(world, call, content | {"forward_origin": origin})


def say(world: World, call: Call, content: Json) -> Json:
    """Put a message of the bot into a chat, where the citizen hears it."""
    chat = world.chat(call.values["chat_id"])
    world.pace(chat)
    markup = call.values.get("reply_markup", {})
    content |= reply(chat, call)
    if markup.get("inline_keyboard"):
        content["reply_markup"] = markup
    if "keyboard" in markup:
        chat.keyboard = markup
    if markup.get("remove_keyboard"):
        chat.keyboard = None
    message = chat.add(world.bot, content, world.now())
    chat.actions.clear()
    chat.heard.append(Heard(message, markup))
    return message


def reply(chat: Chat, call: Call) -> Json:
    """The message that this one replies to."""
    asked = call.values.get("reply_parameters")
    if not asked:
        return {}
    original = chat.messages.get(asked["message_id"])
    if original:
        return {"reply_to_message": {k: v for k, v in original.items() if k != "reply_to_message"}}
    if asked.get("allow_sending_without_reply"):
        return {}
    raise Refused(400, "Bad Request: message to be replied not found")


def edit_text(world: World, call: Call) -> Answer:
    """editMessageText: without a markup the buttons go."""
    chat, message = editable(world, call)
    text, entities = checked_text(call)
    if "text" not in message:
        raise Refused(400, "Bad Request: there is no text in the message to edit")
    changed = {key: value for key, value in message.items() if key not in ("entities", "text")}
    changed |= {"text": text, **({"entities": entities} if entities else {})}
    return replace(world, chat, message, changed, call)


def edit_markup(world: World, call: Call) -> Answer:
    """editMessageReplyMarkup"""
    chat, message = editable(world, call)
    return replace(world, chat, message, dict(message), call)


def editable(world: World, call: Call) -> tuple[Chat, Json]:
    """The bot's own message that an edit names."""
    if "chat_id" not in call.values or "message_id" not in call.values:
        raise Refused(400, "Bad Request: message identifier is not specified", breach=True)
    chat = world.chat(call.values["chat_id"])
    message = chat.messages.get(call.values["message_id"])
    if not message:
        raise Refused(400, "Bad Request: message to edit not found")
    if message["from"]["id"] != world.bot["id"]:
        raise Refused(400, "Bad Request: message can't be edited", breach=True)
    return chat, message


def replace(world: World, chat: Chat, old: Json, new: Json, call: Call) -> Json:
    """Store an edit; one that changes nothing is refused."""
    markup = call.values.get("reply_markup", {})
    new.pop("reply_markup", None)
    if markup.get("inline_keyboard"):
        new["reply_markup"] = markup
    if new == old:
        raise Refused(
            400,
            "Bad Request: message is not modified: specified new message content and reply markup "
            "are exactly the same as a current content and reply markup of the message",
        )
    new["edit_date"] = world.now()
    chat.messages[old["message_id"]] = new
    chat.heard.append(Heard(new, markup, edited=True))
    return new


def delete_message(world: World, call: Call) -> Answer:
    """deleteMessage"""
    chat = world.chat(call.values["chat_id"])
    if not chat.messages.pop(call.values["message_id"], None):
        raise Refused(400, "Bad Request: message to delete not found")
    return True


def send_action(world: World, call: Call) -> Answer:
    """sendChatAction"""
    world.chat(call.values["chat_id"]).actions.append(call.values["action"])
    return True


HANDLERS: dict[str, Handler] = {
    "sendMessage": send_message,
    "sendLocation": send_location,
    "sendPhoto": send_file,
    "sendDocument": send_file,
    "sendVoice": send_file,
    "sendMediaGroup": send_media_group,
    "copyMessage": copy_or_forward,
    "forwardMessage": copy_or_forward,
    "editMessageText": edit_text,
    "editMessageReplyMarkup": edit_markup,
    "deleteMessage": delete_message,
    "sendChatAction": send_action,
}
