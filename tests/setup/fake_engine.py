"""A tiny engine: answers the health check as the real one does, and misbehaves when it is told to."""

import os
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Turn(BaseHTTPRequestHandler):
    """`GET /webhooks/turn/` only."""

    def do_GET(self) -> None:
        if Path(os.environ["FAKE_FOLDER"], "hang").exists():
            time.sleep(3600)
        ready = not Path(os.environ["FAKE_FOLDER"], "never-ready").exists()
        self.send_response(200 if ready else 503)
        self.end_headers()

    def log_message(self, format: str, *args: object) -> None:
        print(format % args, flush=True)


if __name__ == "__main__":
    port = int(sys.argv[sys.argv.index("--port") + 1])
    if Path(os.environ["FAKE_FOLDER"], "dies").exists():
        sys.exit("no model")
    HTTPServer(("127.0.0.1", port), Turn).serve_forever()
