"""`posology simulate` as a user meets it: the issue's commands, bad input, the same bytes twice, pages and files."""

import csv
import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from posology.simulate import tables
from tests.command import run

LDN, DAILY, DEPOT = "4.5 mg po nightly x14", "50 mg po q24h x14", "380 mg im-xr q4w x1"
SMALL = ("--population", 200, "--seed", 1, "--workers", 1)


def simulated(*arguments: object, drug: str = "naltrexone") -> str:
    ran = run("simulate", drug, *arguments)
    assert (ran.code, ran.err) == (0, ""), ran.err
    return ran.out


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("simulate") / "sim"
    simulated("--rx", LDN, "--rx", DAILY, "--rx", DEPOT, *SMALL, "--washout", "--compare", "--out", out)
    return out


# --- the commands of the issue


def test_low_dose_usual_dose_and_injection_in_a_population(tmp_path):
    told = simulated(
        "--rx", "4.5 mg po nightly x90", "--rx", "50 mg po q24h x90", "--rx", "380 mg im-xr q4w x3",
        *SMALL, "--out", tmp_path / "sim",
    )  # fmt: skip
    assert "200 people (seed 1)" in told
    assert {"report.html", "blockade.svg", "blockade.png", "blockade.vl.json", "curves.parquet"} <= {
        each.name for each in (tmp_path / "sim").iterdir()
    }


def test_four_schedules_of_350_mg_a_week_compared():
    told = simulated(*(word for name in "abcd" for word in ("--regimen", f"oud-{name}")), "--compare")
    assert told.count("COMPARED: ") == 2
    for name in "abcd":
        assert told.count(f"oud-{name}") >= 3
    assert "90 days of it were simulated" in " ".join(told.split())
    assert "DIFFERENCES, IN THE SAME PEOPLE" in told


def test_washout_tells_the_convention_the_model_and_that_they_disagree():
    told = " ".join(simulated("--rx", "50 mg po q24h x30", "--washout").split())
    for words in ("before surgery", "disagree", "Below 50 % for good after", "can kill", "opioid-free"):
        assert words in told


def test_a_washout_has_a_band_of_people_unless_told_otherwise():
    told = " ".join(simulated("--rx", "100 mg po q48h x10", "--washout").split())
    assert "500 people (seed 1)" in told
    assert re.search(r"Below 50 % for good after \d\.\d d \(\d\.\d–\d+\.\d d\)", told)
    alone = " ".join(simulated("--rx", "50 mg po q24h x10", "--washout", "--population", 1).split())
    assert "typical person only" in alone
    assert "differs between people is not shown" in alone


def test_schedules_are_compared_by_their_last_interval_and_by_averages():
    told = simulated("--regimen", "oud-a", "--regimen", "oud-c", "--compare", "--until", "30d")
    compared = " ".join(told.partition("DIFFERENCES")[2].split())
    # 50 mg a day and 100 mg every second day: the same amount, so no difference of the average.
    assert re.search(r"Naltrexone: Average, -?0(\.00\d*)? ng/mL", compared)
    assert "Area under the curve" not in compared
    assert compared.count("Naltrexone: Highest") == 1
    assert "oud-c: 100 mg po q48h" in " ".join(told.split())


def test_single_doses_are_compared_by_how_long_they_block():
    told = simulated("--rx", "4 mg nasal", "--rx", "2 mg im", "--population", 50, drug="naloxone")
    compared = told.partition("COMPARED")[2].partition("REGIMEN 1")[0]
    assert "Time ≥ 50 %" in compared
    assert "–  " not in compared
    # Nobody differs in the published models: no band that says otherwise.
    assert "(4.46–4.46)" not in told
    assert "no model used here says how people differ" in " ".join(told.split())


def test_doses_and_units_stay_as_they_are_written_and_traits_have_names():
    told = " ".join(simulated("--rx", DAILY).split())
    assert f"REGIMEN: {DAILY}" in told
    for words in (
        "Body weight 75 kg",
        "Creatinine clearance 100 mL/min",
        "Child-Pugh class of cirrhosis: none",
    ):
        assert words in told


