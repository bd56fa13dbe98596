"""A plan on the terminal: everything is there, it fits, and nothing of it steers the terminal."""

import re

import pytest

from posology.show.plan_text import render, render_missed

from . import plans
from .factory import FORBIDDEN

SGR = re.compile(r"\x1b\[[0-9;]*m")


@pytest.mark.parametrize("width", [40, 72, 100])
@pytest.mark.parametrize("name", plans.ALL)
def test_it_fits_and_is_harmless(name, width):
    text = render(plans.ALL[name], color=False, width=width)
    assert max(map(len, text.split("\n"))) <= max(width, 40) or name == "hostile"
    assert not set(text) & set(FORBIDDEN)
    assert SGR.sub("", render(plans.ALL[name], color=True, width=width)) == text


def test_a_titration_is_whole():
    text = render(plans.titration(), color=False, width=100)
    for line in (
        "  1.5 mg every day at 21:00, 14 doses\n",
        "First dose Tue 2026-12-01 (asked for Thu 2026-11-26).",
        "This calendar ends Tue 2027-02-23;",
        "! oxycodone, last on Tue 2026-11-24: first dose not before Tue 2026-12-01",
        "Tue 2026-12-01  Mon 2026-12-14  1.5 mg by mouth every evening (one capsule)",
        "Tue 2026-12-29  goes on         4.5 mg by mouth every evening (one capsule)",
        "Tue 2026-12-29 to Sat 2027-02-06: 4.5 mg every day at 21:00, 40 doses",
        "Wed 2027-02-17 to Tue 2027-02-23: 4.5 mg every day at 21:00, 7 doses",
        "Operation Wed 2027-02-10: last dose Sat 2027-02-06, first again Wed 2027-02-17",
        "1.5 mg, 3 mg, 4.5 mg: capsule of this strength, made by a compounding pharmacy",
        "Tue 2027-02-23  decision: How long to try",
        "Basis: trial [final-2024, bruun-plesner-2020].",
        "No pharmacy was asked what it can make.",
    ):
        assert line in text, line


def test_a_week_is_added_up():
    text = render(plans.weekly(), color=False, width=100)
    assert "In a week: 350 mg from Monday to Sunday, once the doses have settled." in text
    assert "50 mg on Mon to Fri at 08:00, 10 doses" in text
    assert "100 mg every Sat at 08:00, 2 doses" in text
    assert "Schedules with gaps are meant for supervised dosing." in text


def test_missed_doses():
    text = render_missed(plans.MISSED, color=False, width=100)
    assert "Missed low dose: leave it out and go on at the same dose" in text
    assert "Wed 2026-12-23 at 21:00: 3 mg (one capsule)" in text
