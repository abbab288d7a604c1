"""Answers the engine's action calls over a loopback listener of its own: Rasa's action protocol."""

import hmac
from typing import Any

from fastapi import FastAPI, HTTPException, Request
from rasa_sdk.executor import ActionExecutor
from rasa_sdk.interfaces import ActionExecutionRejection, ActionNotFoundException

from actions import answers, asking, dialogue, draft, filed, filing, item_form, items, status

ACTIONS = (
    items.BeginItem,
    asking.AskText,
    asking.AskPlace,
    asking.AskContact,
    asking.AskConfirm,
    filing.SubmitItem,
    filing.CancelItem,
    items.ShareLocation,
    item_form.ValidateItemForm,
    status.Status,
    dialogue.Clarify,
    dialogue.OutOfScope,
    answers.TellPart,
    answers.Repeat,
    answers.Rephrase,
    status.Number,
    filed.Which,
    filed.AddFiled,
    filed.FixFiled,
    filed.Withdraw,
    draft.Draft,
    dialogue.Handoff,
    dialogue.ChangeLanguage,
)

EMPTY_DOMAIN: dict[str, Any] = {"slots": {}, "forms": {}}


def create_action_app(token: str) -> FastAPI:
    """The application that the engine calls; `token` is the secret that it must bring."""
    executor = ActionExecutor()
    for action in ACTIONS:
        executor.register_action(action)
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)

    @app.post("/webhook")
    async def webhook(request: Request, token: str = "") -> Any:
        if not hmac.compare_digest(token.encode(), expected):
            raise HTTPException(401)
        call = await request.json()
        # No action of ours reads the domain, and the engine leaves it out: an empty one spares a second call.
        call["domain"] = call.get("domain") or EMPTY_DOMAIN
        try:
            result = await executor.run(call)
        except ActionExecutionRejection as rejection:
            raise HTTPException(400, rejection.message) from rejection
        except ActionNotFoundException as missing:
            raise HTTPException(404, missing.message) from missing
        return result.model_dump() if result else {"events": [], "responses": []}

    expected = token.encode()
    return app
