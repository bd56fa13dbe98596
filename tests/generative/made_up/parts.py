"""Pieces that generated entries share."""

from __future__ import annotations

from random import Random
from typing import Any

from .vocabulary import Json

ME = {"reference": "Patient/p"}


def coded(system: str, code: str, display: str = "") -> Json:
    """A codeable concept of one coding."""
    return {"coding": [{"system": system, "code": code, **({"display": display} if display else {})}]}


def maybe(random: Random, chance: float, **fields: Any) -> Json:
    """The fields, with this chance."""
    return fields if random.random() < chance else {}
