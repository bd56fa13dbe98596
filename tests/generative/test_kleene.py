"""The combinators of `check.answer` against a truth table worked out by brute force."""

from __future__ import annotations

from itertools import product

import pytest

from posology.check.answer import Answer, all_of, any_of, at_least, negation, unknown

VALUES = (True, False, None)


def answer(value: bool | None, number: int = 0) -> Answer:
    """An answer that can be told from others."""
    return unknown(f"what {number}", "open") if value is None else Answer(value, (), (), f"note {number}")


def possible(value: bool | None) -> tuple[bool, ...]:
    """What an answer may turn out to be: unknown is yes or no."""
    return (True, False) if value is None else (value,)


def brute(values: tuple[bool | None, ...], rule) -> bool | None:  # type: ignore[no-untyped-def]
    """True if the rule holds however the unknowns turn out, False if it never does, else None."""
    outcomes = {rule(world) for world in product(*map(possible, values))}
    return outcomes.pop() if len(outcomes) == 1 else None


ROWS = [row for length in range(1, 5) for row in product(VALUES, repeat=length)]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_combinators_match_every_way_the_unknowns_could_turn_out(row: tuple[bool | None, ...]) -> None:
    answers = [answer(value, number) for number, value in enumerate(row)]
    assert any_of(answers).value is brute(row, any)
    assert all_of(answers).value is brute(row, all)
    for count in range(1, len(row) + 1):
        assert at_least(count, answers).value is brute(row, lambda world, count=count: sum(world) >= count)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_de_morgan(row: tuple[bool | None, ...]) -> None:
    answers = [answer(value, number) for number, value in enumerate(row)]
    denied = [negation(each) for each in answers]
    assert negation(any_of(answers)).value is all_of(denied).value
    assert negation(all_of(answers)).value is any_of(denied).value
    assert at_least(1, answers).value is any_of(answers).value
    assert at_least(len(row), answers).value is all_of(answers).value


@pytest.mark.parametrize("value", VALUES)
def test_not_twice_is_the_same(value: bool | None) -> None:
    assert negation(negation(answer(value))).value is value


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_an_unknown_answer_says_what_is_missing_and_no_other_does(row: tuple[bool | None, ...]) -> None:
    answers = [answer(value, number) for number, value in enumerate(row)]
    for joined in (any_of(answers), all_of(answers), *(at_least(n, answers) for n in range(1, len(row) + 1))):
        asked = {gap.what for gap in joined.missing}
        open_ = {f"what {number}" for number, value in enumerate(row) if value is None}
        assert asked == (open_ if joined.value is None else set())
