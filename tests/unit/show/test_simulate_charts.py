"""Charts: valid Vega-Lite, drawn without a browser, readable, and never one reading of a receptor alone."""

import json
import re
import struct
from dataclasses import replace
from functools import cache
from itertools import pairwise
from pathlib import Path

import altair
import jsonschema
import numpy as np
import pytest

from posology.show import chart_data, chart_draw, charts
from posology.show.chart_parts import x_axis
from tests.unit.show import simulated

pytestmark = pytest.mark.xdist_group("simulate-charts")
ALL = [(name, chart.id) for name, make in simulated.ALL.items() for chart in charts.charts(make())]
WHITE = 255


def chart(name: str, id: str) -> charts.Chart:
    return next(each for each in charts.charts(simulated.ALL[name]()) if each.id == id)


@cache
def validator() -> jsonschema.Draft7Validator:
    place = Path(altair.__file__).parent / "vegalite" / "v6" / "schema" / "vega-lite-schema.json"
    return jsonschema.Draft7Validator(json.loads(place.read_text(encoding="utf-8")))


@cache
def svg(name: str, id: str, form: str = "wide") -> str:
    one = chart(name, id)
    return str(chart_draw.svg(getattr(one, form)(), one.id, one.title, one.says))


def shown(drawn: str) -> str:
    """All text that is read, in the order of the drawing; lines of one text are joined."""
    return " ".join(re.sub(r"<[^>]+>", " ", drawn.partition("</desc>")[2]).split()).replace("&gt;", ">")


def test_a_simulation_has_the_charts_that_apply():
    ids = {name: [id for of, id in ALL if of == name] for name in simulated.ALL}
    common = ["concentration", "blockade", "interval"]
    assert ids["issue"] == [*common, "comparison", "opioid-effect", "other-receptors"]
    assert ids["washout"] == [*common, "washout", "opioid-effect", "other-receptors"]
    assert ids["single"] == ["concentration", "blockade"]


@pytest.mark.parametrize(("name", "id"), ALL)
def test_it_is_valid_vega_lite(name, id):
    for form in ("wide", "narrow"):
        # A document of its own: what is written is what is checked.
        spec = json.loads(json.dumps(getattr(chart(name, id), form)()))
        spec["$schema"] = "https://vega.github.io/schema/vega-lite/v6.json"
        assert [error.message[:300] for error in validator().iter_errors(spec)] == []


@pytest.mark.parametrize(("name", "id"), ALL)
def test_it_says_what_it_shows_and_that_it_is_not_validated(name, id):
    drawn, one = svg(name, id), chart(name, id)
    assert f'<title id="{id}-title">{one.title}' in drawn
    assert f'<desc id="{id}-desc">' in drawn
    assert one.title in shown(drawn)
    assert "not validated. Blockatine, model made-up" in shown(drawn)
    assert "seed 1" in shown(drawn) or "typical person only" in shown(drawn)
    assert not re.search(r"<script|href=|url\((?!#)|<image", drawn)


@pytest.mark.parametrize(("name", "id"), [each for each in ALL if each[0] != "single"])
@pytest.mark.parametrize("form", ["wide", "narrow"])
def test_rival_readings_stand_side_by_side_or_not_at_all(name, id, form):
    told = shown(svg(name, id, form))
    titles = [title for title, _ in simulated.READINGS]
    if id in {"concentration", "other-receptors"}:
        assert not any(title in told for title in titles)
    else:
        assert all(title in told for title in titles)
        arms = simulated.ALL[name]().arms
        assert all(told.count(arm.name) >= len(titles) for arm in arms)


@pytest.mark.parametrize("id", ["blockade", "washout"])
def test_each_reading_has_its_caption_and_the_levels(id):
    told = shown(svg("washout", id))
    for _, says in simulated.READINGS:
        assert says in told
    assert all(told.count(level) >= 2 for level in ("50 %", "80 %", "90 %"))


def test_people_are_named_only_where_people_were_simulated():
    assert "5–95 % of simulated people" in shown(svg("issue", "blockade"))
    assert "5–95 %" not in shown(svg("compared", "blockade"))
    first = chart("compared", "comparison").wide()["vconcat"][0]["concat"][0]
    assert "rule" not in [layer["mark"]["type"] for layer in first["layer"]]


def test_the_washout_tells_when_each_level_is_left():
    told = shown(svg("washout", "washout"))
    assert re.search(r"below 50 %: \d+\.\d d \(\d+\.\d–\d+\.\d d\)", told)
    assert "days since the last dose" in told
    assert told.count("usual stop before surgery, 2 to 4 days") == 2


@pytest.mark.parametrize(("name", "axis"), [("issue", "days since"), ("single", "hours since")])
def test_long_runs_are_in_days_and_short_ones_in_hours(name, axis):
    assert axis in shown(svg(name, "concentration"))


def test_arms_that_differ_much_are_on_a_logarithmic_scale():
    assert "logarithmic" in chart("issue", "concentration").says
    assert "logarithmic" not in chart("compared", "concentration").says


