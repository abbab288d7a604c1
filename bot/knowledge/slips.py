"""What is wrong in a file of the knowledge, said with the file, the line and what to write instead."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

MOST = 5  # sentences in a message: who has written more slips mends these first
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Slip:
    """One thing that is wrong: in which file (by `Shelves`' name), at which keys and positions, and a half sentence."""

    file: str
    place: Place
    says: str


def sentences(path_of: Callable[[str], Path], slips: Sequence[Slip]) -> str:
    """All of it as an operator reads it, each with its line."""
    told = [_sentence(path_of(slip.file), slip) for slip in slips[:MOST]]
    more = len(slips) - MOST
    return "; ".join(told) + (f"; and {more} more" if more > 0 else "")


def _sentence(path: Path, slip: Slip) -> str:
    node, line, names = _node(path), 0, []
    for step in slip.place:
        node, line = _below(node, step, line)
        names.append(_named(node, step))
    where = f"{slip.file}, line {line}" if line else slip.file
    return f"{where}: {' › '.join([*filter(None, names), slip.says])}"


def _node(path: Path) -> Node | None:
    try:
        node: Node | None = YAML(typ="rt").compose(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, YAMLError):
        return None
    return node


def _below(node: Node | None, step: str | int, line: int) -> tuple[Node | None, int]:
    """One step into a file, and the line it leads to; where there is nothing, the line stays."""
    if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
        return node.value[step], node.value[step].start_mark.line + 1
    if isinstance(node, MappingNode):
        for key, value in node.value:
            if key.value == str(step):
                return value, key.start_mark.line + 1
    return None, line


def _named(node: Node | None, step: str | int) -> str:
    """An entry of a list goes by its id, or else by nothing: its line says which."""
    if isinstance(step, str):
        return step
    found: Any = _below(node, "id", 0)[0]
    return str(found.value) if found is not None else ""
