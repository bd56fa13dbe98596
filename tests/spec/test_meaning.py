"""Every example of the chapter on meaning, as a test."""

from __future__ import annotations

import pytest

from posology.monograph.criterion import KINDS, parse

from . import generate
from .model import MET, NOT_MET, UNKNOWN, Example, Rule
from .runner import IRRELEVANT, Outcome, plain, resources, run
from .topics import TOPICS, examples

EXAMPLES = examples()
ids = [name for name, _, _ in EXAMPLES]
every = pytest.mark.parametrize(
    ("rule", "example"), [(rule, example) for _, rule, example in EXAMPLES], ids=ids
)


@every
def test_example(rule: Rule, example: Example) -> None:
    found = run(rule, example)
    assert found.answer == example.answer, found
    for word, told in (("asks", found.asks), ("why", found.why), ("aside", found.aside)):
        wanted = getattr(example, word)
        assert not wanted or any(wanted in one for one in told), (word, wanted, found)
    assert example.note in found.note, found
    if example.names is not None:
        assert found.names == set(example.names), found
    for word in ("stage", "earliest"):
        wanted = getattr(example, word)
        assert not wanted or (found.earliest or "none" if word == "earliest" else found.stage) == wanted, (
            found
        )
    assert set(example.either) <= found.either, found
    if found.answer == UNKNOWN:
        assert found.asks, "an unknown answer says what to find out"


def core(found: Outcome) -> tuple[object, ...]:
    return found.answer, found.names, sorted(set(found.asks)), found.stage, found.earliest, found.either


@every
def test_order_duplicates_and_irrelevant_entries_change_nothing(rule: Rule, example: Example) -> None:
    found = resources(rule, example)
    first = core(run(rule, example, found))
    assert core(run(rule, example, found[::-1])) == first, "reversed"
    assert core(run(rule, example, found + found[1:])) == first, "every entry twice"
    assert core(run(rule, example, [*IRRELEVANT, *found])) == first, "irrelevant entries added"


def test_names_of_examples_are_unique() -> None:
    assert sorted(set(ids)) == sorted(ids)


def test_every_kind_of_criterion_has_examples_of_each_answer() -> None:
    shown: dict[str, set[str]] = {kind: set() for kind in KINDS}
    for _, rule, example in EXAMPLES:
        when = example.when or rule.when
        if when:
            for part in parse(plain(when)).walk():
                shown[part.kind].add(example.answer)
    never = {"use": {UNKNOWN}, "recorded": {NOT_MET}}
    lacking = {
        kind: {MET, NOT_MET, UNKNOWN} - answers - never.get(kind, set()) for kind, answers in shown.items()
    }
    assert not {kind: answers for kind, answers in lacking.items() if answers}


def test_every_rule_says_why_and_has_examples() -> None:
    for topic in TOPICS:
        for rule in topic.rules:
            assert rule.says
            assert rule.why
            assert rule.examples
            assert len({(e.says) for e in rule.examples}) == len(rule.examples), rule.title


def test_the_manual_chapter_is_fresh() -> None:
    assert generate.CHAPTER.read_text(encoding="utf-8") == generate.chapter(), (
        "docs/manual/meaning.md is stale; run: make docs"
    )
