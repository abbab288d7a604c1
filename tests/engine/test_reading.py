"""What a message means in its situation. What it looks like by itself is given here: nothing that was learned is tried."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any, Dict, List, Optional

import pytest
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.utils.io import read_yaml_file

from engine.acts import ACT, DANGER, SAME, acts_of, kinds_of
from engine.alarm import HIDDEN, PERHAPS, SURE_DANGER
from engine.cards import Cards
from engine.gate import Gate
from engine.reading import Reader, Reading, clauses_of
from engine.situation import CHOOSE, FORM, Offer, Situation
from engine.topics import announce, ranking_of
from tests.engine.conftest import ROOT

Labels = Dict[str, float]
ANSWERS = """
responses:
  utter_faq/pool:
  - condition: [{type: slot, name: language, value: es}]
    text: It opens in June. Three months.
    custom: {steps: [Bring a cap.], facts: {fee: €3, hours: 10-20}, related: [gym]}
  utter_faq/passport:
  - condition: [{type: slot, name: language, value: es}]
    text: Book first.
    custom: {facts: {fee: €30}}
  utter_faq/gym:
  - text: Always open.
  utter_faq/sofa:
  - text: Ring us.
"""
TITLES = "topics:\n- {id: pool, title: {es: Swimming pool}}\n- {id: passport, title: {es: Passport}}\n"
TOPICS = ("faq/pool", "faq/passport", "faq/gym", "faq/sofa")
SLOTS = ("item_text", "item_place", "item_contact", "item_confirm")
LATER = Situation(later=True)
POOL = Situation(topics=("pool",), later=True)
OFFERED = Situation(offered=(Offer("/faq/pool", "Pool"), Offer("/faq/gym", "Gym")), later=True)
FILED = Situation(filed=True, later=True)
WAITING = Situation(people="waiting", later=True)
NEEDS = Situation(filed=True, needs="ALD-2026-000001-K", later=True)
PARTS = {
    "fee": {"fact:fee": 0.9, "text": 0.05, "step": 0.03, "fact:hours": 0.02},
    "next": {"step": 0.9, "text": 0.05, "fact:fee": 0.03, "fact:hours": 0.02},
    "hours": {"fact:hours": 0.9, "text": 0.05, "step": 0.03, "fact:fee": 0.02},
}
PARTS = {
    act: {**dict.fromkeys(("fact:deadline", "fact:documents", "fact:where", "fact:phone", "none"), 0.001), **kinds}
    for act, kinds in PARTS.items()
}


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("town")
    for name, words in (("responses/a.yml", ANSWERS), ("lookup/topics.yml", TITLES)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(words, encoding="utf-8")
    return Reader(Cards(folder), lambda text, passages: None)


def alone(text: str, labels: Labels, hidden: float = 0.0) -> Dict[str, Any]:
    """What the engine's components say of a message by itself; what is left of the labels' sum goes to all the others."""
    others = [label for label in (*TOPICS, *(f"faq/other_{number}" for number in range(16))) if label not in labels]
    left = max(1.0 - sum(labels.values()), 1e-6)
    told = [*labels.items(), *((label, left / len(others)) for label in others)]
    message, acts = Message({"text": text, "entities": []}), acts_of(told)
    announce(message, ranking_of(told))
    Gate({"threshold": 0.75}).process([message])
    danger = {"danger": labels.get(DANGER, 0.0), "hidden_danger": hidden}
    parsed = {**message.as_dict(), "text": text, "acts": acts, "parts": kinds_of(acts, PARTS), **danger}
    if parsed["intent"]["name"] == "faq":  # Rasa writes it there after the components
        best = parsed["intent_ranking"][0]["name"]
        parsed["intent"] = {**parsed["intent"], "full_retrieval_intent_name": best}
    return parsed


class Heard:
    """Reads one message and remembers what else was understood and pressed for it."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.asked: List[str] = []
        self.pressed: List[str] = []
        self.gone: List[str] = []

    def __call__(
        self,
        labels: Labels,
        situation: Situation = LATER,
        text: str = "these words here",
        hidden: float = 0.0,
        others: Optional[Dict[str, Labels]] = None,
    ) -> Reading:
        """`others` are the labels of other words that are understood on the way; those of the message stand for the rest."""

        async def understand(words: str) -> Dict[str, Any]:
            self.asked.append(words)
            return alone(words, (others or {}).get(words, labels))

        def press(payload: str) -> Optional[Dict[str, Any]]:
            if payload in self.gone:
                return None
            self.pressed.append(payload)
            return {**alone(text, {}), "intent": {"name": "pressed", "confidence": 1.0}}

        return asyncio.run(self.reader.read(alone(text, labels, hidden), situation, understand, press))


