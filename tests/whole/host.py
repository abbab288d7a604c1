"""The page of a town on another server, with our chat in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PAGE = """<!doctype html><html lang="es"><meta charset="utf-8"><title>Un pueblo</title>
<h1>Un pueblo</h1>{inside}</html>"""
WIDGET = """<script src="{server}/static/chat/widget.js" defer></script>
<ventanilla-chat agency="aldealba"><a href="{server}/">Pregunta aquí</a></ventanilla-chat>"""
FRAME = '<iframe src="{server}/" title="chat" width="380" height="600"></iframe>'


@contextmanager
def host() -> Iterator[str]:
    """A server whose pages `/widget?SERVER` and `/frame?SERVER` embed the chat of SERVER; its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path, _, server = self.path.partition("?")
            inside = (WIDGET if path == "/widget" else FRAME).format(server=server)
            body = PAGE.format(inside=inside).encode()
            self.send_response(200)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