def test_what_a_trait_changed_is_told_with_how_it_is_known():
    told = " ".join(simulated("--rx", DAILY, "--covariate", "child-pugh=B").split())
    assert "child-pugh B: bioavailability × 4 (assumed: " in told
    assert "TRAITS CHANGED" not in simulated("--rx", DAILY)


def test_charts_of_a_low_dose_say_what_has_not_been_imaged(folder):
    for name in ("blockade", "interval", "comparison", "washout", "opioid-effect"):
        assert "Repeated low doses have not been imaged." in (folder / f"{name}.svg").read_text(
            encoding="utf-8"
        )
    told = (folder / "washout.svg").read_text(encoding="utf-8")
    for words in ("disagree", "never shortens", "tolerance is lost"):
        assert words in told


# --- what each answer carries


@pytest.mark.parametrize("format", ["text", "json", "html"])
def test_both_readings_and_calibrated_in_every_form(format):
    told = simulated("--rx", "4.5 mg po nightly x7", "--format", format)
    for words in ("retained", "follows plasma", "not been validated", "27 %"):
        assert words in " ".join(told.split()), words


def test_one_reading_alone_cannot_be_asked_for():
    told = json.loads(simulated("--rx", LDN, "--output", "mu-retained", "--format", "json"))
    readings = {curve["output"]["reading"] for curve in told["arms"][0]["curves"]}
    assert readings == {"retained", "plasma"}


def test_low_dose_numbers_are_those_of_the_facts():
    # facts/pkpd.md section 11, LDN 4.5 nightly: retained 69-76-83 %, following plasma 3-23-77 %.
    told = json.loads(simulated("--rx", "4.5 mg po nightly x60", "--format", "json"))
    found = {
        (each["reading"], each["kind"]): each["value"]["typical"]
        for each in told["arms"][0]["summaries"]
        if each["reading"] and each["window"].startswith("last") and each["kind"] in {"least", "mean", "most"}
    }
    published = {"retained": (0.69, 0.76, 0.83), "plasma": (0.03, 0.23, 0.77)}
    for reading, numbers in published.items():
        for kind, number in zip(("least", "mean", "most"), numbers, strict=True):
            assert found[reading, kind] == pytest.approx(number, abs=0.006), (reading, kind)


def test_naloxone_runs_with_the_same_code():
    told = simulated("--rx", "4 mg nasal", drug="naloxone")
    assert "Naloxone" in told


# --- determinism


@pytest.mark.parametrize("format", ["text", "json", "csv", "html"])
def test_the_same_bytes_twice(format):
    arguments = ("--rx", LDN, "--rx", DAILY, *SMALL, "--format", format)
    assert simulated(*arguments) == simulated(*arguments)


def test_the_same_files_twice(folder, tmp_path):
    again = tmp_path / "again"
    simulated("--rx", LDN, "--rx", DAILY, "--rx", DEPOT, *SMALL, "--washout", "--compare", "--out", again)
    names = sorted(each.name for each in folder.iterdir())
    assert names == sorted(each.name for each in again.iterdir())
    for name in names:
        assert (folder / name).read_bytes() == (again / name).read_bytes(), name


def test_without_a_seed_it_says_which_it_took():
    told = simulated("--rx", DAILY, "--population", 50)
    assert "50 people (seed 1)" in told
    assert told == simulated("--rx", DAILY, "--population", 50, "--seed", 1)
    assert told != simulated("--rx", DAILY, "--population", 50, "--seed", 2)


# --- files


@pytest.mark.parametrize("name", ["curves", "summary", "differences"])
def test_tables_have_the_columns_that_are_documented(folder, name):
    columns = [column.name for column in tables.TABLES[name]]
    parquet = pq.read_table(folder / f"{name}.parquet")
    assert parquet.column_names == columns
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == columns
    assert len(rows) - 1 == parquet.num_rows > 0
    page = (Path(__file__).parents[2] / "docs" / "SIMULATE.md").read_text(encoding="utf-8")
    for column in tables.TABLES[name]:
        assert f"| `{column.name}` |" in page


