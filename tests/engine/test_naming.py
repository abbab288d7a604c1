"""Words name the topics in whose examples they stand, and no topic when they stand everywhere."""

from engine.naming import named, names_of, naming, without, words_of

CAR, DOG, FEE = "faq/car", "faq/dog", "act/fee"
TAUGHT = {
    CAR: ["they took my car", "where is the car", "el coche no está", "how much for the car", "my car is gone"],
    DOG: ["I found a dog", "a dog is lost", "how much for the dog", "the dog bit me", "is the dog mine"],
    FEE: ["how much is it", "and how much", "how much for that", "how much"],
    "crisis": ["he is hitting me", "a car hit me", "the dog is on fire", "help me"],
}
TEXTS = [(text, label) for label, texts in TAUGHT.items() for text in texts]
NAMES = names_of([text for text, _ in TEXTS], [label for _, label in TEXTS], frozenset({FEE}))


def test_a_word_names_the_topic_whose_examples_have_it() -> None:
    found = named("how much off, CAR?", NAMES)
    assert found[CAR] > 0.8 > 3 * found.get(DOG, 0.0)


def test_words_of_questions_about_any_answer_name_next_to_nothing() -> None:
    assert max(named("how much", NAMES).values(), default=0.0) < 0.3


def test_two_topics_are_named_by_a_word_each() -> None:
    found = named("my car hit the dog", NAMES)
    assert min(found[CAR], found[DOG]) > 0.8


def test_a_word_that_was_hardly_seen_names_nothing() -> None:
    assert named("coche", NAMES) == {}
    assert named("", NAMES) == {}


def test_accents_and_capitals_make_no_other_word() -> None:
    assert words_of("Padrón, ¿PADRON?") == {"padron"}


def test_a_long_message_is_looked_at_once_for_each_of_its_words() -> None:
    assert named("car " * 10_000, NAMES) == named("car", NAMES)


def test_a_text_is_left_without_the_words_that_name_its_topic() -> None:
    text = "NOT the car, how much for the dog?"
    assert naming(text, NAMES).keys() >= {"car", "dog"} and "how" not in naming(text, NAMES)
    assert without("NOT my car, a dog", CAR, naming(text, NAMES)) == "NOT my a dog"
    assert without(text, "faq/sofa", naming(text, NAMES)) == text
    assert without("car, CAR", CAR, naming("car", NAMES)) == ""
