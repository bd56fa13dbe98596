"""Invariants 1 to 4 of DESIGN section 7, on generated records, for every monograph."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.monograph.model import Citation

from . import dates, knowledge
from .entries import sure
from .oracle import CANNOT_TELL, RANK, Json, ask, met_by, rank
from .profiles import tries
from .records import aimed, bundle, identified, record

DRUGS = [each.identity.id for each in knowledge.monographs()]
ON = dates.DAYS[0]


def refs_of(resources: list[Json]) -> set[str]:
    """Every reference by which an entry of the input may be named."""
    return {f"{each['resourceType']}/{each['id']}" for each in resources}


# --- 1: monotone ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS)
@tries(180)
@given(data=st.data())
def test_a_reason_to_stop_never_makes_it_more_permissive(drug: str, data: st.DataObject) -> None:
    """Adding an entry that meets a stopping statement.

    A result replaces earlier results of the same kind: an ALT of 4 x ULN after one of 6 x ULN turns *avoid*
    into *not now*. So where the record has other results, the new verdict is held against what the added
    entry itself imposes; everything else that is added must never make the verdict more permissive at all.
    An entry that starts the drug asks another question (stage), and is held against what it imposes.
    """
    asked, leaf = data.draw(st.sampled_from(knowledge.stoppers(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    before = data.draw(record(on, drug, most=4))
    made = data.draw(aimed(on, leaf))
    added = identified([sure(made) if data.draw(st.booleans()) else made])[0] | {"id": "added"}
    new = ask(bundle([*before, added]), asked, on)
    met = met_by(new, f"{added['resourceType']}/added")
    if not met:
        return
    old = ask(bundle(before), asked, on)
    imposed = max(RANK[each.verdict or "suitable"] for each in met)
    assert rank(new) >= imposed
    replaces = added["resourceType"] in {"Observation", "QuestionnaireResponse"} and any(
        each["resourceType"] in {"Observation", "QuestionnaireResponse"} for each in before
    )
    if old.stage == new.stage and not replaces:
        assert rank(new) >= rank(old)


# --- 2: accounted for -------------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS)
@tries(100)
@given(data=st.data())
def test_everything_is_accounted_for(drug: str, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(knowledge.questions(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    resources = data.draw(record(on, drug))
    broken = data.draw(
        st.sampled_from(
            (
                [],
                [{"resourceType": "Condition", "id": "b1", "code": "fever"}],
                [{"resourceType": "Observation", "id": "b2", "valueQuantity": "12"}, 17],
            )
        )
    )
    result = ask(bundle(resources + broken), asked, on)
    counts = result.counts
    assert counts["read"] == len(resources) + len(broken)
    assert counts["read"] == sum(counts[each] for each in ("matched", "unmatched", "set_aside", "unreadable"))
    assert counts["set_aside"] == len(result.set_aside)
    assert counts["unreadable"] == len(result.unreadable)
    assert counts["unreadable"] >= len(broken)
    found = Counter(each.statement for each in result.findings)
    assert found == Counter(each.id for each in knowledge.in_scope(asked, result.stage))


@pytest.mark.parametrize("drug", DRUGS)
@tries(60)
@given(data=st.data())
def test_the_verdict_is_the_least_permissive_of_its_findings(drug: str, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(knowledge.questions(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    result = ask(bundle(data.draw(record(on, drug))), asked, on)
    assert rank(result) == max((RANK[each.verdict] for each in result.findings if each.verdict), default=0)
    blocked = any(each.blocks for each in result.missing)
    assert blocked or result.verdict != "cannot-tell"
    for each in result.findings:
        if each.verdict and each.would_be:
            assert RANK[each.would_be] <= rank(result)


# --- 3: provenance ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS)
@tries(100)
@given(data=st.data())
def test_a_met_finding_names_its_entry_and_its_source(drug: str, data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(knowledge.questions(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    resources = data.draw(record(on, drug))
    known, sources = refs_of(resources), knowledge.engine().library.sources
    result = ask(bundle(resources), asked, on)
    for finding in result.findings:
        assert finding.sources
        assert all(Citation.parse(cited.citation).source in sources for cited in finding.sources)
        if finding.status == "met":
            assert finding.entries, finding.statement
        assert {entry.ref.partition("#")[0] for entry in finding.entries} <= known, finding.statement
    for gap in result.missing:
        assert {entry.ref.partition("#")[0] for entry in gap.entries} <= known, gap.what


# --- 4: the empty record --------------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS)
@pytest.mark.parametrize(
    "person",
    [
        {},
        {"gender": "female"},
        {"gender": "male", "birthDate": "1980-03-01"},
        {"gender": "female", "birthDate": "1980-03-01"},
    ],
    ids=str,
)
def test_an_empty_record_is_never_permissive(drug: str, person: Json) -> None:
    """For every use, region and product; a monograph for which this fails is wrong."""
    empty = bundle([{"resourceType": "Patient", "id": "p1", **person}])
    permissive = {
        asked: result.verdict
        for asked in knowledge.questions(drug)
        if rank(result := ask(empty, asked, ON)) < CANNOT_TELL
    }
    assert permissive == {}