def test_csv_on_the_terminal_is_the_summary_table(tmp_path):
    out = tmp_path / "sim"
    told = simulated("--rx", LDN, "--format", "csv", "--out", out)
    assert told == (out / "summary.csv").read_text(encoding="utf-8")
    kinds = {row["kind"] for row in csv.DictReader(io.StringIO(told))}
    assert {"cmax", "tmax", "auc", "trough", "least", "mean", "most", "hours-above"} <= kinds


def test_the_folder_has_each_chart_in_three_forms(folder):
    charts = {each.name.removesuffix(".vl.json") for each in folder.glob("*.vl.json")}
    assert charts == {
        "concentration", "blockade", "interval", "comparison", "washout", "opioid-effect", "other-receptors",
    }  # fmt: skip
    for chart in charts:
        assert (folder / f"{chart}.svg").read_bytes().startswith(b"<svg ")
        assert (folder / f"{chart}.png").stat().st_size > 20_000


def test_run_json_tells_the_question_and_the_parameters(folder):
    told = json.loads((folder / "run.json").read_text(encoding="utf-8"))
    assert told["drug"] == "naltrexone"
    assert told["seed"] == 1
    assert any(each["status"] == "fitted" for each in told["parameters"])
    assert all(each["sources"] for each in told["parameters"])


def test_a_folder_with_something_in_it_is_left_alone(folder):
    before = {each.name: each.stat().st_mtime_ns for each in folder.iterdir()}
    ran = run("simulate", "naltrexone", "--rx", LDN, "--out", folder)
    assert ran.code == 2
    assert "is not empty" in ran.err
    assert before == {each.name: each.stat().st_mtime_ns for each in folder.iterdir()}


def test_event_tables_are_read(tmp_path):
    table = tmp_path / "doses.csv"
    table.write_text("ID,TIME,AMT,EVID,CMT,II,ADDL\n1,0,50,1,1,24,13\n", encoding="utf-8")
    one = json.loads(simulated("--events", table, "--cmt", "po=1", "--format", "json"))
    two = json.loads(simulated("--rx", DAILY, "--format", "json"))
    assert one["arms"][0]["summaries"] == two["arms"][0]["summaries"]


def test_a_reset_in_an_event_table_empties_the_body(tmp_path):
    table = tmp_path / "doses.csv"
    rows = ["ID,TIME,AMT,EVID,CMT,II,ADDL", "1,0,50,1,1,24,3", "1,60,0,3,0,0,0", "1,72,50,1,1,0,0"]
    table.write_text("\n".join(rows) + "\n", encoding="utf-8")
    ran = run(
        "simulate", "naltrexone", "--events", table, "--cmt", "po=1", "--until", "80h", "--format", "json"
    )
    assert ran.code == 0, ran.err
    (arm,) = json.loads(ran.out)["arms"]
    assert arm["name"] == "ID 1 of doses.csv"
    # The dose that ADDL has at 72 h ends with the reset; the row at 72 h gives another.
    assert arm["dose_hours"] == [0, 24, 48, 72]
    for curve in arm["curves"]:
        at = dict(zip(curve["hours"], curve["typical"], strict=True))
        assert at[59.5] > 0
        assert at[60.0] == at[71.5] == 0
        assert at[73.0] > 0
        # Just as after the first dose, of which nothing is left either.
        assert abs(at[73.0] - at[1.0]) <= 1e-6 * at[1.0]


# --- bad input

