# ruff: noqa: E501 (tables read better with a row in one line)
"""Each finding of lint about plans, brought about by one small change to knowledge that lints clean."""

from __future__ import annotations

import pytest

from posology.api import trial
from posology.monograph.lint import Problem, lint
from tests.unit.monograph.conftest import Knowledge

DOSAGE, HEAD = "xamab/dosage.yaml", "xamab/monograph.yaml"
GOOD = """\
- id: slow-start
  kind: dosage
  title: Slow start
  names: [slow]
  says: Half a tablet for three days, then one.
  rx: 5 mg po q24h x3 then 10 mg po q24h
  basis: label
  uses: [pain]
  sources: [x-label#2]
- id: too-much
  kind: warning
  says: More than 40 mg a day is too much.
  cap: {answer: refuse, above-mg: 40, routes: [po]}
  basis: label
  sources: [x-label#2]
- id: forgotten
  kind: dosage
  says: Leave it out.
  missed: {answer: skip, days-from: 1, days-to: 9}
  hold: {days-before: 2, days-after: 1}
  basis: label
  sources: [x-label#2]
- id: look-at-it
  kind: monitoring
  says: Look at the skin.
  schedule: [{weeks: [1, 2], every-weeks: 2}]
  basis: label
  sources: [x-label#2]
"""
PRODUCT = "form: tablet, route: oral, rx-route: po, unit: tablet, unit-mg: 10, splits: 2, sources"
HOLD = "hold: {days-before: 2, days-after: 1}"

CHANGES = [
    (DOSAGE, "  rx: 5 mg po q24h x3 then 10 mg po q24h\n", "", "names without rx"),
    (DOSAGE, "names: [slow]", "names: [Slow one]", "'Slow one' is not a name"),
    (DOSAGE, "names: [slow]", "names: [forgotten]", "'forgotten' is already the id of another statement"),
    (DOSAGE, "above-mg: 40, ", "", "gives not one limit"),
    (DOSAGE, "above-mg: 40", "above-mg: 40, only-mg: [3]", "gives not one limit"),
    (DOSAGE, "above-mg: 40", "above-mg: 40, from-mg: 40", "has both above-mg and from-mg"),
    (DOSAGE, "above-mg: 40", "above-mg: 40, below-mg: 40", "no dose is above 40 and below 40 mg"),
    (DOSAGE, "above-mg: 40", "below-mg: 40, per: week", "a week has an upper bound only"),
    (DOSAGE, "routes: [po]", "routes: [iv]", "unknown route of a product 'iv'"),
    (DOSAGE, "days-to: 9", "days-to: 0", "days-to is less than days-from"),
    (DOSAGE, "kind: monitoring", "kind: dosage", "belongs to kind monitoring"),
    (DOSAGE, "{weeks: [1, 2], every-weeks: 2}", "{title: skin}", "gives neither weeks nor each-dose"),
    (DOSAGE, "{weeks: [1, 2], every-weeks: 2}", "{weeks: [1], each-dose: true}", "gives neither weeks nor each-dose, or both"),
    (DOSAGE, "weeks: [1, 2]", "weeks: [2, 1]", "weeks are not in order"),
    (DOSAGE, "every-weeks: 2", "products: [syrup]", "unknown product 'syrup'"),
    (DOSAGE, "every-weeks: 2", "uses: [headache]", "unknown use 'headache'"),
    (HEAD, "unit-mg: 10, ", "", "unit and unit-mg go together"),
    (HEAD, "unit-mg: 10", "unit-mg: -1", "is no strength"),
    (HEAD, "splits: 2", "splits: 0", "splits needs a unit, and is at least 1"),
    (HEAD, "splits: 2", "compounded: a capsule", "compounded names no amount"),
    (HEAD, "rx-route: po, ", "", "has units but no rx-route"),
    # regimens that are tried
    (DOSAGE, "5 mg po q24h x3 then", "5 mgs po q24h x3 then", "rx, character"),
    (DOSAGE, "5 mg po q24h x3 then", "5 mg iv q24h x3 then", "several routes"),
    (DOSAGE, "then 10 mg po", "then 50 mg po", "More than 40 mg a day is too much"),
]  # fmt: skip


@pytest.fixture
def planning(knowledge: Knowledge) -> Knowledge:
    (knowledge.path / DOSAGE).write_text(GOOD)
    knowledge.replace(HEAD, "form: tablet, route: oral, sources", PRODUCT)
    return knowledge


def found(knowledge: Knowledge) -> list[Problem]:
    library = knowledge.library()
    return lint(library, trial=trial(library))


def test_it_is_clean(planning: Knowledge) -> None:
    assert found(planning) == []


@pytest.mark.parametrize("change", CHANGES, ids=[c[3] + ": " + c[2] for c in CHANGES])
def test_each_error_is_found(planning: Knowledge, change: tuple[str, str, str, str]) -> None:
    file, old, new, message = change
    planning.replace(file, old, new)
    problems = found(planning)
    assert any(message in p.message and p.file.endswith(file) for p in problems), [str(p) for p in problems]


def test_two_names_and_two_pauses(planning: Knowledge) -> None:
    with (planning.path / DOSAGE).open("a") as file:
        file.write(GOOD.replace("id: ", "id: other-"))
    messages = [problem.message for problem in found(planning)]
    assert "'slow' is already a name of 'slow-start'; choose another" in messages
    assert "'forgotten' already says how long to pause; limit one of them" in messages