@pytest.fixture
def heard(reader: Reader) -> Heard:
    return Heard(reader)


def names(reading: Reading) -> List[str]:
    intents = [parsed["intent"] for parsed in reading.parsed]
    return [intent.get("full_retrieval_intent_name") or intent["name"] for intent in intents]


def name(reading: Reading) -> str:
    [only] = names(reading)
    return only


def carried(reading: Reading) -> Dict[str, str]:
    """The entities with which the first message goes on."""
    return {entity["entity"]: entity["value"] for entity in reading.parsed[0]["entities"]}


LEAVING = {"cancel", "ask_human", "report_problem", "make_complaint", "make_suggestion", DANGER}


def form_of(slot: str = "item_place", **more: Any) -> Situation:
    return Situation(slot=slot, later=True, **more)


# -- what is possible


@pytest.mark.parametrize(
    ("act", "where", "elsewhere"),
    [
        ("number", FILED, LATER),
        ("withdraw", FILED, POOL),
        ("which", FILED, WAITING),
        ("wait_time", WAITING, FILED),
        ("note", WAITING, LATER),
        ("safe", WAITING, LATER),
        ("repeat", POOL, LATER),
    ],
)
def test_what_she_does_is_heard_where_it_can_be_done_and_nowhere_else(
    heard: Heard, act: str, where: Situation, elsewhere: Situation
) -> None:
    labels = {ACT + act: 0.8}
    assert name(heard(labels, where)) == act
    assert name(heard(labels, elsewhere)) != act


@pytest.mark.parametrize(
    ("act", "where"),
    [
        pytest.param("number", FILED),
        pytest.param("wait_time", WAITING),
        pytest.param("presence", LATER),
        ("number", Situation(topics=("pool",), filed=True, later=True)),
        ("repeat", POOL),
    ],
)
def test_what_she_does_is_heard_though_one_topic_has_all_the_rest(heard: Heard, act: str, where: Situation) -> None:
    assert name(heard({ACT + act: 0.9, "faq/gym": 0.09}, where)) == act


def test_of_a_first_message_what_its_words_say_is_believed(heard: Heard) -> None:
    assert name(heard({"faq/pool": 0.9}, Situation())) == "faq/pool"
    assert name(heard({"faq/pool": 0.3, "faq/gym": 0.3}, Situation())) == "nlu_fallback"


@pytest.mark.parametrize("act", ["text", "again_filed"])
def test_who_tells_what_is_wrong_out_of_the_blue_begins_a_report(heard: Heard, act: str) -> None:
    assert name(heard({ACT + act: 0.7, "faq/pool": 0.1}, LATER)) == "report_problem"
    assert name(heard({ACT + act: 0.6, "make_complaint": 0.2}, LATER)) == "make_complaint"


def situations() -> Dict[str, Situation]:
    all_of_it = Situation(topics=("pool", "gym"), offered=OFFERED.offered, filed=True, people="waiting", later=True)
    one = Situation(offered=OFFERED.offered[:1], later=True)
    return {"nothing before": Situation(), "everything before": all_of_it, "one thing was offered": one}


@pytest.fixture(scope="module")
def ruled() -> set:
    """The intents with which a rule begins."""
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    rules = [rule for file in files for rule in read_yaml_file(file)["rules"]]
    return {step["intent"] for rule in rules for step in rule["steps"] if "intent" in step}


@pytest.mark.parametrize("where", situations())
@pytest.mark.parametrize("share", [0.95, 0.55, 0.3])
def test_whatever_she_does_somebody_knows_what_to_do(heard: Heard, ruled: set, where: str, share: float) -> None:
    """Every act that is possible, sure or not, comes to an intent that a rule begins with."""
    own = {act: label for label, act in SAME.items()}
    for act in sorted(situations()[where].possible() - CHOOSE - {"topic"}):
        labels = {own.get(act, ACT + act): share}
        known = {one.split("/")[0] for one in names(heard(labels, situations()[where]))}
        assert known <= ruled, act


