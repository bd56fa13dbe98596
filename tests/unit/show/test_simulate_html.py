"""The page of a simulation: self-contained, with everything that has to be said, and numbers beside each chart."""

import re
from dataclasses import replace

import pytest

from posology.monograph.load import load_library
from posology.show import simulate_html, simulate_table
from tests.unit.show import simulated


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    library = load_library()
    return {name: simulate_html.render(make(), library) for name, make in simulated.ALL.items()}


@pytest.mark.parametrize("name", simulated.ALL)
def test_it_is_one_file_without_script(pages, name):
    page = pages[name]
    assert "<script" not in page
    assert not re.search(r'(?:src|href)="(?!#)', page)
    assert "Content-Security-Policy" in page


@pytest.mark.parametrize("name", simulated.ALL)
def test_ids_are_unique_and_references_lead_somewhere(pages, name):
    page = pages[name]
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    told = re.findall(r'url\(#([^)]+)\)|href="#([^"]+)"', page)
    labels = [label for found in re.findall(r'aria-labelledby="([^"]+)"', page) for label in found.split()]
    assert {one or two for one, two in told} | set(labels) <= set(ids)


@pytest.mark.parametrize("name", simulated.ALL)
def test_it_says_what_has_to_be_said(pages, name):
    page, one = pages[name], simulated.ALL[name]()
    assert one.calibrated in page
    for said in one.said:
        assert said.says in page
    for _, says in one.readings:
        assert says in page
    for each in one.parameters:
        assert each.says in page
    assert "fitted to published summaries" in page


def test_every_chart_is_there_for_wide_and_narrow_windows_with_numbers(pages):
    page = pages["washout"]
    assert len(re.findall(r'class="chart wide"', page)) == 6
    assert len(re.findall(r'class="chart narrow"', page)) == 6
    assert page.count("The same as numbers") == 5


def test_numbers_beside_a_chart_are_of_the_curve():
    one = simulated.washout()
    table = simulate_table.at_times(one, [simulated.RETAINED], since_last=True)[0]
    curve = one.arms[0].curves[2]
    third = curve.typical[(curve.hours >= 29 * 24 + 48) & (curve.hours < 29 * 24 + 72)]
    assert table.rows[2] == ("Day 3", f"{third.min() * 100:.0f}–{third.max() * 100:.0f}")
    assert "since the last dose" in table.title


def test_hostile_names_do_nothing():
    one = replace(simulated.single(), drug_name="<img src=x onerror=alert(1)>")
    page = simulate_html.render(one, load_library())
    assert "<img" not in page
