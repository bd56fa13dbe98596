"""The leaflet: the person's own dates, the monograph's sentences for them, and nobody else's; HTML and PDF."""

import io
import re
from datetime import date, timedelta

import pytest
from msgspec.structs import replace

import posology
from posology.errors import UsageError
from posology.monograph.load import load_library
from posology.regimen.planned import Pause
from posology.show import leaflet_pdf
from posology.show.leaflet import SECTIONS, items_for, leaflet, render, spoken

from . import plans
from .factory import FORBIDDEN

SHOWN = {name: each for name, each in plans.ALL.items() if name != "hostile"}
HOSTILE = replace(plans.hostile(), product="low-dose", use="chronic-pain")


@pytest.fixture(scope="module")
def library():
    return load_library()


def text_of_pdf(plan, library) -> str:
    pypdf = pytest.importorskip("pypdf")
    reader = pypdf.PdfReader(io.BytesIO(leaflet_pdf.render(plan, library)))
    return "\n".join(each.extract_text() for each in reader.pages)


@pytest.mark.parametrize("name", SHOWN)
def test_every_section_is_there_and_has_sources(name, library):
    made = leaflet(SHOWN[name], library)
    assert [each.heading for each in made.sections] == list(SECTIONS.values())
    assert [heading for heading, titles in made.sources if titles] == list(SECTIONS.values())
    # Every title is one of a source that exists: a citation that resolves to nothing would show its key.
    known = {each.title for each in library.sources.values()}
    assert {one for _, titles in made.sources for one in titles.split("; ")} <= {
        part for title in known for part in title.split("; ")
    }


def test_the_persons_own_dates(library):
    made = leaflet(plans.titration(), library)
    rows = [(row.first, row.last, row.amount) for row in made.rows]
    assert rows == [
        ("Tue 1 Dec 2026", "Mon 14 Dec 2026", "1.5 mg (one capsule)"),
        ("Tue 15 Dec 2026", "Mon 28 Dec 2026", "3 mg (one capsule)"),
        ("Tue 29 Dec 2026", "Sat 6 Feb 2027", "4.5 mg (one capsule)"),
        ("Sun 7 Feb 2027", "Tue 16 Feb 2027", "no doses"),
        ("Wed 17 Feb 2027", "until you are told", "4.5 mg (one capsule)"),
    ]
    assert made.goes_on
    # The calendar begins on the Monday before, without a dose on it, and the dose changes on 15 December.
    first = made.weeks[0]
    assert (first[0].number, first[0].month, first[0].doses) == ("30", "Nov", ())
    assert (first[1].number, first[1].month, first[1].doses) == ("1", "Dec", ("1.5 mg",))
    assert [cell.doses for cell in made.weeks[2]][:2] == [("1.5 mg",), ("3 mg",)]
    assert made.dates[-1] == ("Tue 23 Feb 2027", "Visit: you and your doctor decide if you go on")


def test_few_doses_are_a_list_of_days(library):
    made = leaflet(plans.depot(), library)
    assert made.weeks == ()
    assert made.days == ("Tue 1 Dec 2026: 380 mg", "Tue 29 Dec 2026: 380 mg", "Tue 26 Jan 2027: 380 mg")


def test_a_day_of_the_week_is_named(library):
    rows = [(row.amount, row.often) for row in leaflet(plans.weekly(), library).rows]
    assert rows == [
        ("50 mg (one tablet)", "on Mon to Fri, in the morning (8:00 am)"),
        ("100 mg (2 tablets)", "every Sat, in the morning (8:00 am)"),
    ]


def test_a_single_dose_has_no_day(library):
    dose = plans.daily(plans.START, 1, 4, 0)
    plan = plans.plan(dose, [plans.step("4 mg nasal", "4 mg", plans.START, plans.START, 1)])
    for text in (render(plan, library), text_of_pdf(plan, library)):
        assert "4 mg (one capsule)" in text
        assert "2026" not in text.partition("What is this medicine?")[0]


def test_the_last_dose_before_an_operation_is_taken(library):
    """The engine's appointment of kind `hold` is on the day of the last dose."""
    plan = posology.plan(
        "naltrexone", regimen="oud-b", start="2026-12-01", on="2026-12-01", surgery=["2027-01-15"]
    )
    made = leaflet(plan, library)
    (held,) = [day for day, what in made.dates if what == "Last dose before your operation"]
    assert held == spoken(plan.pauses[0].last_dose)
    assert plan.pauses[0].last_dose in {dose.when.date() for dose in plan.doses}


def test_words_for_professionals_stay_out(library):
    page = render(plans.titration(), library)
    assert "Tolerability" not in page
    assert "PHQ" not in page