@pytest.mark.parametrize(
    ("act", "share", "gone"),
    [
        ("choose_second", 0.9, False),
        pytest.param("choose_third", 0.9, False),  # two were offered
        pytest.param("choose_second", 0.9, True),
        pytest.param("choose_last", 0.9, True),
        ("choose_first", 0.3, False),
    ],
)
def test_a_choice_that_there_is_not_is_asked_back(heard: Heard, ruled: set, act: str, share: float, gone: bool) -> None:
    heard.gone = ["/faq/pool", "/faq/gym"] if gone else []
    assert name(heard({ACT + act: share}, OFFERED)).split("/")[0] in {*ruled, "pressed"}


# -- what was asked and offered


def test_a_yes_to_what_was_asked_presses_its_button(heard: Heard) -> None:
    asked = Situation(asked="/ask_human", later=True)
    assert name(heard({"affirm": 0.9}, asked)) == "pressed" and heard.pressed == ["/ask_human"]


def test_a_yes_that_nobody_asked_for_presses_nothing(heard: Heard) -> None:
    assert name(heard({"affirm": 0.9}, LATER)) == "affirm" and heard.pressed == []


def test_a_yes_to_what_is_gone_is_a_yes(heard: Heard) -> None:
    heard.gone = ["/faq/gone"]
    assert name(heard({"affirm": 0.9}, Situation(asked="/faq/gone", later=True))) == "affirm"


def test_a_no_to_what_was_asked_presses_nothing(heard: Heard) -> None:
    assert name(heard({"deny": 0.9}, Situation(asked="/ask_human", later=True))) == "deny" and heard.pressed == []


def test_what_only_resembles_a_yes_takes_nothing_back(heard: Heard) -> None:
    asked = Situation(asked='/withdraw{"value": "ALD-2026-000001-K"}', filed=True, later=True)
    heard({"affirm": 0.25, "deny": 0.2, "act/note": 0.2, "act/ack": 0.2}, asked)
    assert heard.pressed == []


@pytest.mark.parametrize(
    ("act", "share", "pressed"),
    [
        ("choose_first", 0.9, ["/faq/pool"]),
        ("choose_second", 0.9, ["/faq/gym"]),
        ("choose_last", 0.9, ["/faq/gym"]),
        ("choose_third", 0.9, []),
        ("choose_first", 0.3, []),
    ],
)
def test_words_choose_by_place_among_what_was_offered(heard: Heard, act: str, share: float, pressed: list) -> None:
    rest = (0.98 - share) / 3
    heard({ACT + act: share, "act/ack": rest, "affirm": rest, "thank": rest}, OFFERED)
    assert heard.pressed == pressed


def test_nothing_is_chosen_when_nothing_was_offered(heard: Heard) -> None:
    assert name(heard({"act/choose_second": 0.9, "faq/pool": 0.05}, LATER)) != "pressed"


# -- questions after an answer


@pytest.mark.parametrize(("act", "part"), [("fee", "fact:fee"), ("hours", "fact:hours"), ("next", "step:0")])
def test_a_question_about_the_last_answer_gets_its_part_and_the_topic_stays(heard: Heard, act: str, part: str) -> None:
    behind = {"Swimming pool. and that?": {"faq/pool": 0.9}}
    reading = heard({ACT + act: 0.8, "faq/passport": 0.1}, POOL, "and that?", others=behind)
    assert name(reading) == "ask_part" and carried(reading)["topic"] == "pool"
    first, *others = carried(reading)["parts"].split(",")
    assert first.startswith(f"{part}:") and len(others) <= 1


def test_it_is_said_when_the_answer_does_not_say_what_is_asked(heard: Heard) -> None:
    passport = Situation(topics=("passport",), later=True)
    assert "unsaid" in carried(heard({"act/hours": 0.9}, passport)), "the passport's answer has no hours"
    assert "unsaid" not in carried(heard({"act/hours": 0.9}, POOL))
    assert "unsaid" not in carried(heard({"act/fee": 0.9}, passport))


def test_the_words_nearest_to_the_question_are_the_part(reader: Reader) -> None:
    near = Heard(Reader(reader.cards, lambda text, passages: [float("months" in one) for one in passages]))
    reading = near({"act/case": 0.8, "faq/passport": 0.1}, POOL)
    assert carried(reading)["parts"].startswith("text:1:")


