"""A drug that exists only in a folder can be planned: nothing about it is in Python."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

import posology
from posology.check.engine import Engine
from posology.errors import NotPossible, UsageError
from posology.monograph.load import Library
from tests.unit.monograph.conftest import FILES

DOSAGE = """\
- id: slow-start
  kind: dosage
  title: Slow start
  names: [slow]
  says: Half a tablet for three days, then one.
  rx: 5 mg po q24h x3 then 10 mg po q24h
  basis: label
  uses: [pain]
  sources: [x-label#2]
- id: drops
  kind: dosage
  names: [drops]
  says: Three drops at night.
  rx: 3 mg po nightly for 7 days
  basis: label
  uses: [gout-pain]
  products: [drops]
  sources: [x-label#2]
- id: too-much
  kind: warning
  says: More than 40 mg a day is too much.
  cap: {answer: refuse, above-mg: 40, per: day, routes: [po]}
  basis: label
  sources: [x-label#2]
- id: rather-much
  kind: warning
  says: 20 mg and more makes sleepy.
  cap: {answer: warn, from-mg: 20, per: dose}
  basis: label
  sources: [x-label#2]
- id: cut
  kind: dosage
  says: Two days before and one after.
  hold: {days-before: 2, days-after: 1}
  basis: label
  sources: [x-label#2]
- id: look-at-it
  kind: monitoring
  title: Look
  says: Look at the skin.
  schedule: [{weeks: [1, 2], every-weeks: 2, what: look, title: Skin}]
  basis: label
  sources: [x-label#2]
"""
PRODUCTS = """\
  - id: tablet
    name: Xamab 10 mg tablet
    ingredients: [xamab]
    form: tablet
    route: oral
    rx-route: po
    unit: tablet
    unit-mg: 10
    splits: 4
    sources: [x-label]
  - id: drops
    name: Xamab drops
    ingredients: [xamab]
    form: tablet
    route: oral
    rx-route: po
    compounded: "drops with {mg} mg in each"
    sources: [x-label]
"""


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    for name, text in {**FILES, "xamab/dosage.yaml": DOSAGE}.items():
        path = tmp_path / name
        path.parent.mkdir(exist_ok=True)
        if name == "xamab/monograph.yaml":
            text = text[: text.index("  - {id: tablet")] + PRODUCTS
        path.write_text(text)
    return Engine(Library((tmp_path,)))


def test_steps_units_and_visits(engine: Engine) -> None:
    plan = posology.plan("xamab", regimen="slow", start="2026-12-01", on="2026-12-01", monographs=engine)
    assert [(step.first.day, step.taken_as) for step in plan.steps] == [
        (1, "half a tablet"),
        (4, "one tablet"),
    ]
    looks = [each.day.isoformat() for each in plan.appointments if each.title == "Skin"]
    assert looks[:4] == ["2026-12-08", "2026-12-15", "2026-12-29", "2027-01-12"]
    assert plan.versions["monograph"]


def test_its_own_wait(engine: Engine) -> None:
    plan = posology.plan(
        "xamab",
        regimen="slow",
        start="2026-12-01",
        on="2026-12-01",
        last_opioid=["Yolbrand 2026-11-28"],
        monographs=engine,
    )
    assert plan.start == date(2026, 11, 28) + timedelta(days=10)
    assert plan.waits[0].said.statement == "yolol-taken"


def test_its_own_pause_and_limits(engine: Engine) -> None:
    def asked(**more: object) -> object:
        return posology.plan("xamab", start="2026-12-01", on="2026-12-01", monographs=engine, **more)  # type: ignore[arg-type]

    plan = posology.plan(
        "xamab",
        regimen="slow",
        start="2026-12-01",
        on="2026-12-01",
        surgery=["2026-12-20"],
        monographs=engine,
    )
    held = [
        d for d in range(1, 32) if d not in {each.when.day for each in plan.doses if each.when.month == 12}
    ]
    assert held == [19, 20]
    with pytest.raises(NotPossible, match="More than 40 mg"):
        asked(rx="21 mg po q12h")
    warned = posology.plan(
        "xamab", rx="20 mg po q24h", start="2026-12-01", on="2026-12-01", monographs=engine
    )
    assert [each.statement for each in warned.warnings] == ["rather-much"]
    with pytest.raises(UsageError, match="its routes: po"):
        asked(rx="5 mg iv")


def test_what_cannot_be_divided_is_ordered(engine: Engine) -> None:
    plan = posology.plan(
        "xamab", rx="3 mg po q24h", product="tablet", start="2026-12-01", on="2026-12-01", monographs=engine
    )
    assert plan.steps[0].needs == (
        "3 mg cannot be made from Xamab 10 mg tablet: 2.5 mg is the smallest part of it."
        " Needed: drops with 3 mg in each"
    )


def test_no_statement_about_missed_doses_is_said_so(engine: Engine) -> None:
    answer = posology.missed(
        "xamab", regimen="slow", last_taken="2026-12-10", on="2026-12-14", monographs=engine
    )
    assert (answer.missed, answer.next) == (3, ())
    assert "nothing about missed doses" in " ".join(answer.notes)
