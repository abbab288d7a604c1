"""A tiny engine: answers health checks and turns as the real one does, and misbehaves when it is told to.

It is told by files in `FAKE_FOLDER`, or in the folder there that has its model's name.
"""

import json
import os
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

MODEL = sys.argv[sys.argv.index("--model") + 1] if "--model" in sys.argv else "none"


def told(what: str) -> bool:
    """Whether the test asks for this misbehaviour."""
    folder = Path(os.environ["FAKE_FOLDER"])
    return (folder / what).exists() or (folder / MODEL / what).exists()


class Turn(BaseHTTPRequestHandler):
    """`GET /webhooks/turn/` and `POST /webhooks/turn/turn`."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if told("hang"):
            time.sleep(3600)
        self._answer(500 if told("broken") else 503 if told("never-ready") else 200, {})

    def do_POST(self) -> None:
        turn = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with Path(os.environ["FAKE_FOLDER"], "turns").open("a") as turns:
            turns.write(f"{turn['turn_id']} {MODEL} {os.getpid()}\n")
        while told("slow"):
            time.sleep(0.02)
        if told("sick"):
            return self._answer(500, {"detail": "The turn failed."})
        if told("refuses"):
            return self._answer(422, {"detail": "There is no slot 'language'."})
        if told("babbles"):
            return self._answer(200, {"hello": 1})
        state = {"v": 1, "slots": {}, "active_form": None, "requested_slot": None, "events": []}
        return self._answer(200, {"say": [{"response": "utter_greet", "args": {"model": MODEL}}], "state": state})

    def _answer(self, status: int, body: dict[str, object]) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, format: str, *args: object) -> None:
        print(format % args, flush=True)


if __name__ == "__main__":
    port = int(sys.argv[sys.argv.index("--port") + 1])
    if told("dies"):
        sys.exit("no model")
    ThreadingHTTPServer(("127.0.0.1", port), Turn).serve_forever()