@pytest.mark.parametrize("share", [0.99, 0.9])
def test_a_new_topic_that_is_sure_by_itself_is_answered_whatever_was_answered_before(
    heard: Heard, share: float
) -> None:
    behind = {"Swimming pool. these words here": {"faq/passport": 0.8, "faq/pool": 0.15}}
    assert name(heard({"faq/passport": share, "faq/pool": 0.001}, POOL, others=behind)) == "faq/passport"


def test_what_is_sure_by_itself_is_not_understood_a_second_time(heard: Heard) -> None:
    heard({"faq/passport": 0.99}, POOL)
    assert heard.asked == []
    heard({"faq/passport": 0.6}, POOL)
    assert heard.asked == ["Swimming pool. these words here"]


def test_the_last_topic_asked_for_by_its_name_is_a_question_about_it(heard: Heard) -> None:
    assert name(heard({"faq/pool": 0.9, "act/hours": 0.05}, POOL)) == "ask_part"


def test_what_the_last_answer_names_is_likelier_than_what_it_does_not(heard: Heard) -> None:
    torn = {"faq/gym": 0.42, "faq/sofa": 0.42}
    ranked = [entry["name"] for entry in heard(torn, POOL).parsed[0]["intent_ranking"]]
    assert ranked.index("faq/gym") < ranked.index("faq/sofa")


def test_who_goes_back_to_an_earlier_answer_is_told_its_part(heard: Heard) -> None:
    before = Situation(topics=("pool", "passport"), later=True)
    labels = {"act/earlier": 0.5, "act/fee": 0.3, "faq/passport": 0.19}
    reading = heard(labels, before)
    assert (name(reading), carried(reading)["topic"]) == ("ask_part", "passport")


def test_a_question_after_two_answers_may_be_about_either(heard: Heard) -> None:
    both = Situation(topics=("passport", "pool"), together=2, later=True)
    for topic in ("pool", "passport"):
        reading = heard({"act/fee": 0.6, f"faq/{topic}": 0.35}, both)
        assert (name(reading), carried(reading)["topic"]) == ("ask_part", topic)
    assert heard.asked[0] == "Passport. Swimming pool. these words here"


def test_a_question_after_an_offer_is_about_what_was_offered_first(heard: Heard) -> None:
    assert name(heard({"act/fee": 0.9}, OFFERED)) in ("ask_part", "faq/pool")


def test_an_answer_without_words_here_is_said_whole_by_the_counter(heard: Heard) -> None:
    assert name(heard({"act/fee": 0.8, "faq/gone": 0.15}, Situation(topics=("gone",), later=True))) == "faq/gone"


def test_what_is_unclear_is_asked_back_with_what_is_near(heard: Heard) -> None:
    reading = heard({"faq/gym": 0.2, "faq/sofa": 0.2, "faq/passport": 0.2}, LATER)
    assert name(reading) == "nlu_fallback"
    assert {entry["name"] for entry in reading.parsed[0]["intent_ranking"][:3]} == {
        "faq/gym",
        "faq/sofa",
        "faq/passport",
    }


# -- several questions

TWO = "When does the pool open? How do I renew my passport?"
EACH = {
    "When does the pool open?": {"faq/pool": 0.95},
    "How do I renew my passport?": {"faq/passport": 0.95},
    "Where is the gym of the town?": {"faq/gym": 0.95},
    "I have lived here for years.": {"out_of_scope": 0.9},
    "Thank you very much.": {"thank": 0.95},
    "Swimming pool. How do I renew my passport?": {"faq/pool": 0.1, "faq/passport": 0.85},
    "Passport. Where is the gym of the town?": {"faq/passport": 0.1, "faq/gym": 0.85},
    "gym. When does the pool open?": {"faq/gym": 0.1, "faq/pool": 0.85},
    "Swimming pool. Where is the gym of the town?": {"faq/pool": 0.1, "faq/gym": 0.85},
    "What does it cost me?": {"faq/gym": 0.35, "faq/pool": 0.02, "act/fee": 0.6},
}


@pytest.mark.parametrize(
    ("text", "answers"),
    [
        (TWO, ["faq/pool", "faq/passport"]),
        ("When does the pool open? What does it cost me?", ["faq/pool"]),
        ("What does it cost me? When does the pool open?", ["faq/gym", "faq/pool"]),
        (f"{TWO} Where is the gym of the town?", ["faq/pool", "faq/passport"]),
        ("When does the pool open? When does the pool open?", ["faq/pool"]),
        ("I have lived here for years. When does the pool open? Thank you very much.", ["faq/pool"]),
        ("I have lived here for years. Thank you very much.", ["nlu_fallback"]),
    ],
)
@pytest.mark.parametrize("situation", [Situation(), LATER])
def test_of_a_message_with_several_questions_the_first_two_are_answered(
    heard: Heard, text: str, answers: list, situation: Situation
) -> None:
    assert names(heard({"faq/pool": 0.3, "faq/passport": 0.3}, situation, text, others=EACH)) == answers