BAD = {
    "unknown unit": (["--rx", "50 mgs po q24h x3"], "mg"),
    "no unit": (["--rx", "50 po q24h x3"], ""),
    "negative dose": (["--rx", "-50 mg po q24h x3"], ""),
    "zero dose": (["--rx", "0 mg po q24h x3"], ""),
    "interval of zero": (["--rx", "50 mg po q0h x3"], ""),
    "never ends": (["--rx", "50 mg po q24h"], "never ends"),
    "impossible date": (["--rx", "50 mg po q24h until 2026-02-31"], "2026-02-31"),
    "steady state, non-linear": (["--rx", "50 mg po q24h x14 ss"], "ss needs a linear model"),
    "nobody": (["--rx", DAILY, "--population", "0"], "at least 1 person"),
    "too many": (["--rx", DAILY, "--population", "10000000000"], "of memory"),
    "unknown covariate": (["--rx", DAILY, "--covariate", "shoe-size=44"], "shoe-size"),
    "covariate out of range": (["--rx", DAILY, "--covariate", "age=12"], "12"),
    "refused group": (["--rx", DAILY, "--covariate", "pregnancy=yes"], "pregnan"),
    "route without kinetics": (["--rx", "50 mg iv q24h x3"], "no kinetics for the route iv"),
    "no regimen": ([], "no regimen"),
    "unknown regimen": (["--regimen", "oud-z"], "oud-z"),
    "bad time": (["--rx", DAILY, "--until", "3 fortnights"], "--until"),
    "level above 1": (["--rx", DAILY, "--level", "80"], "between 0 and 1"),
    "compare one": (["--rx", DAILY, "--compare"], "at least two"),
    "more than the monograph allows": (["--rx", "5000 mg po q24h x3"], "above 150 mg is not recommended"),
    "individuals of one person": (["--rx", DAILY, "--individuals", "--out", "nowhere-to-be"], "2 or more"),
    "individuals without a folder": (["--rx", DAILY, "--individuals"], "--out"),
    "cmt without events": (["--rx", DAILY, "--cmt", "po=1"], "--events"),
    "a route twice": (["--events", "any.csv", "--cmt", "po=1", "--cmt", "po=2"], "already CMT 1"),
    "unknown drug": (["--rx", DAILY], "naltrexon"),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_one_sentence_and_exit_code_2(name):
    arguments, words = BAD[name]
    ran = run("simulate", "naltrexon" if name == "unknown drug" else "naltrexone", *arguments)
    assert (ran.code, ran.out) == (2, ""), ran
    assert ran.err.startswith("posology: ")
    assert "Traceback" not in ran.err
    assert words in ran.err


def test_a_table_that_cannot_be_read_is_an_input_error(tmp_path):
    ran = run("simulate", "naltrexone", "--events", tmp_path / "none.csv")
    assert ran.code == 3
    assert "cannot be read" in ran.err
    odd = tmp_path / "odd.csv"
    odd.write_text("ID,TIME,AMT,MOOD\n1,0,50,1\n", encoding="utf-8")
    ran = run("simulate", "naltrexone", "--events", odd)
    assert ran.code == 3
    assert "MOOD" in ran.err


def test_piped_output_has_no_progress_and_no_colour(tmp_path):
    ran = subprocess.run(
        [
            sys.executable,
            "-m",
            "posology.cli",
            "simulate",
            "naltrexone",
            "--rx",
            DAILY,
            "--population",
            "300",
        ],
        capture_output=True,
        check=True,
        env=os.environ | {"PYTHONIOENCODING": "utf-8"},
    )
    assert ran.stderr == b""
    assert b"\x1b" not in ran.stdout
    assert "5–95 %".encode() in ran.stdout


def test_hours_above_a_level_hold_for_a_week_of_uneven_doses():
    # facts/pkpd.md 8.1 (blockade that follows plasma), followed with SciPy's LSODA at rtol 1e-9 and 40,001 times of
    # the eighth week: 14.726, 6.712 and 3.694 hours a day.
    told = json.loads(
        simulated("--rx", "50 mg po mon-fri for 8 weeks & 100 mg po sat for 8 weeks", "--format", "json")
    )
    found = {
        each["level"]: each["value"]["typical"]
        for each in told["arms"][0]["summaries"]
        if each["kind"] == "hours-above" and each["reading"] == "plasma"
    }
    assert found == pytest.approx({0.5: 14.726, 0.8: 6.712, 0.9: 3.694}, rel=0.006)
