# ruff: noqa: E501 (tables read better with a row in one line)
"""Each finding of lint, brought about by one small change to knowledge that lints clean."""

from __future__ import annotations

from pathlib import Path

import pytest

from posology.api import checker
from posology.monograph import load
from posology.monograph.lint import Problem, lint
from tests.command import run
from tests.unit.monograph.conftest import Knowledge

SAFETY, USES, HEAD = "xamab/safety.yaml", "xamab/uses.yaml", "xamab/monograph.yaml"
DISPUTES, MEDICINES, OTHERS = "xamab/disputes.yaml", "concepts/medicines.yaml", "concepts/others.yaml"
YOLOL = "{medication: any-yolol, within: 10 days}"
LIVER = "{observation: alt, above: 3 x ULN, within: 90 days}"

CHANGES = [
    # references
    (SAFETY, "sources: [x-label#4]", "sources: [y-label]", "unknown source 'y-label'. Did you mean 'x-label'?"),
    (OTHERS, "uln-source: posology-judgement", "uln-source: nobody", "unknown source 'nobody'"),
    (HEAD, "sources: [x-label]}", "sources: [y-label]}", "unknown source 'y-label'"),
    (DISPUTES, "sources: [guide]", "sources: [guild]", "unknown source 'guild'. Did you mean 'guide'?"),
    (SAFETY, "any-yolol", "any-yolo", "unknown concept 'any-yolo'. Did you mean 'any-yolol'?"),
    (SAFETY, YOLOL, "{medication: gout}", "'gout' is a concept of kind condition; medication takes one of kind medicine"),
    (SAFETY, "{recorded: alt, within: 90 days}", "{recorded: ast}", "unknown concept 'ast'"),
    (SAFETY, YOLOL, "{use: headache}", "unknown use 'headache'"),
    (USES, "when: {condition: gout}", "when: {condition: goat}", "unknown concept 'goat'. Did you mean 'gout'?"),
    (USES, "part-of: pain", "part-of: pane", "unknown use 'pane'. Did you mean 'pain'?"),
    (USES, "part-of: pain", "part-of: gout-pain", "goes round in a circle (gout-pain -> gout-pain)"),
    (USES, "part-of: pain", "products: [syrup]", "unknown product 'syrup'"),
    (SAFETY, "basis: guideline", "basis: guideline\n  products: [syrup]", "unknown product 'syrup'"),
    (SAFETY, "basis: guideline", "basis: guideline\n  uses: [headache]", "unknown use 'headache'"),
    (DISPUTES, "statements: [yolol-taken]", "statements: [yolol]", "unknown statement 'yolol'"),
    (HEAD, "substance: xamab", "substance: xanab", "unknown substance 'xanab'. Did you mean 'xamab'?"),
    (HEAD, "concept: xamab-alone", "concept: xamab", "unknown concept 'xamab'"),
    (HEAD, "id: xamab\n", "id: xumab\n", "id is 'xumab' in the folder 'xamab'; make them the same"),
    (HEAD, "ingredients: [xamab]", "ingredients: [xx]", "unknown substance 'xx'"),
    (MEDICINES, "{ingredients: [yolol]}", "{ingredients: [yolo]}", "unknown substance 'yolo'"),
    (MEDICINES, "{ingredients: [yolol]}", "{ingredients: [yolol], with: [z]}", "unknown substance 'z'"),
    (MEDICINES, "{ingredients: [yolol]}", "{ingredients: [yolol], not-forms: [pill]}", "unknown form 'pill'"),
    ("concepts/products.yaml", "forms: [patch]", "forms: [plaster]", "unknown form 'plaster'"),
    ("concepts/products.yaml", "ingredients: [yolol]", "ingredients: [yol]", "unknown substance 'yol'"),
    # ids that stand twice
    (SAFETY, "id: liver-hurt", "id: liver-tests", "statement id 'liver-tests' is already at safety.yaml:11"),
    (USES, "id: gout-pain", "id: pain", "use id 'pain' is already at uses.yaml:1"),
    (OTHERS, "id: alt", "id: gout", "concept id 'gout' is already at others.yaml:1"),
    (OTHERS, "id: alt", "id: any-yolol", "concept id 'any-yolol' is already at medicines.yaml:2"),
    ("sources.yaml", "id: guide", "id: x-label", "source id 'x-label' is already at sources.yaml:1"),
    # rules
    (SAFETY, "verdict: with-precautions", "verdict: stop", "'stop' does not belong to stage 'any'; write avoid"),
    (SAFETY, "verdict: with-precautions", "verdict: avoid\n  stage: taking", "'avoid' does not belong to stage 'taking'"),
    (SAFETY, "basis: guideline", "basis: guideline\n  stage: starting\n  taking: stop", "has no effect at stage 'starting'"),
    (SAFETY, "missing: block", "taking: stop", "taking stands without a verdict"),
    (SAFETY, "missing: block", "missing: block\n  verdict: avoid", "missing: stands together with verdict", "missing"),
    (SAFETY, "{recorded: alt, within: 90 days}", "{condition: gout}", "needs a criterion with recorded:", "missing"),
    (SAFETY, "verdict: not-now", "verdict: avoid", "until is for not-now and hold, not for avoid", "until"),
    (SAFETY, "until: 10 days after the last dose", "until: 10 days after the result", "needs a criterion of kind observation"),
    (SAFETY, "until: 10 days after the last dose\n", "\n", "names {until}, but there is no until:", "do"),
    (SAFETY, "sources: [x-label#5, posology-judgement]", "sources: [x-label#5]", "judgement needs the source posology-judgement", "basis: judgement"),
    (SAFETY, "sources: [x-label#4]", "sources: [guide]", "label needs a source of kind label; add one", "basis: label"),
    (SAFETY, LIVER, "{all: [{condition: gout}, {not: {condition: gout}}]}", "in one all never hold"),
    (SAFETY, LIVER, "{any: [{condition: gout}, {not: {condition: gout}}]}", "in one any always hold"),
    (SAFETY, LIVER, "{all: [{observation: alt, above: 50 U/L}, {observation: alt, below: 50 U/L}]}", "no alt satisfies both bounds"),
    (SAFETY, LIVER, "{condition: gout, within: 0 days}", "a window of 0 days holds nothing"),
    (SAFETY, LIVER, "{observation: alt, above: 5 U/L, below: 5 U/L}", "no value is above 5 U/L and below 5 U/L"),
    (SAFETY, LIVER, "{observation: alt, above: 5 U/L, from: 6 U/L}", "above and from are both lower bounds"),
    (SAFETY, LIVER, "{observation: alt, above: 50}", "above 50: has no unit; write it in U/L"),
    (SAFETY, LIVER, "{observation: alt, above: 50 mmol/L}", "above 50 mmol/L: cannot be compared with U/L"),
    (SAFETY, LIVER, "{observation: alt, above: 50000 U/L}", "lies outside what is plausible for 'alt' (1 to 20000 U/L)"),
    (SAFETY, LIVER, "{age: {above: 200 years}}", "no one is of that age"),
    (SAFETY, LIVER, "{age: {above: 20 kg}}", "age takes a time, such as 18 years"),
    (USES, "  name: pain\n", "  name: pain\n  indicated: false\n", "not indicated, yet no statement says so"),
    (USES, "  name: pain\n", "  name: pain\n  takes: no-such\n", "unknown concept 'no-such'"),
    (SAFETY, LIVER, "{on-drug: xamab-alone, from: 3 mg}", "on-drug takes a time"),
    (SAFETY, LIVER, "{dose: xamab-alone, above: 3 mL}", "dose takes 6 mg/day"),
    (SAFETY, LIVER, "{change: alt, below: 3 U/L}", "change takes a fall in percent"),
    (SAFETY, LIVER, "{change: alt, from: 130 %}", "nothing falls by more than 100 %"),
    (DISPUTES, "says: A week.", "says: Ten days.", "two positions say the same", "positions"),
    # vocabulary
    (OTHERS, "plausible-to: 20000", "plausible-to: 1", "no value lies between 1 and 1"),
    (OTHERS, "uln: 40 U/L", "uln: 40 g", "is in 'g'; write it in the concept's unit 'U/L'"),
    (OTHERS, "factor: 60", "factor: -60", "factor must be above 0"),
    (OTHERS, "names: [gout]", "names: [gout, Gout]", "'Gout' is listed twice; keep one"),
    (OTHERS, "names: [gout]", "unit: mg", "unit is for concepts of kind observation"),
    (OTHERS, "names: [gout]", "includes: [alt]", "'alt' is of kind observation; include concepts of kind condition"),
    (OTHERS, "names: [gout]", "includes: [gout]", "'gout' includes 'gout' in turn; break the circle"),
    (OTHERS, "names: [gout]", "includes: [goat]", "unknown concept 'goat'"),
    (MEDICINES, "medicines: [{ingredients: [yolol]}]", "names: []", "matches nothing; give codes"),
    ("concepts/substances.yaml", "[Yolbrand]", "[Xamab]", "'xamab' also stands for 'xamab'; keep it with one"),
]  # fmt: skip


