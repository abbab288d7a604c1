"""The turn wire of docs/contracts.md §1, tried on a running engine."""

import concurrent.futures
import json

import pytest
import requests


def names(answer):
    return [said["response"] for said in answer["say"]]


def test_it_answers_a_topic_with_its_name(engine):
    answer = engine.say("¿cuándo se paga el ibi?", language="es")
    assert answer["say"] == [{"response": "utter_faq/property_tax", "args": {}}]
    assert answer["topic"] == "property_tax" and answer["intent"] == "faq/property_tax"
    assert answer["ranking"][0]["name"] == "faq/property_tax" and len(answer["ranking"]) == 5
    assert answer["state"]["slots"] == {"language": "es", "topics": '[["property_tax"]]'} and not answer["active_form"]


def test_its_health_names_the_model(engine):
    assert requests.get(engine.address, timeout=5).json() == {"status": "ok", "model": "tiny.tar.gz"}


@pytest.mark.parametrize("secret", ["", "wrong", "contraseña".encode()])
def test_it_refuses_a_forged_secret(engine, secret):
    assert engine.post({"turn_id": "t", "text": "hola"}, secret=secret).status_code == 401


def test_same_state_and_text_give_the_same_answer(engine):
    state = engine.say("hay una farola rota")["state"]
    answers = [engine.say("cuándo se paga el ibi", state=state, language="es") for _ in range(3)]
    assert answers[0] == answers[1] == answers[2]


def test_two_turns_at_once_do_not_mix(engine):
    texts = ["hola", "pagar el ibi", "recoger un sofá viejo"] * 10
    expected = {text: engine.say(text) for text in set(texts)}
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(engine.say, texts))
    assert answers == [expected[text] for text in texts]


def test_the_state_stays_small_after_300_turns(engine):
    state, sizes = None, []
    for turn in range(300):
        text = ["pagar el ibi", "hola", "hay una farola rota", "x" * 900 + "😀" * 90][turn % 4]
        state = engine.say(text, state=state, language="es")["state"]
        sizes.append(len(json.dumps(state, ensure_ascii=False).encode()))
    assert max(sizes) <= 8192


def test_the_state_holds_no_words_of_past_turns(engine):
    answer = engine.say("hola, me llamo Ana Secreta")
    assert "Secreta" not in json.dumps(answer["state"])


@pytest.mark.parametrize(
    "body",
    [
        "not json",
        "",
        "[]",
        b"\xff\xfe",
        {},
        {"turn_id": "t"},
        {"turn_id": "", "text": "hola"},
        {"turn_id": "t", "text": "hola", "payload": "/greet"},
        {"turn_id": "t", "text": "   "},
        {"turn_id": "t", "text": 5},
        {"turn_id": "t", "text": "x" * 4001},
        {"turn_id": "t", "text": "hola", "slots": {"nothing": 1}},
        {"turn_id": "t", "text": "hola", "slots": []},
        {"turn_id": "t", "text": "hola", "slots": {"language": {}}},
        {"turn_id": "t", "text": "hola", "state": {"v": 9}},
        {"turn_id": "t", "text": "hola", "state": "s"},
        {"turn_id": "t", "text": "hola", "state": {"v": 1, "slots": {}, "events": [1]}},
        {"turn_id": "t", "payload": "greet"},
        {"turn_id": "t", "payload": "/nothing"},
        {"turn_id": "t", "payload": "/faq/x"},
        {"turn_id": "t", "payload": "/faq"},
        {"turn_id": "t", "payload": "/greet/x"},
        {"turn_id": "t", "payload": "/restart"},
        {"turn_id": "t", "payload": "/choose{bad}"},
        {"turn_id": "t", "payload": '/choose{"nothing": 1}'},
        {"turn_id": "t", "payload": '/choose{"slot": []}'},
    ],
)
def test_it_refuses_a_bad_body_with_a_sentence(engine, body):
    answer = engine.post(body)
    assert answer.status_code == 422 and answer.json()["detail"]


def test_a_button_opens_its_topic(engine):
    answer = engine.say(payload="/faq/bulky_waste")
    assert names(answer) == ["utter_faq/bulky_waste"] and answer["topic"] == "bulky_waste"


def test_a_button_carries_entities(engine):
    answer = engine.say(payload='/share_location{"lat": 40.1, "lon": -3.2}')
    assert [(e["entity"], e["value"]) for e in answer["entities"]] == [("lat", 40.1), ("lon", -3.2)]
    assert names(answer) == ["utter_share_location"]


def test_a_slash_typed_by_a_citizen_is_no_command(engine):
    assert len(engine.say("/faq/bulky_waste")["ranking"]) > 1, "of a button there is one"
    restart = engine.say("/restart", state=engine.say("hola", language="es")["state"])
    assert restart["intent"] != "restart" and restart["state"]["slots"] == {"language": "es"}


def test_emoji_alone_are_not_understood(engine):
    assert names(engine.say("😀😀!!")) == ["utter_clarify"]


