"""The report of a population run: one self-contained HTML page that can be handed on.

Nothing of any one person is on it. Small counts are suppressed and others rounded (`screen.disclosure`),
unless exact ones are asked for.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from posology.check.result import Finding
from posology.check.verdict import NAMES, RANKS
from posology.errors import UsageError
from posology.monograph.load import Library
from posology.screen.disclosure import COARSE, HIDDEN, SMALL, Count, Key, alone, least, pooled
from posology.screen.figures import BANDS, SEXES, STAGES, Figures, compute, shown
from posology.version import VERSION

from . import words
from .attrition import NARROW, WIDE, Out, Step, draw
from .escape import plain
from .html import documents, page

THRESHOLD = 11
REASONS = 4
"""Reasons of a step that are named."""
NAME_LIMIT = 80
_CATEGORIES = {
    "malformed": "not readable at all",
    "wrong shape": "JSON, but no resource that could be given to anybody",
    "no patient": "does not say whose it is",
    "damaged": "the file ends too early or is damaged",
    "unreadable": "of a person, and one element cannot be used",
}
PARTS = {
    "of_patients": "given to a patient",
    "medications": "Medication resources, which orders refer to",
    "bundles": "Bundles, whose entries are counted too",
    "not_of_a_patient": "not about a patient, and not needed",
    "nobody": "about a patient, without saying which",
    "wrong_shape": "of a shape that cannot be used",
    "malformed": "malformed",
}


class Line(NamedTuple):
    """A statement's line in a table: the people it applies to, those for whom it is open, those it alone decides."""

    finding: Finding
    verdict: str | None
    asks: bool
    known: bool
    met: Count
    open: Count
    alone: Count

    @property
    def title(self) -> str:
        """Its title, or its id in words."""
        return words.heading(self.finding)


