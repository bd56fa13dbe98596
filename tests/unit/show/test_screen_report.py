"""The report's page: what stands on it, and what never does."""

import re
from xml.etree import ElementTree

import pytest

from posology.errors import UsageError
from posology.monograph.load import load_library
from posology.show.screen_report import render
from tests.unit.screen import made
from tests.unit.screen.made import Person, Told

from . import factory


@pytest.fixture(scope="module")
def library():
    return load_library()


@pytest.fixture(scope="module")
def crowd(tmp_path_factory, library):
    return made.write(
        tmp_path_factory.mktemp("run") / "run",
        made.crowd(2_000, 3, library),
        [(f"secret-{number}", "set-aside", "entered in error") for number in range(40)],
        [{"file": "Condition.ndjson", "line": 12, "category": "malformed", "reason": "secret-reason"}],
    )


@pytest.fixture(scope="module")
def page(crowd, library):
    return render(crowd, library)


def words(page):
    """What a reader reads."""
    body = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body))


def test_the_same_results_give_the_same_bytes(crowd, library, page):
    assert render(crowd, load_library()) == page


def test_it_is_self_contained(page):
    assert "<script" not in page
    assert not re.search(r"""(?:src|href)=["'](?!#|https?://)""", page)
    assert "url(" not in page
    assert page.endswith("</html>\n")


def test_nothing_of_a_person_is_on_it(page, crowd, library):
    assert "secret" not in page
    assert "secret" not in render(crowd, library, suppress=False)


def test_names_from_records_are_text(page):
    assert "Brand &lt;b&gt;X&lt;/b&gt;" in page
    assert "<b>X" not in page


def test_every_section_is_linked_and_there(page):
    for anchor in re.findall(r'href="#([^"]+)"', page):
        assert f'id="{anchor}"' in page, anchor
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_it_says_what_was_asked_and_with_what(page, library):
    told = words(page)
    for part in ("naltrexone", "low-dose", "chronic pain", "US", "2026-06-30", "FHIR", "posology 0.1.0"):
        assert part in told
    assert library.versions["naltrexone"] in told
    assert "not known is never counted as no" in told


def test_verdicts_stand_from_permissive_to_not(page):
    told = words(page)
    start = told.index("could it be started?")
    places = [
        told.index(name, start)
        for name in ("suitable", "with precautions", "cannot tell", "not now", "avoid")
    ]
    assert places == sorted(places)


def test_sources_are_those_of_the_monograph(page):
    assert "vivitrol-label#4" in page
    assert "this project’s judgement" in page


@pytest.mark.parametrize("which", ["wide", "narrow"])
def test_the_diagram_is_an_image_with_words(page, which):
    found = re.search(rf'<svg class="attrition {which}".*?</svg>', page, re.DOTALL)
    assert found
    drawn = ElementTree.fromstring(found[0])
    space = "{http://www.w3.org/2000/svg}"
    assert drawn.find(f"{space}title").text == "Who could start, step by step"
    assert "could start, as far as the record says" in drawn.find(f"{space}desc").text
    assert {each.get("id") for each in drawn} >= set(drawn.get("aria-labelledby").split())
    height = float(drawn.get("viewBox").split()[3])
    for box in drawn.iter(f"{space}rect"):
        assert float(box.get("y")) + float(box.get("height")) <= height


def test_no_small_count_of_people_is_shown(page):
    quality = page.index('id="quality"')
    cells = re.findall(r'<td class="num[^"]*">([^<]*)</td>', page[:quality])
    assert len(cells) > 200
    for cell in cells:
        assert (
            cell in ("0", "&lt;11", "hidden", "–", "")
            or cell.endswith("%")
            or int(re.sub("[,≈]", "", cell)) % 5 == 0
        )
        assert cell not in ("5", "10")


def test_exact_numbers_on_request(crowd, library):
    exact = render(crowd, library, suppress=False)
    told = words(exact)
    assert "Exact counts are shown." in told
    assert "2,000 people, as of 30 June 2026" in told
    assert "&lt;11" not in exact
    assert "hidden" not in told


def test_another_threshold(crowd, library):
    page = render(crowd, library, suppress_below=6)
    assert "&lt;6" in page
    assert "&lt;11" not in page
    with pytest.raises(UsageError, match="1 or more"):
        render(crowd, library, suppress_below=0)


def test_a_threshold_of_one_only_rounds(crowd, library):
    page = render(crowd, library, suppress_below=1)
    assert "&lt;1<" not in page
    assert "hidden" not in words(page)


def test_nobody_at_all(tmp_path, library):
    told = words(render(made.write(tmp_path / "run", []), library))
    assert "0 people, as of" in told
    assert "Nobody in the data takes it today" in told
    assert "Nothing was quarantined." in told


def test_on_it_with_a_reason_to_stop(tmp_path, library):
    people = [Person("hold", "taking", told=[Told("opioid-taken-now", "hold")]) for _ in range(30)]
    people += [Person("continue", "taking") for _ in range(70)]
    told = words(render(made.write(tmp_path / "run", people), library))
    assert "30 of the 100 people who take it" in told
    assert re.search(r"Opioid on the current list hold .{0,300}? 30 30", told)


def test_other_knowledge_is_said(tmp_path, library):
    folder = made.write(
        tmp_path / "run",
        [Person("avoid", told=[Told("gone-by-now", "avoid")])] * 30,
        knowledge={"monograph": "old1"},
    )
    told = words(render(folder, library))
    assert "other knowledge than the present one (monograph old1" in told
    assert "Not in the present knowledge" in told


def test_hostile_text(tmp_path, library):
    people = [
        Person("avoid", told=[Told(factory.HTML, "avoid", how=factory.HTML)], others=(factory.HTML * 3,))
        for _ in range(20)
    ]
    folder = made.write(
        tmp_path / "run",
        people,
        [(f"p{number}", "set-aside", factory.HTML) for number in range(20)],
        [{"file": factory.HTML, "line": 1, "category": factory.HTML, "reason": factory.HTML}],
        program=factory.HTML,
        source={"kind": factory.HTML, "files": [{"file": factory.HTML}]},
        damaged_files=[factory.HTML],
        knowledge={"monograph": factory.HTML},
    )
    page = render(folder, library)
    assert "<script" not in page
    assert "<img" not in page
    assert "alert(1)" in page
    for line in re.findall(r"<bdi>(.*?)</bdi>", page):
        assert len(line) < 400


@pytest.mark.parametrize(
    ("vocabulary", "said"),
    [
        ({"means": "source codes and names only"}, "None: source codes and names only"),
        (
            {"concept": 2443, "concept_ancestor": 2579, "means": "codes widen to descendants"},
            "2,443 concepts and their ancestors: codes widen to descendants",
        ),
    ],
)
def test_an_omop_database_says_how_far_codes_reach(vocabulary, said, tmp_path, library):
    source = {"kind": "omop-parquet", "cdm_version": "5.3", "tables": {"person": 3, "drug_exposure": 4}}
    source |= {"missing_tables": ["measurement"], "vocabulary": vocabulary}
    told = words(render(made.write(tmp_path / "run", made.crowd(40, statements=3), source=source), library))
    assert said in told
    assert "OMOP CDM 5.3, 2 tables" in told
    assert "not there: measurement" in told
