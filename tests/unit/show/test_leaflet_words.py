"""How hard the leaflets are to read, as a library scores it: for every product, use and region that has one.

The aim is a reading age of at most 12 years (issue 4), which is grade 7 of US schools at most: Flesch-Kincaid
(Kincaid 1975) and, because one formula is easily flattered, Flesch reading ease of at least 70 ("fairly easy").
"""

import re
from collections.abc import Iterator
from datetime import datetime
from html.parser import HTMLParser

import pytest

from posology.errors import UsageError
from posology.monograph.load import Library, load_library
from posology.regimen.planned import PlannedDose
from posology.show.leaflet import items_for, render

from . import plans

textstat = pytest.importorskip("textstat", reason="textstat is not installed")
GRADE, EASE, LONGEST_SENTENCE = 7.0, 70.0, 27
JARGON = re.compile(
    r"\b(contraindicat\w*|precipitat\w*|hepat\w*|renal|titrat\w*|dosage|administ\w+|antagonist\w*|receptor\w*|"
    r"adverse|intramuscular|subcutaneous|oral\w*|prescriber|monitor\w*|therapy|symptom\w*|onset|efficacy|mcg|ALT|"
    r"AST|PHQ\w*|opioid-naive|compounded capsule)\b",
    re.IGNORECASE,
)


def leaflets(library: Library) -> Iterator[tuple[str, str, str, str]]:
    for drug in library.names():
        monograph = library.monograph(drug)
        for product in monograph.identity.products:
            for use in monograph.uses:
                if not use.indicated or product.id not in (use.products or (product.id,)):
                    continue
                for region in product.regions:
                    try:
                        items_for(library, drug, product.id, use.id, region)
                    except UsageError:
                        continue
                    yield drug, product.id, use.id, region


LIBRARY = load_library()
ALL = list(leaflets(LIBRARY))


class Told(HTMLParser):
    """The text of the leaflet's own sections: what a person reads, without tables and small print."""

    def __init__(self) -> None:
        super().__init__()
        self.inside, self.lines, self.line = 0, [], ""

    def handle_starttag(self, tag, attrs):
        self.inside += tag == "section" and dict(attrs).get("class") in ("told", "urgent")

    def handle_endtag(self, tag):
        if tag in ("p", "li") and self.inside:
            self.lines.append(" ".join(self.line.split()))
        if tag in ("p", "li", "h2"):  # headings are short and would flatter the score
            self.line = ""
        if tag == "section" and self.inside:
            self.inside -= 1

    def handle_data(self, data):
        if self.inside:
            self.line += data


def rendered(drug: str, product: str, use: str, region: str) -> list[str]:
    dose = PlannedDose(datetime(2026, 12, 1, 8), 1.0, "1 mg", "po", 0, "")
    plan = plans.plan(
        [dose],
        [plans.step("1 mg po", "1 mg by mouth", plans.START, plans.START, 1)],
        drug=drug,
        drug_name=LIBRARY.monograph(drug).identity.name,
        product=product,
        product_name=product,
        use=use,
        region=region,
    )
    told = Told()
    told.feed(render(plan, LIBRARY))
    return told.lines


def test_what_has_a_leaflet():
    assert {(drug, product) for drug, product, *_ in ALL} >= {
        ("naltrexone", "low-dose"),
        ("naltrexone", "tablet"),
        ("naltrexone", "xr-injection"),
        ("naloxone", "nasal-4-mg"),
    }


@pytest.mark.parametrize("which", ALL, ids="/".join)
def test_a_child_of_twelve_could_read_it(which):
    lines = rendered(*which)
    text = " ".join(lines)
    assert all(line.endswith(".") for line in lines)
    grade, ease = textstat.flesch_kincaid_grade(text), textstat.flesch_reading_ease(text)
    print(f"{'/'.join(which)}: grade {grade:.1f}, ease {ease:.0f}, {len(text.split())} words")
    assert len(text.split()) > 150
    assert grade <= GRADE
    assert ease >= EASE
    for sentence in re.split(r"(?<=[.?!])\s+", text):
        assert len(sentence.split()) <= LONGEST_SENTENCE, sentence
    assert not (found := JARGON.findall(text)), found
