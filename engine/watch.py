"""Makes a failing action fail its turn.

Rasa logs an exception of an action and goes on without it: the citizen would get half an answer, or none. Here the turn
ends with `ActionFailed`, and the counter tries it again elsewhere.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

import aiohttp
from rasa.core.actions.action import Action, ActionExecutionRejection
from rasa.core.processor import MessageProcessor
from rasa.shared.core.events import Event
from rasa.utils.endpoints import ClientResponseError, EndpointConfig

SECONDS = 10.0  # for one call of an action
IDLE_SECONDS = 3.0  # a connection unused for longer is not used again: servers close theirs after 5


class ActionFailed(Exception):
    """An action could not run to its end. Its cause is what went wrong."""


class WatchedAction(Action):
    """An action that remembers the exception of its run."""

    def __init__(self, action: Action) -> None:
        self.action = action
        self.error: Optional[Exception] = None

    def name(self) -> str:
        return self.action.name()

    async def run(self, *args: Any, **kwargs: Any) -> List[Event]:
        try:
            return await self.action.run(*args, **kwargs)
        except ActionExecutionRejection:
            raise
        except Exception as error:
            self.error = error
            raise

    def event_for_successful_execution(self, prediction: Any) -> Any:
        return self.action.event_for_successful_execution(prediction)


class KeepAliveEndpoint(EndpointConfig):
    """The action endpoint with one connection kept open; Rasa's own opens a new one for each call."""

    _session: Optional[aiohttp.ClientSession] = None

    def _kept(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            connector = aiohttp.TCPConnector(keepalive_timeout=IDLE_SECONDS)
            limit = aiohttp.ClientTimeout(total=SECONDS)
            self._session = aiohttp.ClientSession(headers=self.headers, timeout=limit, connector=connector)
        return self._session

    async def request(
        self,
        method: str = "post",
        subpath: Optional[str] = None,
        content_type: Optional[str] = "application/json",
        compress: bool = False,
        **kwargs: Any,
    ) -> Optional[Any]:
        """The action's JSON answer. Raises ClientResponseError from status 400 on, aiohttp's errors when unreachable."""
        params = self.combine_parameters()
        async with self._kept().request(method, str(self.url), params=params, json=kwargs.get("json")) as response:
            if response.status >= 400:
                raise ClientResponseError(response.status, str(response.reason), await response.text())
            return await response.json()


def keep_alive(endpoint: Optional[EndpointConfig]) -> Optional[EndpointConfig]:
    """The endpoint of `endpoints.yml`, with its connection kept open."""
    if endpoint is None or isinstance(endpoint, KeepAliveEndpoint):
        return endpoint
    options: Dict[str, Any] = dict(endpoint.kwargs)
    return KeepAliveEndpoint(
        endpoint.url,
        endpoint.params,
        endpoint.headers,
        endpoint.basic_auth,
        endpoint.token,
        endpoint.token_name,
        **options,
    )


def watch(processor: MessageProcessor) -> None:
    """Changes the processor of a loaded model; a second call changes nothing."""
    if getattr(processor, "is_watched", False):
        return
    run_action = processor._run_action

    async def run_watched(action: Action, *args: Any, **kwargs: Any) -> bool:
        watched = WatchedAction(action)
        goes_on = await run_action(watched, *args, **kwargs)
        if watched.error is not None:
            raise ActionFailed(action.name()) from watched.error
        return goes_on

    processor._run_action = run_watched  # type: ignore[method-assign]
    processor.action_endpoint = keep_alive(processor.action_endpoint)
    processor.is_watched = True  # type: ignore[attr-defined]
