"""Traces: the way of a message as spans with its id, without anybody's words; nothing at all when not asked for."""

import json
import sys
from collections.abc import Iterator

import httpx
import pytest
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from bot import tracing
from bot.commands.serve import trace_if_asked
from bot.errors import EngineError
from bot.services import Services
from bot.settings import Settings
from bot.setup.problems import Problem
from tests.chat import Ana, chat_app
from tests.fakes import FakeEngine


@pytest.fixture
def spans() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.configure("http://collector.invalid", exporter)
    yield exporter
    tracing.configure("")


async def test_the_way_of_a_message_can_be_followed(
    spans: InMemorySpanExporter, working: Services, engine: FakeEngine
) -> None:
    async with httpx.AsyncClient(transport=httpx.ASGITransport(chat_app(working)), base_url="http://t") as http:
        ana = Ana(http)
        await ana.arrives()
        await ana.says(text="quiero tirar un sofá")
        engine.reply = EngineError("quiero tirar un sofá")
        await ana.says(text="vivo en la calle Luna 12")
    told = [(span.name, (span.attributes or {})["ventanilla.message"]) for span in spans.get_finished_spans()]
    first, second = (turn.turn_id for turn in engine.asked)
    assert told == [(name, turn) for turn in (first, second) for name in ("receive", "engine", "turn")]
    everything = "".join(span.to_json() for span in spans.get_finished_spans())
    assert "sof" not in everything and "Luna" not in everything


def test_nothing_is_made_when_nobody_asks() -> None:
    assert tracing.span("turn", message="t_1") is tracing.span("engine")


def test_without_the_library_one_sentence_says_what_to_do(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setitem(sys.modules, "opentelemetry.sdk.trace", None)
    asked = settings.model_copy(update={"otel_endpoint": "http://127.0.0.1:4318"})
    with pytest.raises(Problem) as problem:
        trace_if_asked(asked)
    assert problem.value.exit_code == 2
    assert "--extra tracing" in json.dumps(str(problem.value))
