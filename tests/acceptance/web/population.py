"""The results of a real run over the repository's own examples, each of them many people."""

from datetime import date
from pathlib import Path

from tests import exports

from .visit import EXAMPLES

ON = date(2026, 11, 22)
"""The day for which the examples are written."""
PEOPLE = {"fibromyalgia-complete": 30, "fibromyalgia-on-tramadol": 24, "on-ldn-review": 14, "ldn-sparse": 6}
"""How many are like each example; of the last so few that a report must not tell them."""
NAMES = {"fibromyalgia-complete": "vega", "fibromyalgia-on-tramadol": "okafor", "on-ldn-review": "lindqvist",
         "ldn-sparse": "haddad"}  # fmt: skip
"""What the ids of each example begin with."""


def screened(place: Path) -> Path:
    """The folder of the results. Patients are called ``okafor-3-patient``."""
    files = {}
    for example, count in PEOPLE.items():
        name, text = NAMES[example], (EXAMPLES / f"{example}.json").read_text(encoding="utf-8")
        for number in range(1, count + 1):
            files[f"{name}-{number}.json"] = text.replace(f"{name}-", f"{name}-{number}-").encode()
    exports.screened(exports.written(place / "in", files), place / "out", on=ON)
    return place / "out"
