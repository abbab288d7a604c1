"""The studio: where administrators edit answers."""

from typing import Any

from fastapi import APIRouter


def router(*parts: Any) -> APIRouter:
    """Nothing yet."""
    return APIRouter(prefix="/studio")