def said_by(engine, *texts, **slots):
    """The answer to the last of `texts`, which follow one another."""
    answer = {"state": None}
    for text in texts:
        answer = engine.say(text, state=answer["state"], **slots)
    return answer


def test_a_question_about_the_last_answer_gets_its_part_and_the_topic_stays(engine, stub):
    answer = said_by(engine, "¿cuándo se paga el ibi?", "¿y cuánto cuesta?", language="es")
    call, _ = stub.calls[-1]
    found = {e["entity"]: e["value"] for e in call["tracker"]["latest_message"]["entities"]}
    assert call["next_action"] == "action_tell_part" and found["topic"] == "property_tax" and found["parts"]
    assert answer["intent"] == "ask_part" and json.loads(answer["state"]["slots"]["topics"]) == [["property_tax"]]


def test_the_same_words_before_any_answer_are_no_question_about_one(engine):
    assert engine.say("¿y cuánto cuesta?", language="es")["intent"] != "ask_part"


def test_topics_answered_are_kept_the_last_one_first(engine):
    answer = said_by(engine, "pagar el ibi", "recoger un sofá viejo", language="es")
    assert json.loads(answer["state"]["slots"]["topics"]) == [["bulky_waste"], ["property_tax"]]


def test_two_questions_get_two_answers(engine):
    answer = engine.say("¿Cuándo se paga el ibi? Quiero recoger un sofá viejo.", language="es")
    assert names(answer) == ["utter_faq/property_tax", "utter_faq/bulky_waste"]
    assert json.loads(answer["state"]["slots"]["topics"]) == [["property_tax", "bulky_waste"]]
    assert answer["topic"] == "bulky_waste"


OFFERED = json.dumps([["/faq/bulky_waste", "Sofas"], ["/faq/property_tax", "IBI"]])


def offering(**slots):
    return {
        "v": 1,
        "slots": slots,
        "active_form": None,
        "requested_slot": None,
        "events": [{"intent": "x", "actions": []}],
    }


def test_what_was_offered_can_be_chosen_by_its_place_in_the_next_message_only(engine):
    answer = engine.say("la segunda", state=offering(offered=OFFERED))
    assert answer["topic"] == "property_tax" and "offered" not in answer["state"]["slots"]
    assert engine.say("la segunda", state=offering())["topic"] is None


def test_a_yes_does_what_was_asked_in_the_next_message_only(engine):
    answer = engine.say("sí", state=offering(asked="/ask_human"))
    assert names(answer) == ["utter_handoff"] and "asked" not in answer["state"]["slots"]
    assert names(engine.say("sí", state=answer["state"])) == ["utter_affirm"]


def test_an_offer_that_this_model_no_longer_knows_is_not_pressed(engine):
    assert engine.say("sí", state=offering(asked="/faq/gone"))["topic"] is None


@pytest.mark.parametrize(("danger", "told"), [(True, True), (False, False)])
def test_what_may_be_danger_is_answered_and_the_numbers_are_said_beside_it(engine, danger, told):
    answer = engine.say("pagar el ibi", alarmed=danger)
    assert answer["topic"] == "property_tax"
    assert ("utter_perhaps_danger" in names(answer)) is told


def test_slots_are_set_before_the_action_runs(engine, stub):
    engine.say("quiero hablar con una persona", language="en", misunderstood=2)
    call, path = stub.calls[0]
    assert call["tracker"]["slots"]["misunderstood"] == 2 and call["sender_id"] == "t_1"
    assert path == "/webhook?token=token" and "domain" not in call


def test_the_arguments_of_an_action_travel(engine):
    assert engine.say("quiero hablar con una persona")["say"] == [{"response": "utter_handoff", "args": {"number": 7}}]


def test_a_failing_action_fails_the_turn(engine, stub):
    stub.failing = {"action_handoff"}
    assert engine.post({"turn_id": "t", "text": "quiero hablar con una persona"}).status_code == 500
    assert names(engine.say("pagar el ibi")) == ["utter_faq/property_tax"]


def test_a_state_of_an_older_model_is_still_good(engine):
    state = {
        "v": 1,
        "slots": {"gone": 1, "language": "es"},
        "active_form": "gone_form",
        "requested_slot": "gone",
        "events": [{"intent": "gone", "actions": ["action_gone"]}],
    }
    answer = engine.say("pagar el ibi", state=state)
    assert answer["topic"] == "property_tax"
    assert answer["state"]["slots"] == {"language": "es", "topics": '[["property_tax"]]'}
    assert answer["form_gone"] == "gone_form" and answer["active_form"] is None
    assert engine.say("pagar el ibi", state=answer["state"])["form_gone"] is None


def test_a_failure_is_logged_without_the_words_that_broke_it():
    from engine.channel import traced

    try:
        try:
            int("calle Luna 12")
        except ValueError as error:
            raise KeyError("ana@example.org") from error
    except KeyError as error:
        told = traced(error)
    assert told.startswith("KeyError\n") and "caused by ValueError" in told and "test_channel.py" in told
    assert "Luna" not in told and "ana@" not in told