def answered(knowledge: Knowledge) -> list[Problem]:
    """All problems, with the empty record and the cases tried."""
    library = knowledge.library()
    return lint(library, check=checker(library))


def found(knowledge: Knowledge) -> list[Problem]:
    return lint(knowledge.library())


def test_the_small_library_is_clean(knowledge: Knowledge) -> None:
    assert found(knowledge) == []


@pytest.mark.parametrize("change", CHANGES, ids=[f"{c[0]}: {c[3]}" for c in CHANGES])
def test_each_error_is_found_where_it_stands(knowledge: Knowledge, change: tuple[str, ...]) -> None:
    file, old, new, message, *marker = change
    line = knowledge.replace(file, old, new)
    if marker:
        text = (knowledge.path / file).read_text().splitlines()
        lines = [number for number, one in enumerate(text, start=1) if marker[0] in one]
    else:
        lines = [line, line + 1, line + 2]
    wanted = message.removeprefix("missing: ")
    places = [
        p.line
        for p in found(knowledge)
        if wanted in p.message and p.severity == "error" and p.file.endswith(file)
    ]
    assert set(places) & set(lines), [str(problem) for problem in found(knowledge)]


def test_a_verdict_without_when(knowledge: Knowledge) -> None:
    line = knowledge.replace(SAFETY, f"  when: {YOLOL}\n  verdict: not-now", "  verdict: not-now")
    assert [p.message for p in found(knowledge) if p.line == line] == [
        "a verdict without when; say in when: for whom it holds"
    ]


