"""How a turn ended, told from what the engine wants to say: exactly one of the closed list of outcomes."""

from collections.abc import Sequence

from bot.states import Outcome

# The first that matches a response's name, read from top to bottom, is that response's outcome.
_BY_NAME: tuple[tuple[str, Outcome], ...] = (
    ("utter_crisis", Outcome.CRISIS),
    ("utter_handed_over", Outcome.HANDED_OVER),
    ("utter_item_filed", Outcome.FILED),
    ("utter_faq/", Outcome.ANSWERED),
    ("utter_part", Outcome.ANSWERED),
    ("utter_filed_", Outcome.STATUS_GIVEN),
    ("utter_item_status", Outcome.STATUS_GIVEN),
    ("utter_item_unknown", Outcome.STATUS_GIVEN),
    ("utter_item_ask_reference", Outcome.STATUS_GIVEN),
    ("utter_clarify", Outcome.CLARIFIED),
    ("utter_rephrase", Outcome.CLARIFIED),
    ("utter_not_found", Outcome.CLARIFIED),
    ("utter_offer_person", Outcome.CLARIFIED),
    ("utter_out_of_scope", Outcome.OUT_OF_SCOPE),
    ("utter_insult", Outcome.REFUSED),
    ("utter_ask_item", Outcome.FORM_STEP),
    ("utter_item_", Outcome.FORM_STEP),
)
MISUNDERSTOOD = frozenset({Outcome.CLARIFIED})


def outcome_of(responses: Sequence[str], in_form: bool) -> Outcome:
    """The outcome of a turn that says `responses`; the table's order decides between several."""
    for name, outcome in _BY_NAME:
        if any(response.startswith(name) for response in responses):
            return outcome
    if in_form:
        return Outcome.FORM_STEP
    return Outcome.ANSWERED if responses else Outcome.ERROR
