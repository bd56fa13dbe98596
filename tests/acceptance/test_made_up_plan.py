"""Plans and leaflets of a made-up drug, written as a folder: nothing of them is in Python."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from posology.monograph.lint.leaflet import SECTIONS
from tests.command import run
from tests.unit.show.test_calendar import expanded

DOSAGE = """
- id: examplol-ladder
  kind: dosage
  title: A ladder <b>& more</b>
  names: [ladder]
  says: Up in two steps.
  rx: 5 mg po q24h for 1 week then 10 mg po bid
  basis: judgement
  sources: [posology-judgement]
"""
ITEM = (
    "- {{id: {0}, section: {0}, says: 'Say <i>{0}</i> #strong[x].', urgent: {1}, basis: judgement, "
    "sources: [posology-judgement]}}\n"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("outside")
    assert run("monograph", "new", "examplol", "--monographs", place).code == 0
    drug = place / "examplol"
    (drug / "dosage.yaml").write_text(DOSAGE)
    (drug / "leaflet.yaml").write_text(
        "".join(ITEM.format(section, str(section == "call").lower()) for section in SECTIONS)
    )
    head = (drug / "monograph.yaml").read_text()
    (drug / "monograph.yaml").write_text(
        head.replace("    route: oral\n", "    route: oral\n    rx-route: po\n")
    )
    return place


def ask(folder: Path, *more: object) -> str:
    ran = run(
        "plan", "examplol", "--regimen", "ladder", "--start", "2026-12-01", "--until", "2026-12-31",
        "--on", "2026-12-01", "--monographs", folder, *more,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    return ran.out


def test_it_lints(folder: Path) -> None:
    ran = run("monograph", "lint", "examplol", "--monographs", folder)
    assert ran.code == 0, ran.out


def test_every_form(folder: Path, tmp_path: Path) -> None:
    assert "Tue 2026-12-08" in ask(folder)
    plan = json.loads(ask(folder, "--format", "json"))
    moments = [dose.isoformat() for dose in expanded(ask(folder, "--format", "ics").encode())]
    # 7 days once, then from 8 to 31 December twice a day.
    assert moments == [dose["when"] for dose in plan["doses"]]
    assert len(moments) == 7 + 24 * 2
    requests = [
        each["resource"]
        for each in json.loads(ask(folder, "--format", "fhir"))["entry"]
        if each["resource"]["resourceType"] == "MedicationRequest"
    ]
    (dosage,) = requests[1]["dosageInstruction"]
    assert dosage["timing"]["repeat"]["timeOfDay"] == ["08:00:00", "20:00:00"]
    page = ask(folder, "--format", "leaflet")
    assert "Say &lt;i&gt;missed&lt;/i&gt; #strong[x]." in page
    assert "<b>" not in page
    pytest.importorskip("typst")
    pypdf = pytest.importorskip("pypdf")
    ask(folder, "--format", "leaflet-pdf", "--out", tmp_path / "leaflet.pdf")
    text = "".join(each.extract_text() for each in pypdf.PdfReader(tmp_path / "leaflet.pdf").pages)
    assert "Say <i>missed</i> #strong[x]." in text


def test_without_a_leaflet(folder: Path) -> None:
    leaflet = folder / "examplol" / "leaflet.yaml"
    kept = leaflet.read_text()
    leaflet.unlink()
    try:
        ran = run("plan", "examplol", "--regimen", "ladder", "--monographs", folder, "--format", "leaflet")
    finally:
        leaflet.write_text(kept)
    assert ran.code == 2
    assert "has no leaflet" in ran.err
