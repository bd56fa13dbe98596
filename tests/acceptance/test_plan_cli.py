"""`posology plan`, run as a shell would: the commands of issue 4, every form, missed doses, check --plan, bad input."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from datetime import date, datetime
from pathlib import Path

import icalendar
import jsonschema
import pytest

import posology
from tests.command import Ran, run
from tests.unit.show.test_calendar import events, expanded

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
ON = ("--on", "2026-11-26")
GAP = ("plan", "missed", "naltrexone", "--regimen", "aud")
TITRATION = ("plan", "naltrexone", "--regimen", "ldn-titration", "--start", "2026-12-01", *ON)


def told(*arguments: object, stdin: bytes = b"") -> str:
    ran = run(*arguments, stdin=stdin)
    assert ran.code == 0, ran.err
    assert ran.err == ""
    return ran.out


def refused(code: int, *arguments: object) -> str:
    ran = run(*arguments)
    assert (ran.code, ran.out) == (code, ""), ran
    assert "Traceback" not in ran.err
    assert len(ran.err.splitlines()) <= 4
    return ran.err


# --- the commands of the issue ------------------------------------------------------------------------


def test_a_titration():
    text = told(*TITRATION)
    # facts/naltrexone.md 3.2, L9: 1.5 mg, 1.5 mg more every 7 to 14 days (here the slower), 4.5 mg; 12 weeks.
    assert re.search(r"Tue 2026-12-01 +Mon 2026-12-14 +1\.5 mg by mouth every evening", text)
    assert re.search(r"Tue 2026-12-15 +Mon 2026-12-28 +3 mg by mouth every evening", text)
    assert re.search(r"Tue 2026-12-29 +goes on +4\.5 mg by mouth every evening", text)
    assert re.search(r"Tue 2027-02-23 .*?decision", text, re.DOTALL)
    assert "compounded capsule of 1.5 mg" in text
    assert "[ldn-compounding-sheets" in text


def test_a_calendar_of_350_mg_a_week():
    rx = "50 mg po mon-fri & 100 mg po sat x26w"
    asked = ("plan", "naltrexone", "--rx", rx, "--start", "2026-12-01", *ON, "--format")
    file = told(*asked, "ics").encode()
    plan = posology.plan("naltrexone", rx=rx, start="2026-12-01", on="2026-11-26")
    assert expanded(file) == [dose.when for dose in plan.doses]
    # 26 weeks of 350 mg (label, "flexible dosing").
    assert sum(dose.amount_mg for dose in plan.doses) == 26 * 350
    assert "350 mg from Monday to Sunday" in told(*asked, "text")
    zoned = told(*asked, "ics", "--timezone", "Europe/Berlin").encode()
    assert expanded(zoned) == expanded(file)
    assert {event["DTSTART"].params["TZID"] for event in events(zoned, "Dose")} == {"Europe/Berlin"}


def test_an_opioid_and_an_operation():
    text = told(
        *TITRATION,
        "--last-opioid",
        "oxycodone 2026-11-25",
        "--surgery",
        "2027-02-10",
    )
    assert re.search(r"oxycodone, last on Wed 2026-11-25: first dose not before \w{3} 2026-12-0[2-5]", text)
    assert "Operation Wed 2027-02-10: last dose" in text
    assert "vivitrol-label#5.3" in text


# --- forms --------------------------------------------------------------------------------------------


def test_json_is_the_plan():
    plan = posology.plan("naltrexone", regimen="ldn-titration", start="2026-12-01", on="2026-11-26")
    answer = json.loads(told(*TITRATION, "--format", "json"))
    assert answer == json.loads(json.dumps(plan.to_dict()))
    schema = json.loads((ROOT / "docs" / "result.schema.json").read_text())
    jsonschema.validate(answer, {**schema, "anyOf": [{"$ref": "#/$defs/Plan"}]})


@pytest.mark.parametrize("form", ["text", "json", "ics", "fhir", "leaflet", "leaflet-pdf"])
def test_a_file_has_the_same_bytes_each_time(tmp_path, form):
    pytest.importorskip("typst")
    first, second = tmp_path / "first", tmp_path / "second"
    assert told(*TITRATION, "--format", form, "--out", first) == f"wrote {first}\n"
    told(*TITRATION, "--format", form, "--out", second)
    assert first.read_bytes() == second.read_bytes()
    assert len(first.read_bytes()) > 1000


def test_fhir_is_a_bundle():
    models = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")
    made = json.loads(told(*TITRATION, "--format", "fhir"))
    models.Bundle.model_validate(made)


@pytest.mark.parametrize(
    ("regimen", "region", "says"),
    [
        ("ldn-titration", "US", "911"),
        ("oud-eu", "EU", "112"),
        ("xr", "US", "shot"),
        ("aud", "EU", "drink less"),
    ],
)
def test_a_leaflet_for_each_product(regimen, region, says):
    page = told(
        "plan", "naltrexone", "--regimen", regimen, "--region", region, "--start", "2026-12-01", *ON,
        "--format", "leaflet",
    )  # fmt: skip
    assert says in page
    assert "Do not stop without asking" in page


def test_every_regimen_of_every_drug_has_every_form_or_says_why_not():
    for drug in posology.load_library().names():
        for regimen in json.loads(told("plan", drug, "--format", "json"))["regimens"]:
            name, region = regimen["names"][0], (regimen["regions"] or ["US"])[0]
            asked = ("plan", drug, "--regimen", name, "--region", region, "--start", "2026-12-01", *ON)
            plan = posology.plan(drug, regimen=name, region=region, start="2026-12-01", on="2026-11-26")
            assert expanded(told(*asked, "--format", "ics").encode()) == [dose.when for dose in plan.doses]
            told(*asked)
            told(*asked, "--format", "fhir")
            leaflet = run(*asked, "--format", "leaflet")
            assert leaflet.code == 0 or (leaflet.code == 2 and "leaflet" in leaflet.err), leaflet.err


def test_a_list_of_regimens():
    text = told("plan", "naltrexone")
    for name in ("aud", "oud-induction", "oud-a", "oud-b", "oud-c", "oud-d", "oud-eu", "xr", "ldn-titration"):
        assert re.search(rf"^{name}\b", text, re.MULTILINE), name


# --- missed doses -------------------------------------------------------------------------------------


def missed(*arguments: object) -> Ran:
    return run("plan", "missed", "naltrexone", *arguments)


def test_a_missed_dose():
    ran = missed(
        "--regimen", "ldn-titration", "--start", "2026-12-01", "--last-taken", "2026-12-20T21:00",
        "--on", "2026-12-23",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    # facts/naltrexone.md 3.3: skip, resume next day at the same dose.
    assert "leave it out and go on at the same dose" in ran.out
    assert "Wed 2026-12-23 at 21:00: 3 mg" in ran.out


def test_a_long_gap_in_opioid_use_disorder():
    ran = missed("--regimen", "oud-a", "--last-taken", "2026-12-20", "--on", "2026-12-26", "--format", "json")
    answer = json.loads(ran.out)
    # facts/naltrexone.md 3.3: after 3 days the opioid-free check is repeated.
    assert "recheck" in answer["answers"]
    assert answer["next"] == []


# --- check --plan -------------------------------------------------------------------------------------


def checked(record: str, *more: str) -> tuple[str, ...]:
    return (
        "check",
        "naltrexone",
        str(EXAMPLES / record),
        "--for",
        "chronic-pain",
        "--on",
        "2026-11-22",
        *more,
    )


def test_a_verdict_that_allows_a_plan_has_it():
    text = told(*checked("fibromyalgia-complete.json", "--plan", "--start", "2026-12-01"))
    assert "\nPLAN\n" in text
    assert "First dose Tue 2026-12-01" in text
    answer = json.loads(told(*checked("fibromyalgia-complete.json", "--plan", "--format", "json")))
    jsonschema.validate(answer, json.loads((ROOT / "docs" / "result.schema.json").read_text()))
    assert answer["plan"]["start"] == "2026-11-22"
    assert "no_plan" not in answer
    page = told(*checked("fibromyalgia-complete.json", "--plan", "--format", "html"))
    assert "Plan: Usual titration in practice" in page
    linked = set(re.findall(r'href="#(source-\d+)"', page))
    assert linked <= set(re.findall(r'id="(source-\d+)"', page))


def test_a_verdict_that_forbids_a_plan_says_why():
    text = told(*checked("fibromyalgia-on-tramadol.json", "--plan"))
    assert "\nNO PLAN\n" in text
    assert "the verdict is not-now" in text
    answer = json.loads(told(*checked("fibromyalgia-on-tramadol.json", "--plan", "--format", "json")))
    jsonschema.validate(answer, json.loads((ROOT / "docs" / "result.schema.json").read_text()))
    assert "not-now" in answer["no_plan"]
    assert "plan" not in answer
    page = told(*checked("fibromyalgia-on-tramadol.json", "--plan", "--format", "html"))
    assert "<h2>No plan</h2>" in page


@pytest.mark.parametrize("record", ["fibromyalgia-complete.json", "fibromyalgia-on-tramadol.json"])
def test_fhir_has_the_plan_of_the_same_person_or_an_outcome(record):
    models = pytest.importorskip("fhir.resources.R4B.bundle", reason="fhir.resources is not installed")
    made = json.loads(told(*checked(record, "--plan", "--format", "fhir")))
    models.Bundle.model_validate(made)
    kinds = {each["resource"]["resourceType"] for each in made["entry"]}
    assert ("CarePlan" in kinds) != ("OperationOutcome" in kinds)
    subjects = {
        json.dumps(each["resource"]["subject"]) for each in made["entry"] if "subject" in each["resource"]
    }
    assert len(subjects) == 1


def test_without_plan_nothing_has_changed():
    answer = json.loads(told(*checked("fibromyalgia-complete.json", "--format", "json")))
    assert not {"plan", "no_plan"} & set(answer)


# --- bad input ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "says"),
    [
        (("--regimen", "ldn-titratoin"), "Did you mean 'ldn-titration'"),
        (("--regimen", "ldn-titration", "--rx", "1 mg po"), "not both"),
        (("--rx", "50 po q24h"), "50 po q24h"),
        (("--rx", "0 mg po q24h"), "0"),
        (("--rx", "50 mg po q0h"), "q0h"),
        (("--regimen", "ldn-titration", "--start", "2026-02-30"), "2026-02-30"),
        (("--regimen", "ldn-titration", "--start", "2026-W49-2"), "YYYY-MM-DD"),
        (("--regimen", "ldn-titration", "--start", "2026-12-01", "--surgery", "soon"), "soon"),
        (("--regimen", "ldn-titration", "--start", "2026-12-01", "--last-opioid", "oxycodone"), "oxycodone"),
        (("--regimen", "ldn-titration", "--last-opioid", "water 2026-11-01"), "water"),
        (("--regimen", "ldn-titration", "--format", "ics", "--timezone", "Berlin"), "time zone"),
        (("--regimen", "ldn-titration", "--format", "ics", "--timezone", "localtime"), "time zone"),
        (("--regimen", "ldn-titration", "--timezone", "Europe/Berlin"), "--format ics"),
        (("--regimen", "ldn-titration", "--region", "MARS"), "MARS"),
        (("--regimen", "ldn-titration", "--product", "soup"), "soup"),
        (("--regimen", "ldn-titration", "--last-taken", "2026-12-01"), "plan missed"),
        (("--regimen", "ldn-titration", "--until", "2026-01-01", "--start", "2026-12-01"), "2026-01-01"),
        (("--start", "2026-12-01"), "regimen"),
        (("--format", "ics"), "--regimen"),
        (("extra",), "one name too many"),
    ],
)
def test_a_question_that_cannot_be_put(more, says):
    assert says in refused(2, "plan", "naltrexone", *more, *ON)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("plan", "aspirin"), "unknown drug 'aspirin'"),
        (("plan", "missed"), "after 'missed'"),
        (GAP, "--last-taken"),
        (
            (*GAP, "--last-taken", "2026-12-01", "--surgery", "2027-01-01"),
            "--surgery belongs to",
        ),
        ((*GAP, "--last-taken", "2026-11-01", "--format", "ics", *ON), "ics"),
        (("plan", "nalmefene", "--regimen", "nasal", "--format", "leaflet", *ON), "leaflet"),
        (("check", "naltrexone", EXAMPLES / "fibromyalgia-complete.json", "--plan"), "--for"),
        (
            ("check", "naltrexone", EXAMPLES / "fibromyalgia-complete.json", "--start", "2026-12-01"),
            "belong to --plan",
        ),
    ],
)
def test_other_questions_that_cannot_be_put(arguments, says):
    assert says in refused(2, *arguments)


def test_a_dose_that_the_knowledge_forbids():
    # Vivitrol label 2.1: every 4 weeks or once a month; a planned week is an error.
    assert "week" in refused(
        7, "plan", "naltrexone", "--rx", "380 mg im-xr q1w x4", "--start", "2026-12-01", *ON
    )


def test_a_folder_is_no_file(tmp_path):
    ran = run(*TITRATION, "--out", tmp_path)
    assert ran.code == 1
    assert "cannot be written" in ran.err


COMMAND = [sys.executable, "-m", "posology.cli", *TITRATION, "--format", "leaflet-pdf"]


def test_a_pdf_is_not_for_the_terminal():
    pty = pytest.importorskip("pty", reason="there are no terminals here")
    other, terminal = pty.openpty()
    ran = subprocess.run(COMMAND, stdout=terminal, stderr=subprocess.PIPE, text=True, check=False)
    os.close(terminal)
    os.close(other)
    assert ran.returncode == 2
    assert "--out" in ran.stderr


def test_pipes_get_the_pdf_whole():
    made = subprocess.run(COMMAND, capture_output=True, check=True)
    assert made.stdout.startswith(b"%PDF-")
    assert made.stdout.rstrip().endswith(b"%%EOF")


@pytest.mark.parametrize("form", ["json", "fhir", "leaflet"])
def test_what_a_program_reads_is_utf_8_also_where_the_terminal_is_not(form):
    ran = subprocess.run(
        [sys.executable, "-m", "posology.cli", *TITRATION, "--format", form],
        capture_output=True,
        env=os.environ | {"PYTHONIOENCODING": "cp1252"},
        check=True,
    )
    assert ran.stdout.decode("utf-8") == run(*TITRATION, "--format", form).out


# --- nobody is named, nothing is the clock's ----------------------------------------------------------


def test_the_calendar_names_nobody_and_does_not_depend_on_the_clock():
    file = told(*TITRATION, "--format", "ics").encode()
    calendar = icalendar.Calendar.from_ical(file)
    assert {event["DTSTAMP"].dt.date() for event in calendar.walk("VEVENT")} == {date(2026, 12, 1)}
    assert not {"ATTENDEE", "ORGANIZER", "CONTACT"} & {key for part in calendar.walk() for key in part}
    assert datetime.now().strftime("%Y%m%dT%H") not in file.decode()
