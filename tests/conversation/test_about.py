"""What a reply to an older message does to what the dialogue remembers."""

import json

from bot.turns.meanwhile import about

STATE = {"v": 1, "slots": {"topics": json.dumps([["passport", "id_card"], ["bulky_waste"]]), "offered": "[]", "x": 1}}


def test_the_topic_of_the_quoted_message_is_the_last_one_and_nothing_is_offered() -> None:
    made = about(STATE, "bulky_waste")
    assert made and made["slots"]["x"] == 1
    assert json.loads(made["slots"]["topics"]) == [["bulky_waste"], ["passport", "id_card"]]
    assert made["slots"]["offered"] is None


def test_without_a_topic_or_a_state_nothing_changes() -> None:
    assert about(STATE, None) is STATE
    assert about(None, "passport") is None
