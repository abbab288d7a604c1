"""What the citizen notices when the engine dies: a wait, and nothing else."""

import uuid
from typing import Any

import httpx
import pytest

from tests.whole.product import Product, until

pytestmark = pytest.mark.whole


class Citizen:
    """Ana through the public API of the started product."""

    def __init__(self, product: Product) -> None:
        self.http = httpx.Client(base_url=f"{product.address}/api/chat/v1", timeout=60)
        started = self.http.post("/conversations", json={"language": "es"}).json()
        self.path = f"/conversations/{started['conversation']}/messages"
        self.http.headers["Authorization"] = f"Bearer {started['token']}"

    def says(self, text: str) -> str:
        """What is said to her in return."""
        seq = self.http.post(self.path, json={"id": uuid.uuid4().hex, "text": text}).json()["seq"]

        def answered() -> dict[str, Any] | None:
            page = self.http.get(self.path, params={"after": seq}).json()
            return None if page["pending"] else page

        return "\n".join(message["text"] for message in until(answered, 90)["messages"])


def test_killing_the_engine_inside_a_form_loses_nothing(product: Product) -> None:
    ana = Citizen(product)
    ana.says("quiero avisar de un problema")
    assert "¿Dónde es?" in ana.says("la farola de mi portal parpadea toda la noche")
    [engine] = product.engines()
    engine.kill()
    assert "correo o un teléfono" in ana.says("calle Luna 12")
    summary = ana.says("no")
    assert "la farola de mi portal parpadea toda la noche" in summary
    assert "calle Luna 12" in summary
    assert product.engines() != [engine]
