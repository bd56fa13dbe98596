"""What a record is once it is read: entries that belong to concepts, and an account of all the rest."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from msgspec import Struct

from .dates import ANYTIME, Span


class Value(Struct, frozen=True, gc=False):
    """The result of an observation.

    A number is an interval, because ``<5`` is one; `meaning` is for coded and textual results. A value
    that cannot be used has a `problem` and nothing else.
    """

    low: float | None = None
    high: float | None = None
    low_open: bool = False
    high_open: bool = False
    unit: str = ""
    meaning: str = ""
    """``positive`` or ``negative``, or empty."""
    text: str = ""
    range_high: float | None = None
    range_unit: str = ""
    problem: str = ""

    @property
    def numeric(self) -> bool:
        """Is it a number (an interval of numbers)?"""
        return self.low is not None


class Dose(Struct, frozen=True, gc=False):
    """What an order says to take, in milligrams, and the words it was read from."""

    mg_per_day: float | None
    """On average."""
    text: str
    problem: str = ""
    mg_on_a_day: float | None = None
    """On a day on which it is taken: more than the average for a weekly dose."""


class Course(Struct, frozen=True, gc=False):
    """When a medicine was taken, as far as the record tells (ordinal days).

    From `start` to `sure` the record says so; after that up to `possible` it may have been.
    """

    start: Span
    sure: int
    possible: int
    never: str = ""
    """Why it was never taken: draft, cancelled, not-taken, ..."""
    listed: bool = False
    """On the list without being taken now: on hold, or intended."""
    note: str = ""
    least: int | None = None
    """`sure` with partial dates read at their earliest instead of their latest; None: the same."""


class Entry(Struct, eq=False, gc=False):
    """One thing recorded, of any kind, with what a criterion may ask of it. Compared by identity."""

    kind: str
    """condition, medication, observation, allergy, procedure or patient."""
    ref: str
    """``Type/id``, or where it stands in the input if it has no id."""
    resource: str
    title: str
    code: str
    span: Span = ANYTIME
    """When: onset, effective time, start."""
    until: Span | None = None
    """When it ended, if it did."""
    instant: float = float("-inf")
    """Seconds in UTC, to tell which of two results is the later one."""
    timed: bool = False
    """Is the time of day known, or only the day?"""
    state: str = "yes"
    """``yes`` (present, final), ``past``, ``unsure`` (unconfirmed, provisional) or ``unsure past``."""
    planned: bool = False
    value: Value | None = None
    course: Course | None = None
    ordered: Callable[[], Dose] | None = None
    """The daily dose of an order, worked out when a criterion asks for it."""
    ingredients: frozenset[str] = frozenset()
    forms: tuple[str, ...] = ()
    reaction: str = ""
    """For allergies their type: ``allergy``, ``intolerance``, or empty if not recorded."""


class Hit(Struct, frozen=True, gc=False):
    """An entry that belongs to a concept, and how it was recognised."""

    entry: Entry
    how: str
    """``code``, ``code prefix``, ``ingredient code``, ``name`` ..."""
    certain: bool


@dataclass(frozen=True, slots=True)
class SetAside:
    """An entry that was read and does not count, with the reason."""

    ref: str
    resource: str
    title: str
    reason: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Something in the input that could not be read, where it stands, and what that leaves unknown.

    `kinds` and `concepts` name what it could have been: criteria about these are unknown, not false.
    An empty `concepts` with a kind taints every concept of that kind.
    """

    ref: str
    place: str
    reason: str
    kinds: tuple[str, ...] = ()
    concepts: tuple[str, ...] = ()


@dataclass(slots=True)
class Record:
    """One patient's record, matched to the concepts of the knowledge."""

    patient: Entry
    born: Span | None = None
    sex: str = ""
    died: Span | None = None
    dead: bool = False
    hits: dict[str, list[Hit]] = field(default_factory=dict)
    present: set[str] = field(default_factory=set)
    """Which lists the record has at all: conditions, medications, allergies, procedures, observations."""
    others: set[str] = field(default_factory=set)
    """Names of current medicines that belong to no concept."""
    set_aside: list[SetAside] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    """Resources read, by what became of them: matched, unmatched, set aside, unreadable."""
    tainted_kinds: set[str] = field(default_factory=set)
    tainted: dict[str, list[Unreadable]] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Nothing in the record was unreadable in a way that leaves any concept open."""
        return not self.tainted_kinds and not self.tainted

    @property
    def closed(self) -> frozenset[str]:
        """Lists that are there, if the record is readable: what they do not hold is surely absent."""
        return frozenset(self.present) if self.readable else frozenset()
