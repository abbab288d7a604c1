"""One turn that nobody sent: does a freshly loaded model answer as the counter needs it?"""

import httpx

from bot.replicas.wire import SECRET, TURN, EngineTurn, read_reply, slots_of

GREETING = "hola"
SECONDS = 20.0


async def trial(url: str, secret: str) -> str:
    """Empty when the replica answers a turn, else what went wrong. It files nothing and belongs to nobody."""
    turn = EngineTurn("t_trial", GREETING, None, slots_of("es", "", 0, has_location=False), None)
    try:
        async with httpx.AsyncClient(timeout=SECONDS, trust_env=False) as client:
            answer = await client.post(url + TURN, json=turn.body(), headers={SECRET: secret})
            if answer.status_code != 200:
                return f"its trial turn failed: {_detail(answer)}"
            return "" if read_reply(answer.json()).say else "it said nothing to its trial turn"
    except (httpx.HTTPError, ValueError, KeyError, TypeError, IndexError) as error:
        return f"its trial turn failed: {type(error).__name__}"


def _detail(answer: httpx.Response) -> str:
    try:
        return str(answer.json()["detail"]).rstrip(".")
    except (ValueError, KeyError, TypeError):
        return f"status {answer.status_code}"
