"""Posology: a drug monograph, executed.

>>> import posology
>>> result = posology.check("patient.json", drug="some-drug", use="chronic-pain", on="2026-11-22")
>>> result.verdict
'cannot-tell'
"""

from __future__ import annotations

from posology.api import check, explain, missed, plan, plan_after, screen, simulate
from posology.monograph.load import load_library
from posology.version import VERSION

__version__ = VERSION

__all__ = [
    "__version__",
    "check",
    "explain",
    "load_library",
    "missed",
    "plan",
    "plan_after",
    "screen",
    "simulate",
]
