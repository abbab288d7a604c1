"""Two engines while people talk: killed, hanging, given another model, stopped. Every message is answered once."""

import contextlib
import signal
import subprocess
from collections.abc import Iterator

import httpx
import psutil
import pytest

from bot.settings import ROOT
from bot.training.model import fingerprint
from tests.whole.product import Product, until
from tests.whole.talkers import Talker, outcomes, talking

pytestmark = pytest.mark.whole
UNLIMITED = {"VENTANILLA_LIMIT_MESSAGES": "", "VENTANILLA_LIMIT_ADDRESS": "", "VENTANILLA_LIMIT_STARTS": ""}
FAILED = {"handed_over", "error"}  # nobody asks for a person here


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A product with two engines."""
    product = Product(tmp_path_factory.mktemp("busy") / "home", VENTANILLA_ENGINE_REPLICAS="2", **UNLIMITED)
    try:
        product.waits_until_ready()
        until(lambda: replicas(product) == 2)
        yield product
    finally:
        product.stops()


def engine_part(product: Product) -> dict[str, object]:
    part: dict[str, object] = httpx.get(f"{product.address}/readyz").json()["parts"]["engine"]
    return part


def replicas(product: Product) -> object:
    return engine_part(product)["replicas"]


def turns(talkers: list[Talker]) -> int:
    return sum(len(talker.accepted) for talker in talkers)


def go_on(talkers: list[Talker]) -> None:
    """Wait until everybody has got some more answers."""
    before = [len(talker.accepted) for talker in talkers]
    until(lambda: all(len(one.accepted) > count + 1 for one, count in zip(talkers, before, strict=True)))


def check_all_answered(product: Product, talkers: list[Talker]) -> None:
    found = outcomes(product, talkers)
    print(f"\n{turns(talkers)} turns: {found}")
    assert found.pop("lost") == 0 and found.pop("doubled") == 0
    assert not FAILED & set(found)


def test_an_engine_killed_in_the_middle_costs_no_turn(busy: Product) -> None:
    with talking(busy) as talkers:
        go_on(talkers)
        busy.engines()[0].kill()
        until(lambda: replicas(busy) == 1)
        go_on(talkers)
        until(lambda: replicas(busy) == 2)
        go_on(talkers)
    check_all_answered(busy, talkers)


def test_an_engine_that_hangs_costs_no_turn_and_is_replaced(busy: Product) -> None:
    with talking(busy) as talkers:
        go_on(talkers)
        hanging = busy.engines()[0]
        hanging.send_signal(signal.SIGSTOP)
        until(lambda: not psutil.pid_exists(hanging.pid))
        until(lambda: replicas(busy) == 2)
        go_on(talkers)
    check_all_answered(busy, talkers)


def test_another_model_takes_over_and_goes_back_without_a_failed_turn(busy: Product) -> None:
    first = engine_part(busy)["model"]
    with talking(busy) as talkers:
        go_on(talkers)
        learn_something(busy)
        said = operate(busy, "train")
        second = engine_part(busy)["model"]
        assert second != first and f"Serving {second} after" in said
        go_on(talkers)
        said = operate(busy, "model", "back")
        assert engine_part(busy)["model"] == first and f"Serving {first} after" in said
        go_on(talkers)
    check_all_answered(busy, talkers)
    print(said.strip())
    until(lambda: len(busy.engines()) == 2)


def test_a_model_that_cannot_be_loaded_is_refused_and_named(busy: Product) -> None:
    first = engine_part(busy)["model"]
    (busy.knowledge / "data" / "nlu").mkdir(exist_ok=True)
    (busy.knowledge / "data" / "nlu" / "more.yml").write_text('version: "3.1"\n')
    broken = fingerprint(busy.knowledge)
    (busy.home / "models" / f"{broken}.tar.gz").write_bytes(b"no archive")
    with talking(busy) as talkers:
        assert f"The model {broken} could not be used" in operate(busy, "train", code=7)
        go_on(talkers)
    check_all_answered(busy, talkers)
    part = engine_part(busy)
    assert part["model"] == first and broken in str(part["problem"])


def test_a_stop_in_the_middle_loses_nothing_and_the_next_start_answers_the_rest(busy: Product) -> None:
    with talking(busy) as talkers:
        go_on(talkers)
        engines = busy.engines()
        with talkers[0].listening() as lines:
            next(lines)
            busy.process.terminate()
            with contextlib.suppress(httpx.RemoteProtocolError):
                for _ in lines:
                    pass  # it is cut off: pages come back, here or to another node
        assert busy.process.wait(30) == 0
    assert len(engines) == 2 and not any(engine.is_running() for engine in engines)
    busy.starts()
    busy.waits_until_ready()
    until(lambda: outcomes(busy, talkers)["lost"] == 0)
    check_all_answered(busy, talkers)


def learn_something(product: Product) -> None:
    """A topic of the town's own, and the model that fits it: the one at hand, for only the change-over matters."""
    before = product.home / "models" / f"{fingerprint(product.knowledge)}.tar.gz"
    (product.knowledge / "data" / "nlu").mkdir(exist_ok=True)
    examples = 'version: "3.1"\nnlu:\n- intent: faq/beach\n  examples: |\n    - a qué hora hay socorrista\n'
    (product.knowledge / "data" / "nlu" / "own.yml").write_text(examples)
    # Not the same file, or nothing would change over: gzip reads past zeros at its end.
    before.with_name(f"{fingerprint(product.knowledge)}.tar.gz").write_bytes(before.read_bytes() + bytes(16))


def operate(product: Product, *command: str, code: int = 0) -> str:
    """Run a command of the operator beside the product; what it said."""
    done = subprocess.run(
        product._command(*command), env=product.environment, cwd=ROOT, capture_output=True, text=True, timeout=300
    )
    assert done.returncode == code, done.stderr
    return done.stderr