WARNINGS = [
    (SAFETY, "within: 10 days}", "within: 20 days}", "10 days, but when: looks back 20 days; make them the same"),
    (SAFETY, "sources: [guide]", "sources: [x-label]", "guideline needs a source of kind guideline; add one"),
    (SAFETY, LIVER, "{any: [{condition: gout}, {condition: gout}]}", "stands twice in one any; keep one"),
    (HEAD, "form: tablet", "form: pill", "unknown form 'pill'"),
    (HEAD, "says: A drug that does not exist.", "says: 'TODO: tell'", "to be written: tell"),
    (
        SAFETY,
        "says: A hurt liver clears xamab slowly.",
        "says: Yolol and xamab together upset the stomach.",
        "'Yolol and xamab together upset the stomach.' is already said by 'yolol-taken' (xamab/safety.yaml:1)",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "message"), WARNINGS, ids=[w[3] for w in WARNINGS])
def test_each_warning(knowledge: Knowledge, file: str, old: str, new: str, message: str) -> None:
    knowledge.replace(file, old, new)
    assert [p.severity for p in found(knowledge) if message in p.message] == ["warning"]


def test_a_concept_that_no_monograph_uses(knowledge: Knowledge) -> None:
    line = knowledge.add(
        OTHERS, "- {id: mumps, kind: condition, name: mumps, names: [mumps], sources: [x-label]}\n"
    )
    (problem,) = found(knowledge)
    assert str(problem).endswith(
        f"others.yaml:{line}: warning: no monograph uses the concept 'mumps'; use it or remove it"
    )


