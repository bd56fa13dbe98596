"""Unknown is never taken for no: destroyed entries, entries of another day, questions left open."""

from __future__ import annotations

from collections import defaultdict
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posology.check.result import Result

from . import dates, knowledge
from .destroy import DESTROY
from .entries import sure
from .knowledge import Asked
from .oracle import CANNOT_TELL, RANK, STOPPING, Json, ask, rank, stopping
from .profiles import tries
from .records import ABOUT, HEALTHY, Record, aimed, bundle, identified, normal, record
from .test_stable import said

DRUGS = [each.identity.id for each in knowledge.monographs()]


def deciding(result: Result, resources: Record) -> list[int]:
    """Where in the record the entries stand that stop it."""
    refs = {entry.ref.partition("#")[0] for finding in stopping(result) for entry in finding.entries}
    return [
        number
        for number, each in enumerate(resources)
        if f"{each['resourceType']}/{each['id']}" in refs and each["resourceType"] != "Patient"
    ]


@st.composite
def stopped(draw: st.DrawFn, drug: str) -> tuple[Asked, date, Record]:
    """A question and a record in which, most of the time, something stops the drug and all else is known."""
    asked, leaf = draw(st.sampled_from(knowledge.stoppers(drug)))
    on = draw(st.sampled_from(dates.DAYS))
    resources = draw(record(on, drug, most=2, healthy=True))
    return (
        asked,
        on,
        resources + [each | {"id": "reason"} for each in identified([sure(draw(aimed(on, leaf)))])],
    )


# --- destroyed information --------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS)
@tries(120)
@given(data=st.data())
def test_what_stopped_it_and_cannot_be_read_any_more_leaves_it_open(drug: str, data: st.DataObject) -> None:
    """Destroy every entry that stops the drug: the verdict may become *cannot tell*, never permissive."""
    asked, on, resources = data.draw(stopped(drug))
    before = ask(bundle(resources), asked, on)
    chosen = deciding(before, resources)
    if rank(before) < STOPPING or not chosen:
        return
    way = data.draw(st.sampled_from(sorted(DESTROY)))
    after: list[Json] = list(resources)
    for number in chosen:
        made = DESTROY[way](resources[number])
        if made is not None:
            after[number] = made
    verdict = ask(bundle(after), asked, on).verdict
    assert RANK[verdict] >= CANNOT_TELL, (way, verdict, [after[number] for number in chosen])


@pytest.mark.parametrize("way", sorted(DESTROY))
@tries(12)
@given(data=st.data())
def test_one_entry_that_cannot_be_read(way: str, data: st.DataObject) -> None:
    """The same with one entry destroyed, each way in turn."""
    asked, on, resources = data.draw(stopped("naltrexone"))
    before = ask(bundle(resources), asked, on)
    for number in deciding(before, resources)[:3]:
        made = DESTROY[way](resources[number])
        if made is not None:
            after = ask(bundle([*resources[:number], made, *resources[number + 1 :]]), asked, on)
            assert rank(after) >= CANNOT_TELL, (after.verdict, resources[number], made)


# --- as of the day ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("drug", DRUGS)
@tries(100)
@given(data=st.data())
def test_what_happens_later_is_not_known_yet(drug: str, data: st.DataObject) -> None:
    """Entries dated after the day asked about change nothing but what is set aside."""
    asked = data.draw(st.sampled_from(knowledge.questions(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    resources = data.draw(record(on, drug, most=4))
    askable = [leaf for leaf in knowledge.leaves(drug) if ABOUT[leaf.kind](leaf)]
    later = [
        each | {"id": f"later{number}"}
        for number, each in enumerate(
            identified(
                [data.draw(aimed(on, data.draw(st.sampled_from(askable)), future=True)) for _ in range(3)]
            )
        )
    ]
    apart = ("counts", "set_aside")
    assert said(ask(bundle(resources + later), asked, on), *apart) == said(
        ask(bundle(resources), asked, on), *apart
    )


# --- questions left open ----------------------------------------------------------------------------------

ABNORMAL = {
    "alt": (130, 250, 4000),
    "ast": (130, 250, 4000),
    "bilirubin": (3, 20),
    "alkaline-phosphatase": (300,),
    "egfr": (50, 20, 8),
    "creatinine": (1.6, 3.5, 12),
    "albumin": (2.0,),
    "platelets": (30,),
    "inr": (2.0, 6.0),
    "eosinophils": (3.0,),
    "tsh": (20.0,),
    "phq9": (12, 24),
    "phq9-item9": (1, 3),
    "phq2": (5,),
    "pain-score": (9,),
    "peg": (9,),
    "bpi-interference": (9,),
    "cows": (3, 30),
    "urine-opiates": ("positive",),
    "pregnancy-test": ("positive",),
    "pregnancy-status": ("positive",),
    "lactation-status": ("positive",),
}
"""Results that are out of the ordinary, mildly and badly."""
WHAT = {
    "pregnancy status": "pregnancy-status",
    "whether she is breastfeeding": "lactation-status",
    "urine opioid test": "urine-opiates",
}


def concept_of(what: str) -> str:
    """The observation concept that a gap asks for; empty if it asks for something else."""
    named = {knowledge.engine().index.concepts[name].name: name for name in HEALTHY} | WHAT
    short = what.partition(" within the last ")[0]
    return named.get(short, "")


@pytest.mark.parametrize("drug", DRUGS)
@tries(60)
@given(data=st.data())
def test_an_answered_question_keeps_its_word(drug: str, data: st.DataObject) -> None:
    """A gap says what the verdict would be either way. Answer it with a result: the verdict lies between."""
    asked = data.draw(st.sampled_from(knowledge.questions(drug)))
    on = data.draw(st.sampled_from(dates.DAYS))
    resources = data.draw(record(on, drug, most=3))
    before = ask(bundle(resources), asked, on)
    for gap in before.missing:
        name = concept_of(gap.what)
        if not name or (name == "egfr" and not gap.entries):
            continue
        low, high = RANK[gap.if_not], RANK[gap.if_so]
        for value in (HEALTHY[name], *ABNORMAL[name]):
            result = normal(name, on.isoformat(), value) | {"id": "answer"}
            after = ask(bundle([*resources, *identified([result])]), asked, on)
            assert low <= rank(after) <= high, (gap.what, gap.if_not, gap.if_so, value, after.verdict)


def test_every_result_has_an_abnormal_one() -> None:
    assert set(ABNORMAL) == set(HEALTHY)
    found: dict[str, set[str]] = defaultdict(set)
    for asked in knowledge.questions("naltrexone"):
        empty = ask(
            bundle([{"resourceType": "Patient", "id": "p1", "gender": "female"}]), asked, dates.DAYS[0]
        )
        for gap in empty.missing:
            found[concept_of(gap.what)].add(gap.what)
    assert len(found) > 8, dict(found)
