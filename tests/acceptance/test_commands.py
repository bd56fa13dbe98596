"""The commands of the README, on the bundled examples, as a shell runs them."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from posology.monograph.load import load_library
from tests.command import run

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted((ROOT / "examples").glob("*.*json"))
TRAMADOL = ROOT / "examples" / "fibromyalgia-on-tramadol.json"
ASK = ("--for", "chronic-pain", "--on", "2026-11-22")
KEYS = (
    "verdict",
    "stage",
    "question",
    "earliest",
    "reasons",
    "missing",
    "precautions",
    "monitoring",
    "next",
    "disputes",
    "set_aside",
    "findings",
    "versions",
)
FINDING = ("statement", "kind", "status", "verdict", "basis", "entries", "sources")


def test_check_says_the_verdict_first_and_names_entry_source_and_day() -> None:
    ran = run("check", "naltrexone", TRAMADOL, *ASK, "--region", "US")
    assert ran.code == 0, ran.err
    assert ran.out.startswith("NOT NOW")
    assert "MedicationRequest/okafor-order-tramadol" in ran.out
    assert "vivitrol-label#4" in ran.out
    assert "2026-12-02" in ran.out  # ten days after the day asked about: it is still being taken
    assert "\x1b" not in ran.out


def test_check_reads_standard_input_and_answers_in_json() -> None:
    ran = run("check", "naltrexone", "-", *ASK, "--format", "json", stdin=TRAMADOL.read_bytes())
    answer = json.loads(ran.out)
    assert set(KEYS) <= set(answer)
    assert all(set(FINDING) <= set(finding) for finding in answer["findings"])
    schema = json.loads((ROOT / "docs" / "result.schema.json").read_text())
    jsonschema.validate(answer, schema)


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
@pytest.mark.parametrize("form", ["text", "json", "html", "fhir"])
def test_every_example_answers_with_and_without_a_use(path: Path, form: str) -> None:
    for more in ((), ("--for", "chronic-pain")):
        ran = run("check", "naltrexone", path, "--on", "2026-11-22", "--format", form, *more)
        assert ran.code == 0, ran.err
        assert ran.out == run("check", "naltrexone", path, "--on", "2026-11-22", "--format", form, *more).out


@pytest.mark.parametrize(
    ("drug", "words"),
    [("naloxone", "not-for-pain"), ("nalmefene", "not-for-pain"), ("methylnaltrexone", "not-for-pain")],
)
def test_its_relatives_are_not_for_pain_and_say_why(drug: str, words: str) -> None:
    answer = json.loads(run("check", drug, TRAMADOL, *ASK, "--format", "json").out)
    assert answer["verdict"] == "avoid"
    assert words in [reason["statement"] for reason in answer["reasons"]]
    assert answer["use"]["indicated"] is False


def test_lint_finds_no_error_in_any_monograph() -> None:
    ran = run("monograph", "lint")
    assert ran.code == 0, ran.out
    assert ran.out.splitlines()[-1].startswith("0 errors")


@pytest.mark.parametrize("drug", load_library().names())
def test_the_cases_of_every_monograph_pass_and_cover_what_drives_a_verdict(drug: str) -> None:
    ran = run("monograph", "cases", drug)
    assert ran.code == 0, ran.out
    assert "not shown by any case" not in ran.out
    assert ran.out.rstrip().endswith("as expected, 0 not")


def test_at_least_120_cases() -> None:
    counts = [
        int(run("monograph", "cases", drug).out.splitlines()[-1].split()[0])
        for drug in load_library().names()
    ]
    assert sum(counts) >= 120


def test_claims_ends_73_of_73() -> None:
    ran = run("monograph", "claims")
    assert ran.code == 0
    assert ran.out.splitlines()[-1] == "73 of 73"
    assert "not answered" not in ran.out


def test_show_is_readable_and_cited() -> None:
    ran = run("monograph", "show", "naltrexone")
    assert ran.code == 0
    assert ran.out.startswith("NALTREXONE")
    assert "[vivitrol-label#2.1" in ran.out
    assert (
        run("monograph", "show", "naltrexone", "--format", "html").out.lower().startswith("<!doctype html>")
    )


def test_a_terminal_that_knows_only_ascii_gets_an_answer() -> None:
    ran = subprocess.run(
        [sys.executable, "-m", "posology.cli", "check", "naltrexone", str(TRAMADOL), *ASK],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "ascii", "PYTHONPATH": str(ROOT / "src")},
        check=False,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.decode("ascii").startswith("NOT NOW")


def test_an_answer_needs_neither_yaml_nor_the_schema_library() -> None:
    """Start-up is what a user waits for: with a snapshot nothing is validated again."""
    program = (
        "import sys, posology; "
        f"posology.check({str(TRAMADOL)!r}, drug='naltrexone', use='chronic-pain', on='2026-11-22'); "
        "print(sorted({'yaml', 'pydantic', 'pint', 'rich', 'jinja2'} & set(sys.modules)))"
    )
    run("check", "naltrexone", TRAMADOL, *ASK)
    ran = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")},
    )
    assert ran.stdout.strip() == "[]"


def test_generated_parts_of_the_docs_are_fresh() -> None:
    ran = subprocess.run(
        [sys.executable, ROOT / "docs" / "refresh.py", "--check"],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        cwd=ROOT,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
