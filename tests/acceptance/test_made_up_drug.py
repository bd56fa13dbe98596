"""Adding a drug needs no Python: a made-up one, written as a folder, works everywhere."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from posology.monograph.load import load_library
from tests.command import run
from tests.records import Json, bundle, bytes_of, order, patient

SOURCE = Path(__file__).parents[2] / "src" / "posology"
SAFETY = """
- id: tramadol-taken
  kind: interaction
  title: An opioid with examplol
  when: {medication: any-opioid, within: 30 days}
  verdict: not-now
  until: 30 days after the last dose
  says: Examplol must not meet an opioid.
  do: Wait until {until}.
  basis: judgement
  sources: [posology-judgement]
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder outside the package with one made-up drug, as `monograph new` writes it, and one statement more."""
    place = tmp_path_factory.mktemp("outside")
    assert run("monograph", "new", "examplol", "--monographs", place).code == 0
    safety = place / "examplol" / "safety.yaml"
    safety.write_text(safety.read_text() + SAFETY)
    return place


def ask(folder: Path, record: Json, *more: str) -> Json:
    ran = run(
        "check",
        "examplol",
        "-",
        "--monographs",
        folder,
        "--on",
        "2026-06-30",
        "--format",
        "json",
        *more,
        stdin=bytes_of(record),
    )
    assert ran.code == 0, ran.err
    answer: Json = json.loads(ran.out)
    return answer


def use_of(folder: Path) -> str:
    return load_library(folder).monograph("examplol").uses[0].id


def test_check_answers_for_it_with_packaged_and_own_concepts(folder: Path) -> None:
    answer = ask(
        folder,
        bundle(
            patient(),
            order(
                "tramadol 50 mg oral tablet",
                status="completed",
                authoredOn="2026-06-20",
                dispenseRequest={"expectedSupplyDuration": {"value": 5, "unit": "d"}},
            ),
        ),
        "--for",
        use_of(folder),
    )
    (reason,) = [each for each in answer["reasons"] if each["statement"] == "tramadol-taken"]
    assert reason["entries"][0]["ref"] == "MedicationRequest/m1"
    assert reason["until"] == "2026-07-24"  # last supplied day 2026-06-24, and 30 days
    assert answer["verdict"] == "not-now"


@pytest.mark.parametrize("form", ["text", "html", "fhir", "json"])
def test_every_form_shows_it(folder: Path, form: str) -> None:
    ran = run(
        "check",
        "examplol",
        "-",
        "--monographs",
        folder,
        "--on",
        "2026-06-30",
        "--format",
        form,
        "--for",
        use_of(folder),
        stdin=bytes_of(bundle(patient())),
    )
    assert ran.code == 0, ran.err
    assert "examplol" in ran.out.lower()


def test_lint_cases_and_show_work_with_it(folder: Path) -> None:
    lint = run("monograph", "lint", "examplol", "--monographs", folder)
    assert lint.code == 0, lint.out
    cases = run("monograph", "cases", "examplol", "--monographs", folder)
    assert cases.code == 0, cases.out
    shown = run("monograph", "show", "examplol", "--monographs", folder)
    assert shown.code == 0, shown.err
    assert "Examplol must not meet an opioid." in " ".join(shown.out.split())


def test_the_packaged_drugs_are_still_there(folder: Path) -> None:
    assert set(load_library(folder).names()) == {*load_library().names(), "examplol"}


def test_no_drug_is_named_in_python() -> None:
    """Knowledge is data: the name of no substance, brand or monograph stands in the program."""
    vocabulary = load_library().vocabulary
    names = {
        name.lower()
        for each in (*vocabulary.substances, *vocabulary.products)
        for name in (each.id, *each.names)
    }
    names |= set(load_library().names())
    words = sorted(name for name in names if name.isalpha() and len(name) > 4)
    pattern = re.compile(rf"\b(?:{'|'.join(words)})\b")
    found = [
        f"{path.relative_to(SOURCE)}: {match[0]}"
        for path in sorted(SOURCE.rglob("*.py"))
        for match in pattern.finditer(path.read_text().lower())
    ]
    assert not found
