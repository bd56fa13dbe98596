"""The terminal's answer and the JSON of a simulation."""

import json
import re
from dataclasses import replace

import pytest

from posology.show import json as show_json
from posology.show import simulate_text, simulate_words
from posology.simulate.result import Spread, Summary
from tests.unit.show import simulated


def text(name: str, width: int = 88) -> str:
    return simulate_text.render(simulated.ALL[name](), color=False, width=width)


@pytest.mark.parametrize("name", simulated.ALL)
def test_what_must_be_said_is_said(name):
    told = " ".join(text(name).split())
    one = simulated.ALL[name]()
    assert one.calibrated in told
    for said in one.said:
        assert said.says in told
        assert said.sources[0] in told
    for title, says in one.readings:
        assert f"{title}: {says}" in told
    assert "1 fitted to published summaries" in told
    assert "--format json" in told


@pytest.mark.parametrize("name", simulated.ALL)
@pytest.mark.parametrize("width", [40, 60, 88, 100])
def test_no_line_is_wider_than_the_terminal(name, width):
    assert max(map(len, text(name, width).splitlines())) <= width


def test_each_regimen_has_its_numbers_in_both_readings():
    told = text("issue")
    first = told.partition("REGIMEN 1: 4.5 mg po nightly x90")[2].partition("REGIMEN 2: 50 mg po q24h x90")[0]
    titles = r"\s+".join(re.escape(title) for title, _ in simulated.READINGS)
    assert re.search(titles, first)
    low = simulate_words.summary(simulated.issue().arms[0], simulated.RETAINED, "least")
    assert f"{low.value.typical:.0%}".rstrip("%") in first
    assert "Hours a day ≥ 80 %" in first


def test_regimens_are_compared_in_each_reading():
    told = text("compared")
    for title, _ in simulated.READINGS:
        assert f"COMPARED: {title.upper()}" in told
    assert told.count("oud-d") >= 2
    assert "COMPARED" not in text("washout")


def test_what_people_go_by_stands_beside_the_model():
    told = " ".join(text("washout").split())
    assert "After the last dose, usual stop before surgery, 2 to 4 days (Guideline: consensus)." in told


def test_colour_is_only_there_when_asked_for():
    assert "\x1b" not in text("issue")
    assert "\x1b[" in simulate_text.render(simulated.single(), color=True, width=88)


def test_nothing_of_a_name_acts_on_the_terminal():
    hostile = replace(simulated.single(), drug_name="a\x1b[31mb\u202ec")
    assert not re.search(r"[\x1b\u202e]", simulate_text.render(hostile, color=False, width=88))


def summary(kind: str, unit: str, spread: Spread) -> Summary:
    return Summary("mu", kind, "", unit, spread, 0.5)


@pytest.mark.parametrize(
    ("kind", "unit", "spread", "told"),
    [
        ("least", "1", Spread(0.734), "73"),
        ("least", "1", Spread(0.9996), "100"),
        ("least", "1", Spread(0.996, 0.99, 0.98, 0.9951), ">99 (98–>99)"),
        ("least", "1", Spread(0.001), "<1"),
        ("accumulation", "1", Spread(1.104), "1.10"),
        ("hours-above", "h/day", Spread(24.0, 24.0, 17.5, 24.0), "24 (17.5–24)"),
        ("below-after", "d", Spread(6.3, 6.4, 4.5, 10.6), "6.3 d (4.5–10.6 d)"),
        ("below-after", "d", Spread(1.5), "36.0 h"),
        ("below-after", "d", Spread(float("nan")), "later than simulated"),
        ("below-after", "d", Spread(6.3, 6.4, 4.5, float("nan"), 0.9), "6.3 d (4.5 d–later)"),
        ("below-after", "d", Spread(0.0), "below all the time"),
        ("cmax", "ng/mL", Spread(0.00861), "0.00861"),
        ("auc", "ng·h/mL", Spread(12345.6), "12,346"),
        ("tmax", "h", Spread(0.85), "51 min"),
    ],
)
def test_numbers_read_as_they_should(kind, unit, spread, told):
    assert simulate_words.with_band(summary(kind, unit, spread)) == told


@pytest.mark.parametrize("name", simulated.ALL)
def test_the_json_is_complete_and_the_same_twice(name):
    one = simulated.ALL[name]()
    told = show_json.dumped_curves(one.to_dict())
    assert json.loads(told) == one.to_dict()
    assert told == show_json.dumped_curves(one.to_dict())
    assert told.endswith("}\n")


def test_rows_of_numbers_stand_on_one_line():
    told = show_json.dumped_curves({"a": [1.0, None, -2.5e-7], "b": ["x", "[\n 1\n]"], "c": [], "d": [[1.0]]})
    assert '"a": [ 1.0, null, -2.5e-07 ]' in told
    assert json.loads(told) == {"a": [1.0, None, -2.5e-7], "b": ["x", "[\n 1\n]"], "c": [], "d": [[1.0]]}
