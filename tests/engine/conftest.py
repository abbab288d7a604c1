"""A tiny model, an engine that serves it, and a stub of the counter's actions."""

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from engine import no_tensorflow

no_tensorflow.install()

import requests  # noqa: E402
from rasa.shared.utils.io import read_yaml_file  # noqa: E402

from engine.cards import Cards  # noqa: E402
from engine.reading import Reader  # noqa: E402
from tests.engine.heard import ANSWERS, TITLES, Heard  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SECRET = "a secret of the tests"
ITEM_SLOTS = ["item_text", "item_place", "item_contact", "item_confirm"]
NO_FILLING = {"faq", "cancel", "ask_human", "crisis"}
EXAMPLES = {
    "faq/bulky_waste": ["recoger un sofá viejo", "tirar muebles", "pick up an old sofa", "get rid of furniture"],
    "faq/property_tax": ["pagar el ibi", "cuándo se paga el ibi", "pay property tax", "when is property tax due"],
    "greet": ["hola", "buenos días", "hello", "good morning"],
    "report_problem": ["hay una farola rota", "un bache en mi calle", "no da luz desde ayer", "there is a pothole"],
    "cancel": ["cancela", "déjalo estar", "cancel it", "forget it"],
    "ask_human": ["quiero hablar con una persona", "pásame con alguien", "talk to a human", "I want a person"],
    "crisis": ["me quiero morir", "mi marido me pega", "I want to kill myself", "he is hitting me"],
    "affirm": ["sí", "sí, por favor", "yes", "yes please"],
    "act/fee": ["¿y cuánto cuesta?", "¿cuánto vale eso?", "and how much is it?", "what does that cost?"],
    "act/harmless": [
        "quiero hablar de otra cosa",
        "no soy una persona joven",
        "I want to talk later",
        "are you a person",
    ],
    "act/choose_second": ["la segunda", "el segundo", "the second one", "second"],
    "act/text": ["no da luz", "está todo sucio", "it is all dirty", "it gives no light"],
    "act/place": ["en la plaza", "en la calle Mayor, 5", "in the square", "at the corner"],
    "act/contact": ["mi móvil es 600 000 000", "ana@correo.example", "my phone is 600 000 000", "bob@mail.example"],
}
PARTS = {"act/fee": "fact:fee"}  # which part of an answer answers it


class StubActions(BaseHTTPRequestHandler):
    """Fills the asked slot from any message with words whose intent is not one of NO_FILLING, none from one without; an action named in `failing` answers 500."""

    protocol_version = "HTTP/1.1"
    failing: set = set()
    calls: list = []

    def do_POST(self):
        call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        StubActions.calls.append((call, self.path))
        if call["next_action"] in self.failing:
            return self.reply(500, {})
        self.reply(200, {"events": self.events(call), "responses": self.responses(call["next_action"])})

    def reply(self, status, body):
        raw = json.dumps(body).encode()
        head = f"HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {len(raw)}\r\n\r\n"
        self.wfile.write(head.encode() + raw)

    def events(self, call):
        slots, message = call["tracker"]["slots"], call["tracker"]["latest_message"]
        if call["next_action"] == "action_begin_item":
            return [{"event": "slot", "name": name, "value": None} for name in ITEM_SLOTS]
        asked = slots.get("requested_slot")
        if call["next_action"] != "validate_item_form" or not asked or message["intent"]["name"] in NO_FILLING:
            return []
        if not any(c.isalnum() for c in message["text"]):
            return [{"event": "slot", "name": "item_kind", "value": "report"}]
        chosen = {entity["entity"]: entity["value"] for entity in message["entities"]}
        return [{"event": "slot", "name": chosen.get("slot", asked), "value": chosen.get("value", message["text"])}]

    def responses(self, name):
        if name == "validate_item_form":
            return []
        return [{"response": name.replace("action_", "utter_"), "number": 7, "buttons": []}]

    def log_message(self, *args):
        pass


def free_port():
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return sock.getsockname()[1]


@pytest.fixture(scope="session")
def actions():
    server = ThreadingHTTPServer(("127.0.0.1", 0), StubActions)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()


@pytest.fixture(autouse=True)
def forget_calls():
    StubActions.calls.clear()
    StubActions.failing = set()


def write_data(folder):
    shutil.copytree(ROOT / "data" / "rules", folder / "rules")
    lines = ['version: "3.1"', "nlu:"]
    for label, texts in EXAMPLES.items():
        part = [f"  metadata: {{part: '{PARTS[label]}'}}"] if label in PARTS else []
        lines += [f"- intent: {label}", *part, "  examples: |", *(f"    - {text}" for text in texts)]
    lines += ["responses:"]
    for label in EXAMPLES:
        if label.startswith("act/"):
            continue
        lines += [f"  utter_{label}:", f"  - text: words of {label}"]
    (folder / "tiny.yml").write_text("\n".join(lines) + "\n", encoding="utf-8")


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tiny")
    write_data(folder)
    command = [sys.executable, "-m", "engine", "train", "--config", "config.yml", "--domain", "domain.yml"]
    command += ["--data", str(folder), "--out", str(folder / "models"), "--fixed-model-name", "tiny"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr[-3000:]
    return folder / "models" / "tiny.tar.gz"


class Engine:
    """A client of the turn wire."""

    def __init__(self, port):
        self.address = f"http://127.0.0.1:{port}/webhooks/turn/"
        self.session = requests.Session()

    def post(self, body, secret=SECRET):
        sent = body if isinstance(body, (str, bytes)) else json.dumps(body)
        return self.session.post(self.address + "turn", data=sent, headers={"X-Engine-Secret": secret}, timeout=20)

    def say(self, text=None, state=None, payload=None, **slots):
        answer = self.post({"turn_id": "t_1", "text": text, "payload": payload, "slots": slots, "state": state})
        assert answer.status_code == 200, answer.text
        return answer.json()


@pytest.fixture(scope="session")
def engine(model, actions, tmp_path_factory):
    port, log = free_port(), tmp_path_factory.mktemp("run") / "engine.log"
    action_port = actions.server_address[1]
    env = {**os.environ, "ENGINE_SECRET": SECRET, "ACTION_TOKEN": "token"}
    env["ACTION_ENDPOINT"] = f"http://127.0.0.1:{action_port}/webhook"
    command = [sys.executable, "-m", "engine", "run", "--port", str(port), "--model", str(model)]
    with log.open("w") as output:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=output, stderr=output)
    client, deadline = Engine(port), time.monotonic() + 90
    try:
        while not is_up(client):
            assert process.poll() is None and time.monotonic() < deadline, log.read_text()[-3000:]
            time.sleep(0.2)
        yield client
    finally:
        process.terminate()
        process.wait(10)


def is_up(client):
    try:
        return requests.get(client.address, timeout=2).status_code == 200
    except requests.ConnectionError:
        return False


@pytest.fixture
def stub():
    return StubActions


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    folder = tmp_path_factory.mktemp("town")
    for name, words in (("responses/a.yml", ANSWERS), ("lookup/topics.yml", TITLES)):
        (folder / name).parent.mkdir()
        (folder / name).write_text(words, encoding="utf-8")
    return Reader(Cards((folder,)), lambda text, passages: None)


@pytest.fixture
def heard(reader: Reader) -> Heard:
    return Heard(reader)


@pytest.fixture(scope="module")
def ruled() -> set:
    """The intents with which a rule begins."""
    files = sorted((ROOT / "data" / "rules").glob("*.yml"))
    rules = [rule for file in files for rule in read_yaml_file(file)["rules"]]
    return {step["intent"] for rule in rules for step in rule["steps"] if "intent" in step}