@pytest.mark.parametrize(
    ("name", "id"), [("issue", "blockade"), ("washout", "washout"), ("single", "blockade")]
)
def test_the_picture_is_there_and_not_empty(name, id):
    drawn = chart_draw.png(chart(name, id).wide())
    assert drawn[:8] == b"\x89PNG\r\n\x1a\n"
    width, height = struct.unpack(">II", drawn[16:24])
    assert 1600 < width < 2400
    assert 400 < height < 4000
    assert len(drawn) > 20_000


def test_the_same_simulation_gives_the_same_bytes():
    one, two = chart("issue", "blockade"), chart("issue", "blockade")
    assert chart_draw.png(one.wide()) == chart_draw.png(two.wide())
    assert chart_draw.svg(one.wide(), "a", "t", "d") == chart_draw.svg(two.wide(), "a", "t", "d")


@pytest.mark.parametrize(("name", "id"), ALL)
def test_files_stay_small(name, id):
    assert len(svg(name, id)) < 130_000


def test_names_are_escaped():
    hostile = replace(
        simulated.single(),
        drug_name="<script>alert(1)</script>",
        arms=tuple(replace(arm, name="<b>&") for arm in simulated.single().arms),
    )
    one = charts.charts(hostile)[0]
    drawn = chart_draw.svg(one.wide(), one.id, one.title, one.says)
    assert "<script" not in drawn
    assert "<b>" not in drawn
    assert "&lt;b&gt;&amp;" in drawn


def test_long_names_are_cut_and_numbered():
    long = "1.5 mg po nightly for 2 weeks then 3 mg po nightly for 2 weeks then 4.5 mg po nightly for 8 weeks"
    one = simulated.compared()
    arms = tuple(replace(arm, name=f"{long} & {long} & {arm.name}") for arm in one.arms)
    for each in charts.charts(replace(one, arms=arms)):
        for spec in (each.wide(), each.narrow()):
            told = shown(str(chart_draw.svg(spec, each.id, each.title, each.says)))
            assert all(f"{number}. 1.5 mg po nightly" in told for number in range(1, 5)), each.id
            assert "oud-" not in told


# --- fewer points


def test_thinned_curves_keep_every_peak_and_are_off_by_less_than_can_be_seen():
    arm = simulated.issue().arms[1]
    curve = arm.curves[0]
    window = chart_data.Window(0.0, 14 * 24.0)
    top = chart_data.peak(curve, window)
    rows = chart_data.points(curve, window, top=top)
    inside = curve.hours <= window.end
    assert len(rows) < inside.sum()
    at = [row["hour"] for row in rows]
    drawn = np.interp(curve.hours[inside], at, [row["y"] for row in rows])
    assert np.abs(drawn - curve.typical[inside]).max() <= 0.004 * top
    highest = curve.typical[inside].max()
    assert max(row["y"] for row in rows) == highest


def test_a_day_in_the_range_goes_from_its_lowest_to_its_highest():
    curve = simulated.issue().arms[1].curves[0]
    rows = chart_data.ranges(curve, chart_data.Window(0.0, 2160.0), top=chart_data.peak(curve))
    first = curve.typical[:24]
    assert rows[0] == {
        "hour": 12.0,
        "y": first.min(),
        "y2": first.max(),
        "low": curve.low[:24].min(),
        "high": curve.high[:24].max(),
    }
    assert all(one["hour"] < two["hour"] for one, two in pairwise(rows))


@pytest.mark.parametrize(
    ("arm", "start", "end", "even"),
    [
        (0, 648.0, 672.0, True),
        (1, 624.0 - 168, 624.0, False),
        (2, 624.0, 672.0, True),
        (3, 576.0, 648.0, True),
    ],
)
def test_the_close_up_is_the_last_whole_interval(arm, start, end, even):
    # oud-a ends with a dose on day 27; oud-b leaves out day 6 of 7 and ends on day 26; oud-d has its last on day 27.
    assert chart_data.interval(simulated.compared().arms[arm]) == (start, end, even)


def test_two_points_and_a_flat_line_need_no_more():
    at = np.linspace(0.0, 10.0, 11)
    assert chart_data.simplified(at[:2], np.zeros((1, 2)), 0.01) == [0, 1]
    assert chart_data.simplified(at, np.ones((3, 11)), 0.01) == [0, 10]


def test_numbers_on_an_axis_are_not_rounded_like_coordinates():
    spec = {
        "data": {"values": [{"x": 1.23456, "y": 0.001}, {"x": 2, "y": 10}]},
        "mark": "point",
        "encoding": {
            "x": {"field": "x", "type": "quantitative"},
            "y": {
                "field": "y",
                "type": "quantitative",
                "scale": {"type": "log", "domain": [0.001, 10]},
                "axis": {"values": [0.001, 0.01, 0.1, 1, 10], "format": "~g"},
            },
        },
    }
    drawn = str(chart_draw.svg(spec, "axis", "An axis", "From a thousandth on"))
    assert ">0.001<" in drawn
    assert not re.search(r'="[^"]*\d\.\d{3}', drawn)


@pytest.mark.parametrize("end", [12.0, 2.0, 672.0])
def test_hours_and_days_on_an_axis_have_no_idle_decimals(end):
    assert x_axis(end > 72, end, "time")["axis"]["format"] == "~f"