def test_one_question_with_something_beside_it_is_read_as_a_whole(heard: Heard) -> None:
    text = "I have lived here for years. How do I renew my passport?"
    assert names(heard({"faq/pool": 0.95}, Situation(), text, others=EACH)) == ["faq/pool"]


def test_everything_that_is_told_with_a_report_belongs_to_it(heard: Heard) -> None:
    assert names(heard({"report_problem": 0.9}, LATER, TWO, others=EACH)) == ["report_problem"]
    assert heard.asked == []


def test_a_long_message_is_not_understood_without_end(heard: Heard) -> None:
    heard({"faq/pool": 0.3}, LATER, "I have lived here for years. " * 50, others=EACH)
    assert len(heard.asked) <= 8


@pytest.mark.parametrize(
    ("labels", "situation", "kept"),
    [
        ({"ask_human": 0.9}, LATER, "ask_human"),
        ({"act/withdraw": 0.9}, FILED, "withdraw"),
        ({"act/add_filed": 0.9}, FILED, "add_filed"),
        ({"act/fix_filed": 0.9}, FILED, "fix_filed"),
        ({"act/note": 0.9}, WAITING, "note"),
        ({"act/add_filed": 0.9}, NEEDS, "add_filed"),
        ({"affirm": 0.9}, Situation(asked="/ask_human", later=True), "pressed"),
    ],
)
def test_what_she_wants_done_is_not_lost_over_the_questions_beside_it(
    heard: Heard, labels: Labels, situation: Situation, kept: str
) -> None:
    assert kept in names(heard(labels, situation, TWO, others=EACH))


@pytest.mark.parametrize(
    ("text", "clauses"),
    [
        ("¿Cómo pago? ¿Y cuándo recogen los muebles?", ["¿Cómo pago?", "¿Y cuándo recogen los muebles?"]),
        ("cómo pago una multa y cuándo recogen", ["cómo pago una multa", "cuándo recogen"]),
        ("how do I pay, and when is bin day", ["how do I pay", "when is bin day"]),
        ("Calle de Yuste y Andrade", ["Calle de Yuste", "Andrade"]),
        ("", []),
    ],
)
def test_a_text_is_cut_where_a_sentence_or_an_and_ends_it(text: str, clauses: list) -> None:
    assert clauses_of(text) == clauses


def test_who_names_the_matter_again_gets_the_whole_answer_again(heard: Heard) -> None:
    assert name(heard({"faq/pool": 0.97}, POOL)) == "faq/pool"
    assert name(heard({"faq/pool": 0.6, "act/fee": 0.3}, POOL)) == "ask_part"


def test_who_waits_tells_it_to_the_person_unless_she_surely_begins_a_report(heard: Heard) -> None:
    assert name(heard({"make_complaint": 0.5, "act/note": 0.35}, WAITING)) == "note"
    assert name(heard({"make_complaint": 0.9}, WAITING)) == "make_complaint"
    assert name(heard({"make_complaint": 0.5, "act/note": 0.35}, LATER)) == "make_complaint"


def test_in_a_form_what_is_about_an_answer_that_she_has_had_is_what_she_tells(heard: Heard) -> None:
    form = Situation(slot="item_text", topics=("pool",), later=True)
    assert carried(heard({"faq/pool": 0.95}, form))["act"] == "say"
    assert name(heard({"faq/gym": 0.95}, form)) == "faq/gym"


def test_who_says_in_a_form_that_she_is_in_no_danger_goes_on_with_it(heard: Heard) -> None:
    asked = Situation(slot="item_place", wary=True, later=True)
    assert heard({"act/safe": 0.9}, asked).parsed[0]["intent"]["name"] == "form"


# -- danger

WHEN = {"fresh": Situation(), "later": LATER, "form": Situation(slot="item_text", later=True)}
A_LITTLE = 0.005