def test_the_number_to_call_is_that_of_the_region(library):
    here = leaflet(plans.titration(), library)
    there = leaflet(replace(plans.titration(), region="EU"), library)
    assert "911" in here.help[0]
    assert "112" in there.help[0]
    assert "911" not in str(there)
    assert "988" not in str(there)


def test_only_sentences_of_the_use_and_its_wider_ones(library):
    ids = {each.id for each in items_for(library, "naltrexone", "low-dose", "fibromyalgia", "US")}
    assert "low-dose-not-approved" in ids  # written for chronic pain, of which fibromyalgia is a part
    assert "for-drinking" not in ids
    ids = {each.id for each in items_for(library, "naltrexone", "tablet", "alcohol-use-disorder", "US")}
    assert "for-drinking" in ids
    assert not ids & {"low-dose-not-approved", "injection-how", "tablet-missed-three-days"}


@pytest.mark.parametrize(
    ("drug", "product", "message"),
    [
        ("nalmefene", "x", "has no leaflet"),
        ("naltrexone", "bupropion-naltrexone", "unknown product of naltrexone with a leaflet"),
        ("naloxone", "injection", "nasal-4-mg"),
    ],
)
def test_no_leaflet_is_said(library, drug, product, message):
    with pytest.raises(UsageError, match=message):
        items_for(library, drug, product, "", "US")


def test_naloxone_has_one_too(library):
    items = items_for(library, "naloxone", "nasal-4-mg", "opioid-overdose", "US")
    assert any("911" in each.says and each.urgent for each in items)


def test_a_pause_without_doses_after_it(library):
    plan = plans.depot()
    pause = Pause(date(2027, 1, 1), date(2026, 12, 29), date(2027, 1, 10), plan.said[0])
    made = leaflet(replace(plan, pauses=(pause,)), library)
    assert ("Wed 30 Dec 2026", "Sat 9 Jan 2027", "no doses") in [
        (r.first, r.last, r.amount) for r in made.rows
    ]


# --- HTML -------------------------------------------------------------------------------------------


def test_hostile_text_is_text(library):
    page = render(HOSTILE, library)
    assert page == render(HOSTILE, library)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;" in page
    assert not set(page) & set(FORBIDDEN)


# --- PDF --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", SHOWN)
def test_the_pdf_says_the_same(name, library):
    text = text_of_pdf(SHOWN[name], library)
    made = leaflet(SHOWN[name], library)
    flat = re.sub(r"\s+", " ", text)
    for row in made.rows:
        assert row.first in flat
        assert row.amount in flat
    for section in made.sections:
        assert section.heading in flat
    assert "\ufffd" not in text
    assert "\x00" not in text


def test_the_pdf_is_tagged_big_and_the_same_each_time(library):
    pypdf = pytest.importorskip("pypdf")
    made = leaflet_pdf.render(plans.titration(), library)
    assert made == leaflet_pdf.render(plans.titration(), library)
    reader = pypdf.PdfReader(io.BytesIO(made))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert root["/Lang"].startswith("en")
    assert reader.metadata.title == "Naltrexone: your plan"
    sizes: dict[int, int] = {}

    def visit(text, _, matrix, __, size):
        sizes[round(abs(size * matrix[0]))] = sizes.get(round(abs(size * matrix[0])), 0) + len(text.strip())

    for page in reader.pages:
        page.extract_text(visitor_text=visit)
    small = sizes.pop(9)  # sources and versions, at the end
    assert min(sizes) >= 11
    assert sum(count for size, count in sizes.items() if size >= 14) / sum(sizes.values()) > 0.95, sizes
    assert small < sum(sizes.values())


def test_text_is_never_markup_in_the_pdf(library):
    text = text_of_pdf(HOSTILE, library)
    # Shown as it was written, and not run as typst code or markup.
    assert "#eval(1)" in text
    assert "{{ 7*7 }}" in text


def test_long_plans_do_not_grow_the_leaflet_without_end(library):
    doses = [
        dose for n in range(300) for dose in plans.daily(plans.START + timedelta(days=3 * n + n % 2), 1, 1, 0)
    ]
    steps = [plans.step("1 mg po", "1 mg", plans.START, None, None)]
    made = leaflet(plans.plan(sorted(doses, key=lambda each: each.when), steps), library)
    assert (len(made.rows), made.more) == (24, 126)


def test_it_says_which_edition_of_the_knowledge_it_is_of(library):
    plan = plans.titration()
    assert f"{plan.drug} {plan.versions['monograph'][:12]};" in leaflet(plan, library).made
