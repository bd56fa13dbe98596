"""A made-up drug with kinetics of its own, simulated through the Python API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import posology
from posology.monograph.load import Library, load_library
from posology.simulate.result import Arm, Curve, Simulation, Spread

MADE_UP = Path(__file__).parent / "made_up"
_library: list[Library] = []


def library() -> Library:
    """The packaged knowledge with that of the made-up drug."""
    if not _library:
        _library.append(load_library(MADE_UP))
    return _library[0]


def plainol(*rx: str, **asked: Any) -> Simulation:
    return posology.simulate("plainol", rx=rx, monographs=library(), **asked)


def curve(arm: Arm, output: str) -> Curve:
    (found,) = [each for each in arm.curves if each.output.id == output]
    return found


def number(arm: Arm, output: str, kind: str, window: str = "", level: float | None = None) -> Spread:
    (found,) = [
        each
        for each in arm.summaries
        if (each.output, each.kind, each.level) == (output, kind, level) and each.window.startswith(window)
    ]
    return found.value