class Numbers:
    """Counts as texts. `n` gives a count, `share` its part of another one."""

    def __init__(self, counts: dict[Key, Count], threshold: int, suppress: bool) -> None:
        self._counts, self._threshold, self._suppress = counts, threshold, suppress

    def get(self, *key: str) -> Count:
        """A count of people; what was not counted is nobody."""
        return self._counts.get(key, Count("zero", 0))

    def single(self, count: int) -> Count:
        """A count that is part of no sum."""
        return alone(count, self._threshold) if self._suppress else Count("exact", count)

    def text(self, count: Count) -> str:
        """A count as it is read."""
        if count.kind == SMALL:
            return f"<{self._threshold}"
        if count.value is None:
            return "hidden"
        return f"≈{count.value:,}" if count.kind == COARSE else f"{count.value:,}"

    def n(self, *key: str) -> str:
        """A count of people as it is read."""
        return self.text(self.get(*key))

    def resources(self, name: str, count: int) -> str:
        """A count of resources of patients; small ones that could be of few people are not told."""
        few = name in ("no_patient", "refused", "unreadable") and 0 < count < self._threshold
        return f"<{self._threshold}" if few and self._suppress else f"{count:,}"

    def near(self, count: int) -> str:
        """A count of resources of a type, of which there may be one a person: rounded."""
        return f"{(count + 2) // 5 * 5 if self._suppress else count:,}"

    def share(self, part: Count, whole: Count) -> str:
        """The percentage, of the numbers as they are shown; empty if either is not shown."""
        if part.value is None or not whole.value:
            return ""
        percent = min(100, (200 * part.value + whole.value) // (2 * whole.value))
        if part.value and not percent:
            return "<1 %"
        return ">99 %" if percent == 100 and part.value < whole.value else f"{percent} %"

    def width(self, part: Count, whole: Count) -> int:
        """The length of a bar, in percent."""
        return min(100, round(100 * part.value / whole.value)) if part.value and whole.value else 0


def render(results: Path, library: Library, suppress_below: int = THRESHOLD, suppress: bool = True) -> str:
    """The report of a folder of results as an HTML document.

    Titles and sources of statements are those of the `library`. Counts of people below `suppress_below` are
    not shown, nor any by which they could be worked out; `suppress=False` shows exact numbers.

    Raises `InputError` if the folder holds no results that this program can read, `UsageError` if their drug
    or use is not known to the library, or for a threshold below 1.
    """
    return page("screen_report.html", **filled(results, library, suppress_below, suppress))


def filled(
    results: Path, library: Library, suppress_below: int = THRESHOLD, suppress: bool = True
) -> dict[str, Any]:
    """What the report's template needs; parameters and errors as for `render`."""
    if suppress_below < 1:
        raise UsageError(f"the threshold for small counts is {suppress_below}; give 1 or more")
    figures = compute(results, library, suppress_below)
    numbers = Numbers(shown(figures, suppress_below, suppress), suppress_below, suppress)
    lines = {stage: _lines(figures, numbers, stage) for stage in STAGES}
    stages = [stage for stage in STAGES if stage == "starting" or figures.people["stage", stage]]
    title = "Who could start, step by step"
    steps = _steps(figures, numbers, suppress_below, suppress)
    cited = [source for stage in stages for line in lines[stage] for source in line.finding.sources]
    question = figures.run.question
    return dict(
        f=figures, run=figures.run, question=question, numbers=numbers, n=numbers.n, get=numbers.get,
        text=numbers.text, share=numbers.share, stages=stages, names=NAMES, ranks=RANKS,
        on=_day(question.on),
        threshold=suppress_below, suppress=suppress, smallest=least(suppress_below),
        steps=steps, diagrams=[draw(steps, form, title) for form in (WIDE, NARROW)],
        reasons={stage: _by_rank(_of(lines[stage], "reasons")) for stage in stages},
        idle={stage: _idle(_of(lines[stage], "reasons")) for stage in stages},
        precautions={stage: _by_people(_of(lines[stage], "precautions")) for stage in stages},
        work_up={stage: _by_people(_of(lines[stage], "work-up")) for stage in stages},
        monitoring={stage: _by_people(_of(lines[stage], "monitoring")) for stage in stages},
        stopping=[
            line for line in _by_rank(lines["taking"]) if line.verdict in ("stop", "hold") and _any(line.met)
        ],
        missing=_missing(figures, numbers), medicines=_medicines(figures, numbers),
        matches=_matches(figures, numbers), bands=BANDS, sexes=SEXES, parts_said=PARTS, categories=_CATEGORIES,
        resources=lambda name: numbers.resources(name, getattr(figures.run.patients, name)),
        version=VERSION, size=_bytes(sum(file.bytes for file in figures.run.source.files)),
        **documents([*cited, *figures.use_sources]),
    )  # fmt: skip


def _day(text: str) -> str:
    """A date as it is read: 30 June 2026."""
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return plain(text)
    return f"{day.day} {day:%B %Y}"


def _bytes(size: int) -> str:
    for unit, limit in (("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)):
        if size >= limit:
            return f"{size / limit:.1f} {unit}"
    return f"{size} bytes"


def _any(count: Count) -> bool:
    return count.value != 0


# --- statements -----------------------------------------------------------------------------------------


def _lines(figures: Figures, numbers: Numbers, stage: str) -> list[Line]:
    told: dict[tuple[str, str], int] = {}
    for key, count in figures.people.items():
        if key[0] in ("met", "unknown") and key[1] == stage:
            told[key[0], key[2]] = told.get((key[0], key[2]), 0) + count
    return [
        Line(
            row.finding,
            row.verdict,
            row.asks,
            row.known,
            # Data that a statement asks for and that are there are no reason for anything.
            numbers.single(0 if row.asks else told.get(("met", row.finding.statement), 0)),
            numbers.single(told.get(("unknown", row.finding.statement), 0)),
            numbers.get("alone", stage, row.finding.statement),
        )
        for row in figures.rows[stage]
    ]


def _of(lines: Iterable[Line], section: str) -> list[Line]:
    """The lines of a section, as an answer sorts its findings (`explain.sort_out`)."""
    return [line for line in lines if _section(line) == section]


def _section(line: Line) -> str:
    if words.rank(line.verdict) > RANKS["with-precautions"]:
        return "reasons"
    if line.finding.group == words.WORK_UP:
        return "work-up"
    if line.verdict is None and line.finding.kind in ("monitoring", "indication"):
        return str(line.finding.kind)
    return "precautions"


def _size(count: Count) -> int:
    """For sorting: by what is shown, so that the order tells no more than the numbers."""
    return count.value if count.value is not None else 0 if count.kind == HIDDEN else 1


def _by_rank(lines: Iterable[Line]) -> list[Line]:
    """The gravest first, then those of most people; without those that concern nobody."""
    found = [line for line in lines if _any(line.met) or _any(line.open)]
    return sorted(found, key=lambda line: (-words.rank(line.verdict), -_size(line.met), -_size(line.open)))


def _by_people(lines: Iterable[Line]) -> list[Line]:
    found = [line for line in lines if _any(line.met) or (line.verdict is not None and _any(line.open))]
    return sorted(found, key=lambda line: (-_size(line.met), -_size(line.open)))


def _idle(lines: Iterable[Line]) -> list[Line]:
    return [line for line in lines if not _any(line.met) and not _any(line.open)]


# --- what is missing, medicines, matches ------------------------------------------------------------------


class Gap(NamedTuple):
    """Something missing: how many people lack it, of how many nothing is recorded, whom only that keeps waiting."""

    what: str
    people: Count
    nothing: Count
    open: Count
    alone: Count


def _missing(figures: Figures, numbers: Numbers) -> list[Gap]:
    names = ("missing", "missing-quite", "missing-open", "missing-alone")
    found = [Gap(plain(what), *(numbers.get(name, what) for name in names)) for what in figures.missing]
    return sorted(found, key=lambda gap: (-_size(gap.people), gap.what))


def _medicines(figures: Figures, numbers: Numbers) -> list[tuple[str, Count]]:
    return [(plain(name, NAME_LIMIT), numbers.get("medicine", name)) for name in figures.medicines]


class Match(NamedTuple):
    """How entries were recognised: findings that are met and open, and their share of all."""

    how: str
    met: Count
    open: Count
    share: str


def _matches(figures: Figures, numbers: Numbers) -> list[Match]:
    every = sum(met + open_ for met, open_ in figures.matches.values())
    found = [
        Match(
            plain(how, NAME_LIMIT),
            numbers.single(met),
            numbers.single(open_),
            numbers.share(numbers.single(met + open_), numbers.single(every)),
        )
        for how, (met, open_) in figures.matches.items()
    ]
    return sorted(found, key=lambda match: (-_size(match.met) - _size(match.open), match.how))


# --- the steps ------------------------------------------------------------------------------------------


def _steps(figures: Figures, numbers: Numbers, threshold: int, suppress: bool) -> tuple[Step, ...]:
    n = numbers.n
    titles = {row.finding.statement: words.heading(row.finding) for row in figures.rows["starting"]}

    def why(out: str) -> tuple[tuple[str, str], ...]:
        if numbers.get("out", out).value is None:
            return ()
        found = pooled(figures.first.get(out, {}), threshold, suppress, REASONS)
        if found is None:
            return ()
        named = [(numbers.text(count), titles.get(each, each)) for each, count in found.named]
        if out == "cannot-tell":
            named = [(count, f"not known: {title}") for count, title in named]
        if found.others:
            which = "another reason" if found.named else "a reason"
            named.append((numbers.text(found.rest), f"{which}, one of {found.others}"))
        return tuple(named)

    name = figures.run.question.drug
    return (
        Step(
            n("people"),
            "people in the data",
            Out(
                n("unjudged"),
                "whose record cannot be judged",
                ((n("no-patient"), "no Patient in the data"), (n("refused"), "record refused")),
                0,
            ),
        ),
        Step(n("answered"), "people with an answer", Out(n("dead"), "recorded as dead", (), 0)),
        Step(n("living"), "people living", Out(n("stage", "taking"), f"take {name} already", (), 0)),
        Step(
            n("stage", "starting"),
            "people who could be asked about starting",
            Out(
                n("out", "no-indication"),
                "without a reason for this use in the record",
                (
                    (n("indication", "not-met"), "none recorded"),
                    (n("indication", "unknown"), "not known whether there is one"),
                ),
                2,
            ),
        ),
        Step(
            n("left", "indicated"),
            "with a reason for this use",
            Out(n("out", "avoid"), "have a reason to avoid it", why("avoid"), 4),
        ),
        Step(
            n("left", "not-avoided"),
            "with no known reason to avoid it",
            Out(n("out", "not-now"), "have a reason to wait", why("not-now"), 3),
        ),
        Step(
            n("left", "not-waiting"),
            "with no known reason to wait",
            Out(
                n("out", "cannot-tell"), "lack something that could change the answer", why("cannot-tell"), 2
            ),
        ),
        Step(
            n("left", "could-start"),
            "could start, as far as the record says",
            None,
            (
                (n("left", "with-precautions"), "with precautions"),
                (n("left", "suitable"), "with nothing recorded against it"),
            ),
        ),
    )
