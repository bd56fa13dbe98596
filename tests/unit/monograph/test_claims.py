"""The ledger of claims, and what answers each."""

from __future__ import annotations

import pytest

from posology.errors import KnowledgeError
from posology.monograph.claims import Answer, answers, unanswered
from posology.monograph.lint import lint
from tests.unit.monograph.conftest import Knowledge

LEDGER = (
    "id,section,claim,feature\nC01,overview,It helps,monograph:uses\nC02,safety,It harms,monograph:safety\n"
)


@pytest.fixture
def ledger(knowledge: Knowledge) -> Knowledge:
    knowledge.write("claims.csv", LEDGER)
    knowledge.add("sources.yaml", "- {id: article, title: The article, kind: article}\n")
    return knowledge


def test_what_answers_a_claim(ledger: Knowledge) -> None:
    ledger.replace("xamab/safety.yaml", "sources: [x-label#4]", "sources: [x-label#4, article#C02]")
    ledger.replace("xamab/disputes.yaml", "sources: [guide]", "sources: [guide, article#C02]")
    library = ledger.library()
    assert answers(library) == {
        "C01": [],
        "C02": [Answer("xamab", "statement", "yolol-taken"), Answer("xamab", "dispute", "how-long")],
    }
    assert [claim.id for claim in unanswered(library)] == ["C01"]


def test_lint_names_claims_that_nothing_cites_and_citations_of_no_claim(ledger: Knowledge) -> None:
    line = ledger.replace("xamab/safety.yaml", "sources: [x-label#4]", "sources: [x-label#4, article#C3]")
    found = [str(problem) for problem in lint(ledger.library())]
    assert any(f"safety.yaml:{line}: error: unknown claim 'C3'" in text for text in found)
    assert any(
        "claims.csv:2: error: no statement, use or dispute cites claim C01 (It helps)" in t for t in found
    )
    assert any("claims.csv:3: error:" in text for text in found)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("id,claim\nC01,x\n", r"claims.csv:1: wrong columns; the first line reads id,section,claim,feature"),
        ("id,section,claim,feature\nC01,x\n", r"claims.csv:2: not a claim"),
        ("id,section,claim,feature\nC01,x,y,z,more\n", r"claims.csv:2: not a claim"),
    ],
)
def test_a_wrong_ledger(ledger: Knowledge, text: str, message: str) -> None:
    ledger.write("claims.csv", text)
    with pytest.raises(KnowledgeError, match=message):
        _ = ledger.library().claims