def test_a_concept_is_used_through_one_that_includes_it(knowledge: Knowledge) -> None:
    knowledge.add(
        OTHERS, "- {id: tophus, kind: condition, name: tophus, names: [tophus], sources: [x-label]}\n"
    )
    knowledge.replace(OTHERS, "names: [gout]", "includes: [tophus]")
    assert found(knowledge) == []


def test_units_are_compared_through_the_conversions(knowledge: Knowledge) -> None:
    knowledge.replace(SAFETY, LIVER, "{observation: alt, above: 2 ukat/L, within: 90 days}")
    assert found(knowledge) == []


def test_a_file_that_cannot_be_read_is_one_problem_among_the_others(knowledge: Knowledge) -> None:
    knowledge.replace(USES, "- id: pain", "- id: [pain")
    knowledge.replace(SAFETY, "sources: [guide]", "sources: [guild]")
    texts = [str(problem) for problem in found(knowledge)]
    assert any("uses.yaml:" in text and "not valid YAML" in text for text in texts)
    assert any("unknown source 'guild'" in text for text in texts)


def test_files_that_would_be_passed_over_are_named(knowledge: Knowledge) -> None:
    knowledge.write("xamab/more.yml", "")
    knowledge.write("draft/safety.yaml", "")
    messages = {problem.message for problem in found(knowledge)}
    assert messages == {
        "is not read; name it .yaml",
        "holds YAML but no monograph.yaml, so it is no monograph; add monograph.yaml",
    }


def test_only_one_monograph(knowledge: Knowledge) -> None:
    knowledge.replace(OTHERS, "factor: 60", "factor: 0")
    line = knowledge.replace(SAFETY, "sources: [guide]", "sources: [guild]")
    assert [problem.line for problem in lint(knowledge.library(), "xamab")] == [line]


def test_an_empty_record_may_not_be_allowed_the_drug(knowledge: Knowledge) -> None:
    text = (knowledge.path / SAFETY).read_text()
    knowledge.write(SAFETY, text[text.index("- id: liver-hurt") :].replace(LIVER, "{sex: male}"))
    knowledge.replace(DISPUTES, "  statements: [yolol-taken]\n", "")
    knowledge.replace("xamab/cases.yaml", ", met: [liver-tests], unknown: []", "")
    messages = [problem.message for problem in answered(knowledge) if problem.severity == "error"]
    assert any("for 'pain' in US an empty record gives with-precautions" in message for message in messages)


def test_what_no_case_shows_is_a_warning_and_a_failing_case_an_error(knowledge: Knowledge) -> None:
    problems = [str(problem) for problem in answered(knowledge)]
    assert any(
        "safety.yaml:1: warning: no case in" in text and "'yolol-taken' met or unknown" in text
        for text in problems
    )
    knowledge.replace("xamab/cases.yaml", "verdict: suitable", "verdict: avoid")
    problems = [str(problem) for problem in answered(knowledge)]
    assert any(
        "cases.yaml:9: error: case 'fine': verdict: expected avoid, got suitable" in text for text in problems
    )


def test_the_command(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(load, "PACKAGED", knowledge.path)
    assert run("monograph", "lint").code == 0
    line = knowledge.replace(SAFETY, "sources: [guide]", "sources: [guild]")
    ran = run("monograph", "lint")
    assert ran.code == 6
    out = ran.out.splitlines()
    assert f"safety.yaml:{line}: error: unknown source 'guild'" in out[-2]
    assert out[-1] == "1 error, 0 warnings"
    assert run("monograph", "lint", "--monographs", tmp_path / "nowhere").code == 5
