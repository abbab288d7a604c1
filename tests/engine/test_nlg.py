"""Names on the turn channel, words everywhere else."""

import asyncio

import pytest
from rasa.shared.core.slots import TextSlot
from rasa.shared.core.trackers import DialogueStateTracker

from engine import nlg
from engine.state import EMPTY, MOST_BYTES, bounded, size

WORDS = """
responses:
  utter_faq/pool:
  - condition: [{type: slot, name: language, value: es}]
    text: La piscina abre {when}.
    custom: {steps: [Trae gorro.], facts: {fee: 3 €}, source: {title: Ordenanza 5, url: "https://x.example"}}
  - condition: [{type: slot, name: language, value: en}]
    text: The pool opens {when}.
"""


@pytest.fixture
def generate(tmp_path, monkeypatch):
    (tmp_path / "responses").mkdir()
    (tmp_path / "responses" / "pool.yml").write_text(WORDS, encoding="utf-8")
    words = nlg.read_words((tmp_path,))
    monkeypatch.setattr(nlg, "read_words", lambda: words)

    def run(name, channel, language=None, **args):
        slots = [TextSlot("language", mappings=[], initial_value=language)]
        tracker = DialogueStateTracker("x", slots)
        return asyncio.run(nlg.NameNLG().generate(name, tracker, channel, **args))

    return run


def test_the_turn_channel_gets_the_name_and_the_arguments(generate):
    message = generate("utter_faq/pool", "turn", when="hoy", text=None, buttons=[], domain_responses={"a": 1})
    assert message == {"custom": {"response": "utter_faq/pool", "args": {"when": "hoy"}}}


def test_the_shell_gets_words_in_the_language(generate):
    assert generate("utter_faq/pool", "cmdline", "en", when="today")["text"] == "The pool opens today."


def test_the_shell_sees_steps_facts_and_source(generate):
    text = generate("utter_faq/pool", "cmdline", when="hoy")["text"]
    assert text == "La piscina abre hoy.\n- Trae gorro.\nfee: 3 €\n(Ordenanza 5)"


def test_an_unknown_name_has_no_words(generate):
    assert generate("utter_nothing", "cmdline") is None


def test_a_large_state_is_cut_to_size():
    state = {
        **EMPTY,
        "slots": {"item_text": "😀" * 4000, "item_place": "a" * 4000, "language": "es"},
        "events": [{"intent": "a", "actions": []}],
    }
    cut = bounded(state)
    assert size(cut) <= MOST_BYTES and cut["events"] == [] and cut["slots"]["language"] == "es"
