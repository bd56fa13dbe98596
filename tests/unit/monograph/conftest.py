"""A small knowledge folder in tmp_path, so that these tests do not depend on the packaged knowledge."""

from __future__ import annotations

from pathlib import Path

import pytest

from posology.monograph.load import Library

FILES = {
    "sources.yaml": """\
- {id: x-label, title: Label of X, kind: label}
- {id: guide, title: A guideline, kind: guideline}
- {id: posology-judgement, title: Own judgement, kind: project}
""",
    "concepts/substances.yaml": """\
- {id: xamab, name: xamab, sources: [x-label]}
- {id: yolol, name: yolol, names: [Yolbrand], sources: [x-label]}
""",
    "concepts/forms.yaml": """\
- {id: tablet, names: [tablet]}
- {id: patch, names: [patch]}
""",
    "concepts/products.yaml": """\
- id: yol-patch
  name: yolol patch
  ingredients: [yolol]
  forms: [patch]
  sources: [x-label]
""",
    "concepts/medicines.yaml": """\
- {id: xamab-alone, kind: medicine, name: xamab, medicines: [{ingredients: [xamab], alone: true}], sources: [x-label]}
- {id: any-yolol, kind: medicine, name: yolols, medicines: [{ingredients: [yolol]}], sources: [x-label]}
""",
    "concepts/others.yaml": """\
- id: gout
  kind: condition
  name: gout
  codes: [{system: snomed, code: "90560007", display: Gout}]
  prefixes: [{system: icd10cm, prefix: M10, display: Gout}]
  names: [gout]
  sources: [x-label]
- id: alt
  kind: observation
  name: ALT
  unit: U/L
  conversions: [{unit: ukat/L, factor: 60}]
  plausible-from: 1
  plausible-to: 20000
  uln: 40 U/L
  uln-source: posology-judgement
  codes: [{system: loinc, code: 1742-6, display: ALT}]
  sources: [x-label]
""",
    "xamab/monograph.yaml": """\
id: xamab
name: Xamab
substance: xamab
concept: xamab-alone
says: A drug that does not exist.
drug-class: placeholder
regions: [US]
sources: [x-label]
products:
  - {id: tablet, name: Xamab tablet, ingredients: [xamab], form: tablet, route: oral, sources: [x-label]}
""",
    "xamab/uses.yaml": """\
- id: pain
  name: pain
  says: For pain of any kind.
  basis: label
  labelled: [US]
  sources: [x-label#1]
- id: gout-pain
  name: gout
  says: For the pain of gout.
  basis: label
  part-of: pain
  when: {condition: gout}
  sources: [x-label#1]
""",
    "xamab/safety.yaml": """\
- id: yolol-taken
  kind: contraindication
  title: Yolol taken
  when: {medication: any-yolol, within: 10 days}
  verdict: not-now
  until: 10 days after the last dose
  says: Yolol and xamab together upset the stomach.
  do: Wait until {until}.
  basis: label
  sources: [x-label#4]
- id: liver-tests
  kind: monitoring
  when: {recorded: alt, within: 90 days}
  missing: block
  says: The liver is looked at before treatment begins.
  basis: judgement
  sources: [x-label#5, posology-judgement]
- id: liver-hurt
  kind: warning
  when: {observation: alt, above: 3 x ULN, within: 90 days}
  verdict: with-precautions
  says: A hurt liver clears xamab slowly.
  basis: guideline
  sources: [guide]
""",
    "xamab/disputes.yaml": """\
- id: how-long
  about: How long to wait after yolol
  positions:
    - {says: Ten days., sources: [x-label#4]}
    - {says: A week., sources: [guide]}
  follows: x-label
  because: It is the later text.
  statements: [yolol-taken]
""",
    "xamab/cases.yaml": """\
bases:
  - id: complete
    patient: {sex: female, born: 1980-03-01}
    question: {for: pain, on: 2026-06-30}
    entries:
      - {observation: alt, value: 22 U/L, on: 2026-06-01}
      - {medications: none}
cases:
  - id: fine
    says: Nothing against it.
    base: complete
    expect: {verdict: suitable, met: [liver-tests], unknown: []}
""",
}


class Knowledge:
    """The small folder, and ways to change it before it is read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        for name, text in FILES.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> Path:
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def replace(self, name: str, old: str, new: str) -> int:
        """Change a file; the line (from 1) on which the change begins."""
        text = (self.path / name).read_text(encoding="utf-8")
        assert text.count(old) == 1, f"{old!r} stands {text.count(old)} times in {name}"
        self.write(name, text.replace(old, new))
        return text[: text.index(old)].count("\n") + 1

    def add(self, name: str, text: str) -> int:
        """Append to a file (or begin one); the line on which the addition begins."""
        path = self.path / name
        before = path.read_text(encoding="utf-8") if path.exists() else ""
        self.write(name, before + text)
        return before.count("\n") + 1

    def library(self) -> Library:
        return Library((self.path,))


@pytest.fixture(autouse=True)
def cache_dir(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Snapshots of a test stay with the test."""
    directory = tmp_path / "cache"
    monkeypatch.setenv("POSOLOGY_CACHE", str(directory))
    return directory


@pytest.fixture
def knowledge(tmp_path: Path) -> Knowledge:
    return Knowledge(tmp_path / "knowledge")
