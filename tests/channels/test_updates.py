"""Reading Telegram's updates: what the description says, and whatever else comes."""

import json
from typing import Any

import pytest

from bench.parts.updates import recorded, shots
from bot.channels.telegram.updates import _MEDIA, ALLOWED, hear, update_id_of
from bot.channels.telegram.webhook import _read_json
from emulator.description import load_description

CHAT = {"id": 501, "type": "private", "first_name": "Ana"}
MESSAGE: dict[str, Any] = {"message_id": 7, "date": 1, "chat": CHAT, "from": {"id": 501, "first_name": "Ana"}}
# Fields of a message that say something about it, or that are service messages whose wording does not say so.
ABOUT = frozenset(
    [
        "message_id",
        "message_thread_id",
        "direct_messages_topic",
        "from",
        "sender_chat",
        "sender_boost_count",
        "sender_business_bot",
        "sender_tag",
        "date",
        "guest_query_id",
        "business_connection_id",
        "chat",
        "forward_origin",
        "is_topic_message",
        "is_automatic_forward",
        "reply_to_message",
        "external_reply",
        "quote",
        "reply_to_story",
        "reply_to_checklist_task_id",
        "reply_to_poll_option_id",
        "via_bot",
        "guest_bot_caller_user",
        "guest_bot_caller_chat",
        "edit_date",
        "has_protected_content",
        "is_from_offline",
        "is_paid_post",
        "media_group_id",
        "author_signature",
        "paid_star_count",
        "text",
        "entities",
        "link_preview_options",
        "suggested_post_info",
        "effect_id",
        "caption",
        "caption_entities",
        "show_caption_above_media",
        "has_media_spoiler",
        "venue",
        "location",
        "new_chat_members",
        "left_chat_member",
        "new_chat_title",
        "new_chat_photo",
        "migrate_to_chat_id",
        "migrate_from_chat_id",
        "pinned_message",
        "successful_payment",
        "refunded_payment",
        "connected_website",
        "passport_data",
        "giveaway_winners",
        "reply_markup",
    ]
)


def heard(**content: Any) -> Any:
    return hear({"update_id": 1, "message": MESSAGE | content})


def test_every_field_of_a_message_is_content_a_service_message_or_known_to_be_neither() -> None:
    fields = load_description().types["Message"].fields
    unknown = [
        name
        for name, field in fields.items()
        if name not in {*_MEDIA, "contact"}
        and name not in ABOUT
        and not field.text.startswith(("Service message", "Optional. Service"))
    ]
    assert unknown == []
    assert set(ALLOWED) <= set(load_description().types["Update"].fields)


def test_recorded_updates_are_sorted() -> None:
    kinds = [hear({"update_id": 1, **update}, "VentanillaBot").kind for _, update in recorded()]
    assert {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)} == {
        "text": 5,
        "edited": 1,
        "command": 6,
        "media": 6,
        "location": 1,
        "contact": 1,
        "ignored": 7,
        "group": 1,
        "blocked": 1,
        "back": 1,
        "button": 3,
    }


def test_no_update_however_broken_is_a_failure_and_whole_texts_stay_texts() -> None:
    texts = 0
    for shot in shots(3_000, seed=4):
        update = _read_json(shot.body)
        found = hear(update)
        assert shot.kind != "no update" or update_id_of(update) is None or found.kind
        if shot.whole_text:
            texts += found.kind == "text" and update_id_of(update) == shot.update_id
    assert texts > 50


@pytest.mark.parametrize("field", ["from", "date", "entities", "reply_to_message", "via_bot", "new_field_of_next_year"])
@pytest.mark.parametrize("junk", [None, [], {}, "x", 10**30, True])
def test_what_we_do_not_need_may_be_broken_without_losing_the_text(field: str, junk: Any) -> None:
    assert heard(text="hola", **{field: junk}).text == "hola"


@pytest.mark.parametrize(
    "content",
    [
        {"text": "hola", "chat": {"id": -100, "type": "supergroup"}},
        {"text": "hola", "chat": {"id": 2**70, "type": "private"}},
        {"text": "hola", "message_id": "7"},
        {"text": ["hola"]},
        {"location": {"latitude": 91, "longitude": 0}},
        {"location": {"latitude": float("nan"), "longitude": 0}},
        {"location": {"latitude": "40", "longitude": 0}},
        {"pinned_message": MESSAGE},
    ],
)
def test_what_cannot_be_used_is_left_out(content: dict[str, Any]) -> None:
    assert heard(**content).kind == "ignored"


def test_names_have_no_hidden_characters() -> None:
    assert heard(text="hola", **{"from": {"first_name": "A\u202ena\x00\ud800", "last_name": "Gil"}}).name == "Ana Gil"


def test_no_field_that_is_kept_or_logged_has_characters_that_no_table_takes() -> None:
    junk = "a\x00\ud800"
    found = (
        heard(text="hola", **{"from": {"first_name": junk}}).name,
        heard(photo=[{}], media_group_id=junk).album,
        hear({"update_id": 1, junk: {}}).payload,
    )
    assert found == ("a", "a", "a")


def test_a_command_ends_at_any_space() -> None:
    found = heard(text="/start@VentanillaBot\n t_bulky_waste ")
    assert (found.kind, found.text, found.payload) == ("command", "/start", "t_bulky_waste")


def test_bytes_that_are_no_update_are_an_empty_one() -> None:
    for body in (
        b"",
        b"[]",
        b"\xff",
        b"[" * 100_000,
        b'{"update_id": ' + b"9" * 5_000 + b"}",
        json.dumps("x").encode(),
    ):
        assert _read_json(body) == {}
