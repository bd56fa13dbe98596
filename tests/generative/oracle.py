"""What the properties share: asking, ranking, and finding what decided an answer."""

from __future__ import annotations

import json
from datetime import date
from typing import Any

import posology
from posology.check.result import Finding, Result

from . import knowledge
from .knowledge import Asked

Json = dict[str, Any]
RANK = {
    "suitable": 0,
    "continue": 0,
    "with-precautions": 1,
    "cannot-tell": 2,
    "not-now": 3,
    "hold": 3,
    "avoid": 4,
    "stop": 4,
}
CANNOT_TELL, STOPPING = 2, 3


def bytes_of(record: Json) -> bytes:
    """The JSON of a record."""
    return json.dumps(record, ensure_ascii=False).encode("utf-8", "surrogatepass")


def ask(record: Json | bytes, asked: Asked, on: date) -> Result:
    """The answer to one question about one record."""
    data = record if isinstance(record, bytes) else bytes_of(record)
    return posology.check(
        data,
        drug=asked.drug,
        use=asked.use,
        on=on,
        region=asked.region,
        product=asked.product,
        monographs=knowledge.engine(),
    )


def rank(result: Result) -> int:
    """How little a verdict permits, from 0."""
    return RANK[result.verdict]


def stopping(result: Result) -> list[Finding]:
    """Met findings that stop it."""
    return [
        each
        for each in result.findings
        if each.status == "met" and RANK.get(each.verdict or "", 0) >= STOPPING
    ]


def met_by(result: Result, ref: str) -> list[Finding]:
    """Stopping findings that an entry decided."""
    return [
        each for each in stopping(result) if any(entry.ref.partition("#")[0] == ref for entry in each.entries)
    ]
