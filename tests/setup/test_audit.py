"""Both locks looked up by the real uv, at a service that the test plays as OSV's published description says."""

import ast
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.commands.audit import FINDINGS, audit, read_accepted
from bot.settings import ROOT
from bot.setup.problems import Problem


class Service:
    """Answers batches of queries; `known` says by package which vulnerability it has."""

    def __init__(self) -> None:
        self.known: dict[str, dict[str, Any]] = {}
        self.broken = False
        self.asked: list[str] = []
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["queries"]
                service.asked += [one["package"]["name"] for one in asked]
                found = (service.known.get(one["package"]["name"]) for one in asked)
                self._answer({"results": [{"vulns": [one]} if one else {} for one in found]})

            def do_GET(self) -> None:
                wanted = self.path.rsplit("/", 1)[-1]
                self._answer(next(one for one in service.known.values() if one["id"] == wanted))

            def _answer(self, body: dict[str, Any]) -> None:
                content = b"<html>gateway</html>" if service.broken else json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)

            def log_message(self, format: str, *args: Any) -> None:
                """Nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"http://127.0.0.1:{self.server.server_address[1]}/"

    def knows(self, package: str, id: str) -> None:
        """Publish a vulnerability of all versions of `package`."""
        name = {"name": package, "ecosystem": "PyPI"}
        ranges = [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "99"}]}]
        day = "2026-01-01T00:00:00Z"
        told = {"id": id, "modified": day, "published": day, "summary": "It breaks.", "details": ""}
        self.known[package] = told | {"affected": [{"package": name, "ranges": ranges}]}


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    thread = threading.Thread(target=service.server.serve_forever)
    thread.start()
    yield service
    service.server.shutdown()
    thread.join()
    service.server.server_close()


def entries() -> list[dict[str, str]]:
    return list(yaml.safe_load((ROOT / FINDINGS).read_text(encoding="utf-8"))["findings"])


def test_every_package_of_both_locks_is_looked_up_and_what_is_new_is_told_apart(service: Service) -> None:
    counter = (ROOT / "uv.lock").read_text(encoding="utf-8")
    listed = next(one for one in entries() if f'name = "{one["package"]}"\n' not in counter)
    service.knows(listed["package"], listed["id"])
    service.knows("fastapi", "GHSA-made-up")
    found = audit(ROOT, service.address)
    assert {"fastapi", "sqlalchemy", "rasa", "spacy"} <= set(service.asked)
    assert found.packages == len(service.asked) > 200
    assert [(one.part, one.package, one.fixed_in) for one in found.new] == [("counter", "fastapi", ("99",))]
    assert [one.id for one in found.known] == [listed["id"]]
    assert len(found.gone) == len(entries()) - 1
    assert not found.clean
    assert not (ROOT / "engine" / "var").exists()  # no second uv


def test_the_list_excuses_nothing_of_the_counter(service: Service) -> None:
    service.knows("fastapi", entries()[0]["id"])
    assert [one.package for one in audit(ROOT, service.address).new] == ["fastapi"]


def test_a_service_that_does_not_answer_claims_nothing(service: Service) -> None:
    service.broken = True
    with pytest.raises(Problem) as refused:
        audit(ROOT, service.address)
    assert refused.value.code == "no_audit"


def test_each_entry_says_what_it_is_and_why_it_cannot_be_reached_and_names_a_locked_package() -> None:
    locked = (ROOT / "engine" / "uv.lock").read_text(encoding="utf-8")
    for entry in entries():
        assert entry["id"] and entry["what"] and entry["why"], entry
        assert f'name = "{entry["package"]}"\n' in locked, entry["package"]
    assert len({entry["id"] for entry in entries()}) == len(entries())


def test_what_the_list_says_of_onnx_and_dask_and_future_holds() -> None:
    """The reasons lean on this: onnx only builds a graph, and there is no scheduler of dask's that listens."""
    assert {"onnx", "future"} <= {entry["package"] for entry in entries()}
    taken = {name for path in (ROOT / "engine").glob("*.py") for name in imports(path)}
    of_onnx = {name for name in taken if name.split(".")[0] == "onnx"}
    assert of_onnx == {"onnx.TensorProto", "onnx.helper", "onnx.numpy_helper"}
    assert not {name for name in taken if name.split(".")[0] in ("dask", "future")}
    assert 'name = "distributed"\n' not in (ROOT / "engine" / "uv.lock").read_text(encoding="utf-8")


def imports(path: Path) -> set[str]:
    """What a module imports, each as `package.name`."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    whole = {name.name for node in nodes if isinstance(node, ast.Import) for name in node.names}
    parts = [node for node in nodes if isinstance(node, ast.ImportFrom)]
    return whole | {f"{node.module}.{name.name}" for node in parts for name in node.names}


def test_a_broken_list_is_named(tmp_path: Path) -> None:
    (tmp_path / "findings.yml").write_text("findings: 3")
    with pytest.raises(Problem) as refused:
        read_accepted(tmp_path / "findings.yml")
    assert "findings.yml" in str(refused.value)