@pytest.mark.parametrize("when", WHEN)
@pytest.mark.parametrize("alarmed", [False, True])
def test_danger_is_sure_from_some_point_on_and_perhaps_under_it(heard: Heard, when: str, alarmed: bool) -> None:
    situation, bound = replace(WHEN[when], alarmed=alarmed), SURE_DANGER[when][alarmed]

    def judged(danger: float) -> tuple:
        reading = heard({DANGER: danger, "faq/pool": 0.999 - danger}, situation)
        return names(reading) == [DANGER], reading.perhaps

    perhaps = 0.0 if alarmed else PERHAPS[when]
    assert judged(bound + A_LITTLE) == (True, False)
    assert judged(bound - A_LITTLE) == judged(perhaps + A_LITTLE) == (False, True)
    assert alarmed or judged(perhaps - A_LITTLE) == (False, False)


def test_a_first_message_is_heard_sooner_than_a_later_one_and_both_sooner_where_the_rule_has_heard_it_too() -> None:
    assert all(SURE_DANGER["fresh"][rule] < SURE_DANGER[when][rule] for rule in (0, 1) for when in ("later", "form"))
    assert all(SURE_DANGER[when][1] < PERHAPS[when] < SURE_DANGER[when][0] for when in WHEN)


def test_what_may_be_danger_is_answered_all_the_same(heard: Heard) -> None:
    reading = heard({"faq/pool": 0.99}, Situation(alarmed=True))
    assert names(reading) == ["faq/pool"] and reading.perhaps


@pytest.mark.parametrize(("hidden", "sure"), [(HIDDEN + A_LITTLE, True), (HIDDEN - A_LITTLE, False)])
def test_danger_in_one_sentence_of_several_counts_when_it_is_sure(heard: Heard, hidden: float, sure: bool) -> None:
    reading = heard({"faq/pool": 0.9}, LATER, hidden=hidden)
    assert (name(reading) == DANGER) is sure and not reading.perhaps


@pytest.mark.parametrize(
    "situation",
    [POOL, OFFERED, FILED, WAITING, NEEDS, Situation(asked="/ask_human", later=True), *map(form_of, SLOTS)],
)
def test_danger_comes_before_everything_else(heard: Heard, situation: Situation) -> None:
    labels = {DANGER: 0.8, "affirm": 0.05, "act/place": 0.05, "act/fee": 0.05, "act/choose_first": 0.05}
    assert name(heard(labels, situation)) == DANGER and heard.pressed == heard.asked == []


# -- inside a form


@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_whatever_can_be_meant_for_it_is_told_to_it(heard: Heard, slot: str) -> None:
    own = {act: label for label, act in SAME.items()}
    for act in sorted(FORM - {"topic", "cancel", "person", "aside"}):
        reading = heard({own.get(act, ACT + act): 0.95}, form_of(slot))
        assert (name(reading), carried(reading)["act"]) == ("form", act)


@pytest.mark.parametrize(
    ("labels", "left"),
    [
        ({"cancel": 0.95}, "cancel"),
        ({"ask_human": 0.95}, "ask_human"),
        ({"cancel": 0.3, "act/place": 0.23, "act/text": 0.23, "act/contact": 0.24}, None),
        ({"ask_human": 0.3, "act/place": 0.23, "act/text": 0.23, "act/contact": 0.24}, None),
        ({"goodbye": 0.9, "act/place": 0.05}, None),
        ({"check_status": 0.9, "act/place": 0.05}, None),
    ],
)
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_nothing_but_a_sure_command_leaves_it_or_begins_it_anew(
    heard: Heard, labels: Labels, left: Optional[str], slot: str
) -> None:
    assert LEAVING & set(names(heard(labels, form_of(slot)))) == ({left} if left else set())


@pytest.mark.parametrize(
    "labels",
    [
        {"act/aside": 0.7, "cancel": 0.25},
        {"act/aside": 0.7, "ask_human": 0.25},
        {"act/aside": 0.7, "report_problem": 0.25},
        {"report_problem": 0.65, "faq/pool": 0.2, "act/hold": 0.05},
        {"make_complaint": 0.85, "bot_challenge": 0.1},
    ],
)
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_what_is_said_beside_it_does_not_end_it_nor_begin_it_anew(
    heard: Heard, labels: Labels, slot: str
) -> None:
    assert not LEAVING & set(names(heard(labels, form_of(slot))))


