"""What is said about knowledge that is YAML but not the knowledge that it should be."""

from __future__ import annotations

import pytest

from posology.errors import KnowledgeError
from tests.unit.monograph.conftest import Knowledge

SAFETY = "xamab/safety.yaml"

BAD = [
    # file, text that is there, what replaces it, the message, and how many lines below the change it points
    (SAFETY, "verdict: not-now", "verdct: not-now", "unknown key 'verdct'; did you mean 'verdict'?", 0),
    (SAFETY, "verdict: not-now", "zzz: 1", "unknown key 'zzz'; known: id, kind, says", 0),
    (SAFETY, "kind: contraindication", "kind: contra", "kind: 'contra' is not known", 0),
    (SAFETY, "kind: monitoring", "kind: monitorin", "did you mean 'monitoring'?", 0),
    (
        SAFETY,
        "says: A hurt liver clears xamab slowly.",
        "says: 5",
        "says: takes text, found 5; quote it: '5'",
        0,
    ),
    (SAFETY, "says: A hurt liver clears xamab slowly.", "says: true", "quote it: 'true'", 0),
    (SAFETY, "says: A hurt liver clears xamab slowly.", "says:", "says: takes text, found nothing", 0),
    (SAFETY, "says: A hurt liver clears xamab slowly.", "says: [a]", "says: takes text, found a list", 0),
    (SAFETY, "sources: [guide]", "sources: guide", "sources: takes a list, found 'guide'; write [guide]", 0),
    (SAFETY, "sources: [guide]", "sources: []", "sources: is too short; give at least 1", 0),
    (SAFETY, "sources: [guide]", "sources: [Guide 1]", "sources: 'Guide 1' is not a citation", 0),
    (SAFETY, "sources: [guide]", "sources: ['guide#']", "sources: 'guide#' is not a citation", 0),
    (SAFETY, "basis: guideline", "title: x", "needs 'basis'; add basis: ...", -5),
    (SAFETY, "missing: block", "missing: perhaps", "missing: 'perhaps' is not known; known: block, ask", 0),
    (SAFETY, "within: 10 days}", "within: soon}", "when: 'soon' is not a duration", 0),
    (SAFETY, "{medication: any-yolol, within: 10 days}", "{medicaton: y}", "did you mean 'medication'?", 0),
    (
        SAFETY,
        "{medication: any-yolol, within: 10 days}",
        "\n    any:\n      - {sex: male}\n      - not: {sex: m}",
        "when: sex: takes female or male",
        3,
    ),
    (
        SAFETY,
        "until: 10 days after the last dose",
        "until: next week",
        "'next week' is not an end of waiting",
        0,
    ),
    (SAFETY, "until: 10 days after the last dose", "until: [1]", "is not an end of waiting", 0),
    ("xamab/uses.yaml", "labelled: [US]", "labelled: [DE]", "'DE' is not known; known: US, EU", 0),
    ("xamab/uses.yaml", "labelled: [US]", "indicated: no", "indicated: takes true or false, found 'no'", 0),
    ("xamab/disputes.yaml", "{says: A week., sources: [guide]}", "{says: A week.}", "needs 'sources'", 0),
    ("xamab/monograph.yaml", "drug-class: placeholder", "drugclass: x", "did you mean 'drug-class'?", 0),
    ("xamab/monograph.yaml", "route: oral, ", "", "needs 'route'; add route: ...", 0),
    ("concepts/others.yaml", "uln: 40 U/L", "uln: high", "uln: 'high' is not an amount", 0),
    ("concepts/others.yaml", "factor: 60", "factor: sixty", "factor: takes a number, found 'sixty'", 0),
    ("concepts/others.yaml", "prefix: M10", "prefix: 10", "prefix: takes text, found 10; quote it: '10'", 0),
    ("concepts/medicines.yaml", "alone: true", "alone: yes", "alone: takes true or false, found 'yes'", 0),
    (
        "concepts/forms.yaml",
        "names: [patch]",
        "name: [patch]",
        "unknown key 'name'; did you mean 'names'?",
        0,
    ),
    ("sources.yaml", "kind: guideline", "kind: gudeline", "did you mean 'guideline'?", 0),
]


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "below"), BAD, ids=[f"{b[0]}: {b[2]}" for b in BAD]
)
def test_every_error_names_file_line_and_what_would_be_right(
    knowledge: Knowledge, file: str, old: str, new: str, message: str, below: int
) -> None:
    line = knowledge.replace(file, old, new)
    library = knowledge.library()
    with pytest.raises(KnowledgeError) as raised:
        _ = library.monograph("xamab"), library.vocabulary, library.sources
    assert raised.value.exit_code == 5
    expected = f"{knowledge.path / file}:{line + below}: "
    assert any(text.startswith(expected) and message in text for text in str(raised.value).splitlines()), str(
        raised.value
    )


def test_all_errors_of_all_files_are_told_together(knowledge: Knowledge) -> None:
    knowledge.replace(SAFETY, "verdict: not-now", "verdct: not-now")
    knowledge.replace(SAFETY, "sources: [guide]", "sources: guide")
    knowledge.replace("xamab/uses.yaml", "labelled: [US]", "labelled: [DE]")
    with pytest.raises(KnowledgeError) as raised:
        knowledge.library().monograph("xamab")
    assert len(str(raised.value).splitlines()) == 3


def test_a_list_where_keys_belong(knowledge: Knowledge) -> None:
    knowledge.write("xamab/monograph.yaml", "- id: xamab\n")
    with pytest.raises(KnowledgeError, match=r"monograph.yaml:1: .*takes keys and values, found a list"):
        knowledge.library().monograph("xamab")


def test_keys_where_a_list_belongs(knowledge: Knowledge) -> None:
    knowledge.write("xamab/uses.yaml", "id: pain\n")
    with pytest.raises(KnowledgeError, match=r"uses.yaml:1: .*takes a list, found keys and values"):
        knowledge.library().monograph("xamab")


def test_an_empty_file_holds_nothing(knowledge: Knowledge) -> None:
    knowledge.write("xamab/uses.yaml", "# later\n")
    assert knowledge.library().monograph("xamab").uses == ()
