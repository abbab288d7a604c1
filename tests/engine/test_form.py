"""The form in engine terms: interruption, resuming, cancelling, buttons, filing."""


def names(answer):
    return [said["response"] for said in answer["say"]]


def begin(engine):
    answer = engine.say("hay una farola rota", language="es")
    assert names(answer) == ["utter_begin_item", "utter_ask_item_text"]
    assert answer["active_form"] == "item_form" and answer["state"]["requested_slot"] == "item_text"
    return answer["state"]


def filled(engine, *texts):
    state = begin(engine)
    for text in texts:
        state = engine.say(text, state=state)["state"]
    return state


def test_it_asks_for_one_slot_after_another_and_files(engine):
    state, asked = begin(engine), []
    for text in ("no da luz desde ayer", "en la calle Mayor, 5", "no da luz al móvil 600 000 000"):
        answer = engine.say(text, state=state)
        state, asked = answer["state"], asked + names(answer)
    assert asked == ["utter_ask_item_place", "utter_ask_item_contact", "utter_ask_item_confirm"]
    answer = engine.say(payload='/choose{"slot": "item_confirm", "value": "send"}', state=state)
    assert names(answer) == ["utter_submit_item"] and answer["active_form"] is None
    assert answer["state"]["slots"]["item_confirm"] == "send" and answer["state"]["requested_slot"] is None


def test_a_question_inside_is_answered_and_the_form_asks_again(engine):
    state = filled(engine, "no da luz")
    answer = engine.say("¿cuándo se paga el ibi?", state=state)
    assert names(answer) == ["utter_faq/property_tax", "utter_ask_item_place"]
    assert answer["active_form"] == "item_form" and answer["topic"] == "property_tax"
    resumed = engine.say("en la plaza", state=answer["state"])
    assert names(resumed) == ["utter_ask_item_contact"]
    assert resumed["state"]["slots"]["item_place"] == "en la plaza"


def test_several_questions_inside_do_not_wear_it_out(engine):
    state = filled(engine, "no da luz")
    for _ in range(5):
        answer = engine.say(payload="/faq/bulky_waste", state=state)
        assert names(answer) == ["utter_faq/bulky_waste", "utter_ask_item_place"]
        state = answer["state"]


def test_what_says_nothing_inside_leaves_the_form_asking_again(engine):
    answer = engine.say("😀", state=filled(engine, "no da luz"))
    assert names(answer) == ["utter_ask_item_place"] and answer["active_form"] == "item_form"
    assert answer["state"]["slots"]["item_text"] == "no da luz" and "item_place" not in answer["state"]["slots"]


def test_the_form_is_told_which_act_a_message_is(engine, stub):
    engine.say("en la plaza", state=filled(engine, "no da luz"))
    call = next(call for call, _ in reversed(stub.calls) if call["next_action"] == "validate_item_form")
    message = call["tracker"]["latest_message"]
    assert message["intent"]["name"] == "form"
    assert [e["value"] for e in message["entities"] if e["entity"] == "act"] == ["place"]


def test_cancel_inside_ends_the_form(engine):
    answer = engine.say(payload="/cancel", state=filled(engine, "no da luz"))
    assert names(answer) == ["utter_cancel_item"] and answer["active_form"] is None


def test_cancel_as_an_answer_after_a_question_ends_the_form(engine):
    state = engine.say("pagar el ibi", state=filled(engine, "no da luz"))["state"]
    assert engine.say("cancela", state=state)["active_form"] is None


def test_asking_for_a_person_inside_ends_the_form(engine):
    answer = engine.say("quiero hablar con una persona", state=filled(engine, "no da luz"))
    assert names(answer) == ["utter_handoff"] and answer["active_form"] is None
    assert answer["state"]["slots"]["item_text"] == "no da luz"


def test_danger_inside_ends_the_form_without_another_question(engine):
    answer = engine.say("me quiero morir", state=filled(engine, "no da luz"))
    assert names(answer) == ["utter_crisis"] and answer["active_form"] is None


def test_an_earlier_answer_can_be_corrected(engine):
    state = filled(engine, "no da luz", "en la plaza")
    answer = engine.say(payload='/choose{"slot": "item_place", "value": "centro"}', state=state)
    assert answer["state"]["slots"]["item_place"] == "centro" and names(answer) == ["utter_ask_item_contact"]


def test_a_button_of_a_form_outside_of_it_is_asked_back(engine):
    assert names(engine.say(payload='/choose{"slot": "item_confirm", "value": "send"}')) == ["utter_clarify"]


def test_a_failing_validation_fails_the_turn(engine, stub):
    state = filled(engine, "no da luz")
    stub.failing = {"validate_item_form"}
    assert engine.post({"turn_id": "t", "text": "en la plaza", "state": state}).status_code == 500
