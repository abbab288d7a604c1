"""Traces by OpenTelemetry, when they are asked for. Otherwise each span is nothing, and costs nothing."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

NAME = "ventanilla"
_NOTHING: AbstractContextManager[Any] = nullcontext()
_tracer: Any = None


def configure(endpoint: str, exporter: Any = None) -> None:
    """Send spans to `endpoint` by OTLP over HTTP; nothing with an empty one. Raises ImportError without the extra.

    `exporter` takes the place of the one for the endpoint.
    """
    global _tracer
    if not endpoint:
        _tracer = None
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    if exporter is None:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        processor: Any = BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint.rstrip("/") + "/v1/traces"))
    else:
        processor = SimpleSpanProcessor(exporter)
    provider = TracerProvider(resource=Resource.create({"service.name": NAME}))
    provider.add_span_processor(processor)
    _tracer = provider.get_tracer(NAME)


def span(name: str, **attributes: str | float | None) -> AbstractContextManager[Any]:
    """A stretch of work: `receive`, `turn`, `engine` or `send`. Attributes are ids and codes, never words."""
    if _tracer is None:
        return _NOTHING
    told = {f"{NAME}.{key}": value for key, value in attributes.items() if value is not None}
    # What an exception says may quote a citizen: its kind alone is told.
    made: AbstractContextManager[Any] = _tracer.start_as_current_span(
        name, attributes=told, record_exception=False, set_status_on_exception=False
    )
    return made
