"""The reasons for going on against a card, from YAML beside this module."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from posology.check.verdict import NAMES
from posology.monograph.yaml_file import read_yaml

_FILE = Path(__file__).with_name("override_reasons.yaml")


@cache
def _known() -> dict[str, Any]:
    data: dict[str, Any] = read_yaml(_FILE).data
    return data


def offered(rank: int) -> list[dict[str, str]]:
    """Codings of the reasons that make sense against a verdict of this rank."""
    level, known = NAMES["starting"][rank], _known()
    return [
        {"system": known["system"], "code": each["code"], "display": each["display"]}
        for each in known["reasons"]
        if level in each["for"]
    ]


def is_known(system: str, code: str) -> bool:
    """Is this one of the reasons that cards offer?"""
    known = _known()
    return system == known["system"] and any(each["code"] == code for each in known["reasons"])