@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_a_sure_question_is_answered_and_an_unsure_one_is_words_for_it(heard: Heard, slot: str) -> None:
    assert name(heard({"faq/pool": 0.97}, form_of(slot))) == "faq/pool"
    unsure = heard({"faq/pool": 0.3, "faq/gym": 0.3, "act/send": 0.01}, form_of(slot))
    assert name(unsure) == "form" and carried(unsure)["act"] == "say"


@pytest.mark.parametrize("label", ["bot_challenge", "my_data", "change_language", "insult"])
@pytest.mark.parametrize("slot", SLOTS)
def test_inside_a_form_what_is_surely_something_else_is_not_taken_for_an_answer(
    heard: Heard, label: str, slot: str
) -> None:
    assert name(heard({label: 0.97}, form_of(slot))) == label


def test_inside_a_form_the_answer_given_beside_it_can_be_asked_about_once(heard: Heard) -> None:
    beside = form_of(topics=("pool",), aside=True)
    assert name(heard({"act/fee": 0.9}, beside)) == "ask_part"
    assert name(heard({"act/fee": 0.9}, form_of(topics=("pool",)))) != "ask_part"
    assert carried(heard({"act/place": 0.6, "act/fee": 0.2}, beside)) == {"act": "place"}


def test_inside_a_form_a_yes_does_what_was_asked_and_else_answers_the_form(heard: Heard) -> None:
    asked = form_of(asked="/cancel")
    assert name(heard({"affirm": 0.9}, asked)) == "pressed" and heard.pressed == ["/cancel"]
    assert carried(heard({"affirm": 0.9}, form_of())) == {"act": "yes"}
    assert carried(heard({"deny": 0.9}, form_of())) == {"act": "no"}


def test_inside_a_form_what_only_resembles_a_yes_gives_nothing_up(heard: Heard) -> None:
    labels = {"affirm": 0.28, "deny": 0.2, "act/text": 0.2, "act/contact": 0.2, "act/hold": 0.1}
    heard(labels, form_of("item_place", asked="/cancel"))
    assert heard.pressed == []


def test_inside_a_form_a_no_to_what_was_asked_beside_it_is_no_answer_to_its_question(heard: Heard) -> None:
    reading = heard({"deny": 0.9}, form_of("item_place", asked="/cancel"))
    assert name(reading) == "form" and carried(reading)["act"] not in ("no", "skip")


def test_inside_a_form_who_may_want_to_give_up_is_asked(heard: Heard) -> None:
    reading = heard(
        {"cancel": 0.3, "act/text": 0.17, "act/hold": 0.2, "act/contact": 0.16, "act/place": 0.16}, form_of("item")
    )
    assert (name(reading), carried(reading)) == ("form", {"act": "perhaps_cancel"})


def test_inside_a_form_several_questions_are_not_looked_for(heard: Heard) -> None:
    assert name(heard({"act/text": 0.9}, form_of("item_text"), TWO, others=EACH)) == "form" and heard.asked == []


@pytest.mark.parametrize("act", ["send", "two"])
def test_inside_a_form_what_only_resembles_a_command_is_words_for_it(heard: Heard, act: str) -> None:
    labels = {ACT + act: 0.25, "act/place": 0.2, "act/contact": 0.2, "act/add": 0.2, "act/hold": 0.1}
    reading = heard(labels, form_of("item_text"))
    assert name(reading) == "form" and carried(reading)["act"] != act


# -- what staff have asked for


@pytest.mark.parametrize(
    "labels",
    [
        {"act/add_filed": 0.9},
        {"act/note": 0.5, "act/case": 0.4},
        {"act/text": 0.9},
        {"report_problem": 0.9},
        {"out_of_scope": 0.9},
        {"faq/pool": 0.2, "faq/gym": 0.2},
    ],
)
def test_what_staff_asked_for_reaches_the_item(heard: Heard, labels: Labels) -> None:
    reading = heard(labels, NEEDS)
    assert (name(reading), carried(reading)["value"]) == ("add_filed", "ALD-2026-000001-K")


@pytest.mark.parametrize(
    ("labels", "meant"),
    [
        ({"faq/passport": 0.95}, "faq/passport"),
        ({"thank": 0.95}, "thank"),
        ({"greet": 0.95}, "greet"),
        ({"ask_human": 0.95}, "ask_human"),
        ({"act/withdraw": 0.95}, "withdraw"),
        ({"act/number": 0.95}, "number"),
    ],
)
def test_what_is_no_answer_to_staff_does_not(heard: Heard, labels: Labels, meant: str) -> None:
    assert name(heard(labels, NEEDS)) == meant
