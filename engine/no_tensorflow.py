"""Lets Rasa start without TensorFlow, and refuses when a neural component is really used.

Rasa imports TensorFlow at start even when the pipeline has no neural component. `install()` puts an import finder in
front that answers `tensorflow` with placeholders. Importing, subclassing and decorating them is free; calling one from
inside a function is a real use and raises `TensorFlowMissing`. When the real TensorFlow is there, nothing is installed.
"""

from __future__ import annotations

import importlib.abc
import importlib.machinery
import inspect
import sys
import types
from typing import Any, Optional, Sequence

ROOTS = {"tensorflow", "tensorflow_addons", "tensorflow_hub", "tensorflow_text", "keras"}
REFUSAL = "this pipeline needs TensorFlow: install the engine with the extra `tensorflow`"


class TensorFlowMissing(ImportError):
    """A component that needs TensorFlow was used, and the engine was installed without it."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{REFUSAL} (asked for {name})")


def is_definition(frame: types.FrameType) -> bool:
    """Whether the frame runs the body of a module or class of Rasa's: there, names are only being defined.

    Other libraries (spaCy's thinc) call TensorFlow while they are imported to see whether it is there: it is not.
    """
    in_body = not frame.f_code.co_flags & inspect.CO_OPTIMIZED
    return in_body and str(frame.f_globals.get("__name__", "")).split(".")[0] == "rasa"


class Placeholder(type):
    """The type of every name that a placeholder module gives out."""

    def __getattr__(cls, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        return make_placeholder(f"{cls.__qualname__}.{name}")

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if not is_definition(sys._getframe(1)):
            raise TensorFlowMissing(cls.__qualname__)
        if len(args) == 1 and callable(args[0]) and not kwargs:
            return args[0]  # a bare decorator
        return lambda decorated=None, *_, **__: decorated  # a decorator with arguments, or a default value

    def __or__(cls, other: Any) -> Any:
        return cls

    __ror__ = __or__

    def __getitem__(cls, item: Any) -> Any:
        return cls


def make_placeholder(name: str) -> Placeholder:
    """A class that stands for `name`, e.g. `tensorflow.keras.layers.Dense`."""
    created = Placeholder(name.rsplit(".", 1)[-1], (), {"__module__": "tensorflow"})
    created.__qualname__ = name
    return created


class PlaceholderModule(types.ModuleType):
    """A module whose every public name is a placeholder."""

    __path__: list = []
    __version__ = "0.0.0"

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        value = make_placeholder(f"{self.__name__}.{name}")
        setattr(self, name, value)
        return value


class PlaceholderFinder(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Answers the imports of `ROOTS` and below."""

    def find_spec(
        self, fullname: str, path: Optional[Sequence[str]] = None, target: Optional[types.ModuleType] = None
    ) -> Optional[importlib.machinery.ModuleSpec]:
        if fullname.split(".")[0] in ROOTS:
            return importlib.machinery.ModuleSpec(fullname, self, is_package=True)
        return None

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> types.ModuleType:
        return PlaceholderModule(spec.name)

    def exec_module(self, module: types.ModuleType) -> None:
        """Nothing to run: the names are made when asked for."""


def install() -> bool:
    """Puts the finder in front. Returns False, and changes nothing, when the real TensorFlow is installed."""
    if importlib.machinery.PathFinder.find_spec("tensorflow") is not None:
        return False
    if not any(isinstance(finder, PlaceholderFinder) for finder in sys.meta_path):
        sys.meta_path.insert(0, PlaceholderFinder())
    return True
