"""Three-valued answers, with the hits that decided them and what is missing where they are unknown."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from msgspec import Struct

from posology.monograph.criterion import LISTS
from posology.record.match import Index
from posology.record.model import Hit, Record, Unreadable


class Missing(Struct, frozen=True, gc=False):
    """Something that the record does not say, or not usably: what to find out, and why it is open."""

    what: str
    why: str
    hits: tuple[Hit, ...] = ()
    concept: str = ""
    """The concept that an entry which answers it would belong to; empty where only these statements ask for it."""


class Answer(Struct, frozen=True, gc=False):
    """True, False or None (unknown), with its reasons."""

    value: bool | None
    hits: tuple[Hit, ...] = ()
    missing: tuple[Missing, ...] = ()
    note: str = ""


NO = Answer(False)
YES = Answer(True)


_LISTS = frozenset(LISTS)


@dataclass(slots=True)
class Case:
    """One record and one question, while it is being answered.

    `lists` are those of `criterion.LISTS` that the record has, `readable` is `Record.readable`.
    `memo` holds answers of shared leaves; `sorted_results`, `readings`, `windows` and `stale` hold what all criteria
    about one observation concept share.
    """

    record: Record
    on: int
    index: Index
    use: tuple[str, ...]
    closed: frozenset[str] = frozenset()
    """Lists for which a closed question about what they do not hold is a no (`Record.closed`)."""
    memo: dict[int, Answer] = field(default_factory=dict)
    sorted_results: dict[str, list[Hit]] = field(default_factory=dict)
    readings: dict[tuple[int, str], Any] = field(default_factory=dict)
    windows: dict[tuple[str, int | None, bool], list[Any]] = field(default_factory=dict)
    stale: dict[tuple[str, int | None], Answer] = field(default_factory=dict)
    lists: frozenset[str] = frozenset()
    readable: bool = False

    def __post_init__(self) -> None:
        """Look once at what every leaf asks for."""
        self.lists, self.readable = _LISTS.intersection(self.record.present), self.record.readable


Leaf = Callable[[Case], Answer]


def unknown(what: str, why: str, hits: Sequence[Hit] = ()) -> Answer:
    """An unknown answer that says what to find out."""
    return Answer(None, (), (Missing(what, why, tuple(hits)),))


def any_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's or: yes if one is yes; no if all are no; else unknown."""
    yes: list[Answer] = []
    open_: list[Answer] = []
    for answer in answers:
        if answer.value:
            yes.append(answer)
        elif answer.value is None:
            open_.append(answer)
    if yes:
        return _joined(True, yes)
    return _joined(None, open_) if open_ else NO


def all_of(answers: Iterable[Answer]) -> Answer:
    """Kleene's and: no if one is no (those after it are not asked for); yes if all are yes; else unknown."""
    yes: list[Answer] = []
    open_: list[Answer] = []
    for answer in answers:
        if answer.value:
            yes.append(answer)
        elif answer.value is None:
            open_.append(answer)
        else:
            return NO
    return _joined(None, open_) if open_ else _joined(True, yes)


def at_least(count: int, answers: Sequence[Answer]) -> Answer:
    """Yes if `count` are yes; no if too few can still be; else unknown."""
    yes = [answer for answer in answers if answer.value]
    if len(yes) >= count:
        return _joined(True, yes)
    open_ = [answer for answer in answers if answer.value is None]
    return _joined(None, open_) if len(yes) + len(open_) >= count else NO


def negation(answer: Answer) -> Answer:
    """Kleene's not. The hits of a denied question are no longer reasons."""
    if answer.value is None:
        return answer
    return NO if answer.value else YES


def _joined(value: bool | None, answers: Sequence[Answer]) -> Answer:
    if len(answers) == 1:
        return answers[0]
    hits = tuple(dict.fromkeys([hit for answer in answers for hit in answer.hits]))
    missing = tuple(dict.fromkeys([gap for answer in answers for gap in answer.missing]))
    note = "; ".join(dict.fromkeys([answer.note for answer in answers if answer.note]))
    return Answer(value, hits, missing, note)


def settle(yes: list[Hit], maybe: list[Hit], absent: Answer, what: str, why: str) -> Answer:
    """The answer from certain hits, else from uncertain ones, else from their absence."""
    if yes:
        return Answer(True, tuple(yes))
    if maybe:
        return unknown(what, why, maybe)
    return absent


def taint(case: Case, concept: str, kind: str, what: str) -> Answer | None:
    """Unknown, if something unreadable in the record could have belonged to this concept."""
    record = case.record
    if concept in record.tainted:
        return _unread(record.tainted[concept][0], what)
    if kind in record.tainted_kinds:
        bad = next(bad for bad in record.unreadable if kind in bad.kinds and not bad.concepts)
        return _unread(bad, what if kind == "patient" else f"what {bad.ref} says")
    return None


def _unread(bad: Unreadable, what: str) -> Answer:
    return unknown(what, f"{bad.ref} cannot be read: {bad.place} {bad.reason}")
