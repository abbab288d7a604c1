"""What the methods that put nothing into a chat do: the bot, its updates, presses and settings."""

from emulator.calls import Call, Refused
from emulator.description import Json
from emulator.limits import DOWNLOAD
from emulator.methods import Answer, Handler
from emulator.updates import Webhook
from emulator.world import World

LATE = "Bad Request: query is too old and response timeout expired or query ID is invalid"
ABILITIES = {
    "can_join_groups": True, "can_read_all_group_messages": False, "supports_guest_queries": False,
    "supports_inline_queries": False, "can_connect_to_business": False, "has_main_web_app": False,
    "has_topics_enabled": False, "allows_users_to_create_topics": False, "can_manage_bots": False,
    "supports_join_request_queries": False,
}  # fmt: skip


def get_me(world: World, call: Call) -> Answer:
    """getMe"""
    return {**world.bot, **ABILITIES}


async def get_updates(world: World, call: Call) -> list[Json]:
    """getUpdates"""
    set_allowed(world, call)
    values = call.values
    timeout = float(values.get("timeout", 0))
    return await world.updates.poll(values.get("offset", 0), values.get("limit", 100), timeout)


async def set_webhook(world: World, call: Call) -> bool:
    """setWebhook, deleteWebhook"""
    if call.values.get("drop_pending_updates"):
        world.updates.forget()
    url = call.values.get("url")
    if not url:
        await world.updates.set_webhook(None)
        return True
    set_allowed(world, call)
    secret, connections = call.values.get("secret_token"), call.values.get("max_connections", 40)
    await world.updates.set_webhook(Webhook(url, secret, connections))
    return True


def set_allowed(world: World, call: Call) -> None:
    """The kinds of updates wanted from now on; left out, the last choice stays."""
    if "allowed_updates" not in call.values:
        return
    names = call.values["allowed_updates"]
    known = world.description.types["Update"].fields.keys() - {"update_id"}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise Refused(400, f"Bad Request: unknown allowed_updates {unknown}", breach=True)
    world.updates.allowed = names


def get_webhook_info(world: World, call: Call) -> Answer:
    """getWebhookInfo"""
    hook = world.updates.webhook
    info: Json = {"url": hook.url if hook else "", "has_custom_certificate": False}
    info["pending_update_count"] = len(world.updates.pending)
    if hook:
        info["max_connections"] = hook.max_connections
    if hook and hook.error:
        info |= {"last_error_date": hook.error_date, "last_error_message": hook.error}
    if world.updates.allowed:
        info["allowed_updates"] = world.updates.allowed
    return info


def answer_callback(world: World, call: Call) -> Answer:
    """answerCallbackQuery: once, in time, for a press that happened."""
    press = world.presses.get(call.values["callback_query_id"])
    if press is None:
        raise Refused(400, LATE, breach=True)
    if press.is_late or press.answer is not None:
        raise Refused(400, LATE)
    press.take({key: value for key, value in call.values.items() if key != "callback_query_id"})
    return True


def get_file(world: World, call: Call) -> Answer:
    """getFile"""
    file_id = call.values["file_id"]
    stored = world.files.get(file_id)
    if not stored:
        raise Refused(400, "Bad Request: invalid file_id")
    if stored.size > DOWNLOAD:
        raise Refused(400, "Bad Request: file is too big")
    unique = f"AQAD{file_id.removeprefix('AgACAgQAAx')}"
    base = {"file_id": file_id, "file_unique_id": unique}
    return base | {"file_size": stored.size, "file_path": stored.path}


def get_chat(world: World, call: Call) -> Answer:
    """getChat"""
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    accepted = dict.fromkeys((*gifts, "gifts_from_channels"), False)
    more = {"accent_color_id": 0, "max_reaction_count": 11, "accepted_gift_types": accepted}
    return world.chat(call.values["chat_id"]).brief | more


def leave_chat(world: World, call: Call) -> Answer:
    """leaveChat"""
    chat = world.chat(call.values["chat_id"])
    if chat.id > 0:
        raise Refused(400, "Bad Request: chat member status can't be changed in private chats")
    chat.left = True
    return True


def place(call: Call) -> str:
    """Commands are kept for each scope and language."""
    scope, language = call.values.get("scope", {"type": "default"}), call.values.get("language_code", "")
    return f"commands {sorted(scope.items())} {language}"


def set_commands(world: World, call: Call) -> Answer:
    """setMyCommands, deleteMyCommands"""
    world.settings[place(call)] = {"commands": call.values.get("commands", [])}
    return True


def get_commands(world: World, call: Call) -> Answer:
    """getMyCommands"""
    return world.settings.get(place(call), {}).get("commands", [])


def keep(world: World, call: Call) -> Answer:
    """Any other setting: kept under the method's name."""
    world.settings[call.method] = call.values
    return True


HANDLERS: dict[str, Handler] = {
    "getMe": get_me,
    "getUpdates": get_updates,
    "setWebhook": set_webhook,
    "deleteWebhook": set_webhook,
    "getWebhookInfo": get_webhook_info,
    "answerCallbackQuery": answer_callback,
    "getFile": get_file,
    "getChat": get_chat,
    "leaveChat": leave_chat,
    "setMyCommands": set_commands,
    "deleteMyCommands": set_commands,
    "getMyCommands": get_commands,
}
