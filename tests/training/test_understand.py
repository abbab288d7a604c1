"""Lines in, lines out, in their order; what is not a message is refused without asking the engine."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.settings import Settings
from bot.setup.problems import Problem
from bot.training import understand as module
from bot.training.evaluate import Case, evaluate, lines_of, thresholds
from bot.training.report import write_report
from bot.training.understand import understand

RANKING = [{"name": "faq/bulky_waste", "confidence": 0.8}, {"name": "out_of_scope", "confidence": 0.1}]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that the engine was asked about; its answer is always the same."""
    texts: list[str] = []

    def ask(model: Path, settings: Settings, lines: list[module.Line]) -> Iterator[dict[str, Any]]:
        texts.extend(line.clean for line in lines)
        for line in lines:
            unsure = line.clean == "mmm"
            yield {"intent": {"name": "nlu_fallback" if unsure else "faq"}, "ranking": RANKING}

    monkeypatch.setattr(module, "_ask", ask)
    monkeypatch.setattr(module, "ensure_model", lambda home, knowledge: Path("model"))
    return texts


def lines(*texts: str) -> list[str]:
    return [json.dumps({"text": text}) for text in texts]


def test_each_line_gets_its_answer_in_order(settings: Settings, asked: list[str]) -> None:
    first, second = understand(settings, lines("¿Quién recoge mi sofá viejo?", "mmm"))
    assert (first["label"], first["outcome"], first["language"]) == ("bulky_waste", "answered", "es")
    assert first["candidates"][1] == {"label": "out_of_scope", "confidence": 0.1}
    assert (second["text"], second["outcome"]) == ("mmm", "clarified")


def test_hidden_characters_never_reach_the_engine(settings: Settings, asked: list[str]) -> None:
    [answer] = understand(settings, lines("so\u200bfá\u202e"))
    assert asked == ["sofá"] and answer["text"] == "so\u200bfá\u202e"


@pytest.mark.parametrize("text", ["", " \u200b ", "a" * 4_001])
def test_what_the_chat_would_refuse_is_refused_here(settings: Settings, asked: list[str], text: str) -> None:
    [answer] = understand(settings, lines(text))
    assert (answer["outcome"], answer["label"], answer["candidates"]) == ("refused", "out_of_scope", [])
    assert asked == []


@pytest.mark.parametrize("line", ["hola", "[]", '{"lang": "es"}', '{"text": 3}'])
def test_a_line_that_is_no_message_is_named_by_its_number(settings: Settings, asked: list[str], line: str) -> None:
    with pytest.raises(Problem, match="Line 2 of the input"):
        list(understand(settings, [*lines("hola"), line]))


def test_an_evaluation_counts_by_language(settings: Settings, asked: list[str], tmp_path: Path) -> None:
    file = tmp_path / "messages.jsonl"
    messages = [("un sofá", "es", "bulky_waste"), ("a joke", "en", "out_of_scope"), ("a sofa", "en", "faq/bulky_waste")]
    file.write_text("\n".join(json.dumps({"text": t, "lang": lang, "label": label}) for t, lang, label in messages))
    result = evaluate(settings, file)
    assert (result["accuracy"], result["among_first_three"]) == (0.6667, 1.0)
    assert result["languages"]["en"]["accuracy"] == 0.5
    assert "     1 × out_of_scope taken for bulky_waste" in list(lines_of(result))


def test_an_evaluation_without_labels_is_named_by_line(settings: Settings, asked: list[str], tmp_path: Path) -> None:
    (tmp_path / "messages.jsonl").write_text('{"text": "hola"}')
    with pytest.raises(Problem, match=r"Line 1 of the input .*no label"):
        evaluate(settings, tmp_path / "messages.jsonl")


def test_a_report_stands_alone_and_escapes_what_citizens_wrote(
    settings: Settings, asked: list[str], tmp_path: Path
) -> None:
    file = tmp_path / "messages.jsonl"
    file.write_text(json.dumps({"text": "<script>alert(1)</script>", "label": "waste_fee", "style": "plain"}))
    page = write_report(evaluate(settings, file), file, tmp_path).read_text("utf-8")
    assert "&lt;script&gt;" in page and "<script" not in page and "http" not in page
    assert "waste_fee" in page and "bulky_waste" in page and "<svg" in page


def test_the_procedure_takes_the_lowest_threshold_that_is_right_often_enough() -> None:
    def case(confidence: float, right: bool) -> Case:
        answer = {"label": "a" if right else "b", "confidence": confidence, "candidates": [], "outcome": "answered"}
        return Case("", "a", "", "es", answer)

    found = thresholds([*[case(0.9, True)] * 60, *[case(0.5, True)] * 30, *[case(0.4, False)] * 10])
    assert found["chosen"] == 0.45


def test_a_false_alarm_counts_as_an_answer_under_every_threshold() -> None:
    answer = {"label": "crisis", "confidence": 0.1, "candidates": [], "outcome": "crisis"}
    curve = thresholds([Case("", "out_of_scope", "", "es", answer)])["curve"]
    assert {(one["out_of_scope_recall"], one["right_when_answered"]) for one in curve} == {(0.0, 0.0)}
