"""The figures of a run, as the report shows them: exact counts from the tables, and which add up to which.

Nothing of a record is in them but names of medicines that many people take. What may be shown of small
counts is decided afterwards (`disclosure`). People who have died are counted once and left out of all else.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any

import duckdb
from msgspec import Struct

from posology.check.engine import Engine
from posology.check.result import CitedSource, Finding
from posology.check.verdict import CANNOT_TELL, CAREFUL, FINE, LATER, NAMES, NEVER, RANKS
from posology.monograph.load import Library

from .disclosure import Count, Key, Sum, exact, protect
from .folder import Results, Run
from .quality import Quality, quality
from .results import knowledge_of

BANDS = (*(f"{low}–{low + 9}" for low in range(0, 90, 10)), "90 and over", "not known")
SEXES = ("female", "male", "other", "not known")
STAGES = ("starting", "taking")
STEPS = (
    ("no-indication", "indicated"),
    ("avoid", "not-avoided"),
    ("not-now", "not-waiting"),
    ("cannot-tell", "could-start"),
)
"""How people who could start are told apart: who goes out at each step, and who is left."""
NAMED = 25
"""Unknown medicines that are named."""
INDICATIONS = ("met", "not-met", "unknown")
PEOPLE = ("people",)


class Row(Struct, frozen=True):
    """A statement in scope at a stage. `verdict` is what it imposes; None: nothing.

    One that `asks` for data imposes it where they are not there, and nothing where they are.
    """

    finding: Finding
    verdict: str | None
    asks: bool
    known: bool = True
    """False: the present knowledge holds no such statement any more."""


class Figures(Struct, frozen=True):
    """Everything that is counted. `people` are counts of people, `sums` those that add up.

    `first` counts, for each step at which people go out, the statement that comes first in the monograph.
    `matches` counts findings by how the newest entry that decided them was recognised, met and open.
    """

    run: Run
    use: str
    use_says: str
    use_sources: tuple[CitedSource, ...]
    people: dict[Key, int]
    sums: tuple[Sum, ...]
    rows: dict[str, tuple[Row, ...]]
    first: dict[str, dict[str, int]]
    missing: tuple[str, ...]
    medicines: tuple[str, ...]
    matches: dict[str, tuple[int, int]]
    quality: Quality
    changed: tuple[str, ...]
    """Parts of the knowledge that are not those of the run."""


def compute(results: Path, library: Library, least: int = 11) -> Figures:
    """The figures of a folder of results; names of medicines are those that at least `least` people take.

    Raises `InputError` for a folder that holds no results, `UsageError` when their drug or use is not known.
    """
    found = Results(results)
    run = found.run
    planner = Engine(library).planner(run.question.drug)
    use = planner.uses.named(run.question.use)
    rows = {
        stage: tuple(
            Row(
                rule.denied,
                _imposes(stage, rule.rank, rule.statement.missing),
                rule.statement.missing is not None,
            )
            for rule in planner.plan(use, run.question.region, run.question.product, stage).rules
        )
        for stage in STAGES
    }
    with _Tables(found) as tables:
        people = tables.everyone(run)
        first = tables.first()
        told, matches = tables.findings()
        missing = tables.missing()
        people.update(told | tables.alone() | missing)
        people[("stopped",)] = sum(people["verdict", "taking", name] for name in ("stop", "hold"))
        medicines = tables.medicines(least)
        people.update(medicines)
        people.update(tables.unread())
        found_quality = quality(found, tables.set_aside(), least)
    now = knowledge_of(library, run.question.drug)
    return Figures(
        run=run,
        use=use.name,
        use_says=use.says,
        use_sources=planner.sources.cited(use.sources),
        people=people,
        sums=_sums(people),
        rows={stage: (*known, *_gone(stage, known, people)) for stage, known in rows.items()},
        first=first,
        missing=tuple(key[1] for key in missing if key[0] == "missing"),
        medicines=tuple(key[1] for key in medicines),
        matches=matches,
        quality=found_quality,
        changed=tuple(
            name
            for name in ("monograph", "vocabulary", "sources", "schema")
            if run.knowledge.get(name) != now[name]
        ),
    )


def _imposes(stage: str, rank: int, asks: str | None) -> str | None:
    if asks is not None:
        rank = CANNOT_TELL if asks == "block" else CAREFUL
    return NAMES[stage][rank] if rank > FINE else None


def shown(figures: Figures, threshold: int, suppress: bool) -> dict[Key, Count]:
    """Every count of people as it may be shown. Details of age and sex are hidden before anything else."""
    if not suppress:
        return exact(figures.people)
    heads = {key for key in figures.people if key[0] not in ("age", "sex", "rank")}
    return protect(figures.people, figures.sums, threshold, keep=heads)


def _gone(stage: str, known: tuple[Row, ...], people: dict[Key, int]) -> list[Row]:
    """Statements that the run knew and the present knowledge does not."""
    ids = {row.finding.statement for row in known}
    found: dict[str, Row] = {}
    for key in sorted(people):
        if key[0] in ("met", "unknown") and key[1] == stage and key[2] not in ids:
            kind, verdict = key[3:5]
            empty = Finding(
                statement=key[2], kind=kind, title="", status="not-met", verdict=None, would_be=None, basis="",
                says="", do="", note="", until=None, due="", group="", entries=(), missing=(), sources=(),
            )  # fmt: skip
            old = found.get(key[2])
            imposed = verdict if key[0] == "met" else (old.verdict if old else None)
            found[key[2]] = Row(empty, imposed or verdict or None, False, known=False)
    return list(found.values())


def _sums(people: dict[Key, int]) -> tuple[Sum, ...]:
    """Which counts add up to which, wherever both are shown."""
    ranks = [str(rank) for rank in range(5)]
    sums = [
        Sum(PEOPLE, (("unjudged",), ("answered",))),
        Sum(("unjudged",), (("no-patient",), ("refused",))),
        Sum(("answered",), (("dead",), ("living",))),
        Sum(("living",), tuple(("stage", stage) for stage in STAGES)),
        Sum(("living",), tuple(("rank", rank) for rank in ranks)),
        Sum(("stage", "starting"), tuple(("indication", name) for name in INDICATIONS)),
        Sum(("out", "no-indication"), (("indication", "not-met"), ("indication", "unknown"))),
        Sum(("left", "could-start"), (("left", "suitable"), ("left", "with-precautions"))),
        Sum(("stopped",), (("verdict", "taking", "stop"), ("verdict", "taking", "hold"))),
    ]
    sums += [
        Sum(("stage", stage), tuple(("verdict", stage, name) for name in NAMES[stage])) for stage in STAGES
    ]
    before: Key = ("stage", "starting")
    for out, left in STEPS:
        sums.append(Sum(before, (("out", out), ("left", left))))
        before = ("left", left)
    for name, groups in (("age", BANDS), ("sex", SEXES)):
        sums.append(Sum(("living",), tuple((name, group) for group in groups)))
        sums += [Sum((name, group), tuple((name, group, rank) for rank in ranks)) for group in groups]
        sums += [Sum(("rank", rank), tuple((name, group, rank) for group in groups)) for rank in ranks]
    sums += [
        Sum(("rank", rank), tuple(("verdict", stage, NAMES[stage][int(rank)]) for stage in STAGES))
        for rank in ranks
    ]
    sums += [
        Sum(key, (("missing-quite", key[1]), ("missing-open", key[1])))
        for key in people
        if key[0] == "missing"
    ]
    return tuple(sums)


class _Tables:
    """The tables, asked with SQL. No text of a record or path of a file becomes SQL."""

    def __init__(self, results: Results) -> None:
        self._results = results
        self._db = duckdb.connect(config={"enable_external_access": False})

    def __enter__(self) -> _Tables:
        for name in ("verdicts", "findings", "set_aside"):
            self._db.register(name, self._results.table(name))
        return self

    def __exit__(self, *_: object) -> None:
        self._db.close()

    def _rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        return self._db.execute(sql, list(values)).fetchall()

    def everyone(self, run: Run) -> dict[Key, int]:
        """Everybody by verdict, stage, indication, age and sex, and by the steps from all to who could start."""
        found: Counter[Key] = Counter()
        cube = self._rows(
            "select stage, verdict, indication, dead, sex, age // 10, count(*) from verdicts group by all"
        )
        for stage, verdict, indication, dead, sex, decade, count in cube:
            found["answered",] += count
            if dead:
                found["dead",] += count
                continue
            rank = RANKS[verdict]
            band = BANDS[-1] if decade is None else BANDS[min(max(decade, 0), 9)]
            sex = sex if sex in SEXES[:3] else SEXES[-1]
            keys: list[Key] = [
                ("living",), ("stage", stage), ("verdict", stage, verdict), ("rank", str(rank)),
                ("age", band), ("age", band, str(rank)), ("sex", sex), ("sex", sex, str(rank)),
            ]  # fmt: skip
            if stage == "starting":
                keys += [("indication", indication), *_way(rank, indication)]
            for key in keys:
                found[key] += count
        found["no-patient",] = run.patients.people_without_patient
        found["refused",] = run.patients.people_refused
        found["unjudged",] = found["no-patient",] + found["refused",]
        found[PEOPLE] = found["answered",] + found["unjudged",]
        every = {key: 0 for each in _sums({}) for key in (each.total, *each.parts)}
        return every | dict(found)

    def first(self) -> dict[str, dict[str, int]]:
        """For each step at which people go out: the first statement that applies, by how many people."""
        found: dict[str, dict[str, int]] = {}
        for verdict, statement, count in self._rows(
            "select verdict, because[1], count(*) from verdicts where stage = 'starting' and not dead "
            "and indication = 'met' and verdict in ('avoid', 'not-now', 'cannot-tell') "
            "group by all order by 1, 3 desc, 2"
        ):
            found.setdefault(verdict, {})[statement] = count
        return found

    def alone(self) -> dict[Key, int]:
        """People whose verdict one statement alone imposes."""
        return {
            ("alone", stage, statement): count
            for stage, statement, count in self._rows(
                "select stage, because[1], count(*) from verdicts where not dead and len(because) = 1 "
                "group by all order by 1, 2"
            )
        }

    def findings(self) -> tuple[dict[Key, int], dict[str, tuple[int, int]]]:
        """People by statement, met or unknown; and findings by how their newest entry was recognised."""
        told: Counter[Key] = Counter()
        matches: dict[str, list[int]] = {}
        for stage, statement, kind, status, verdict, how, count in self._rows(
            "select stage, statement, kind, status, f.verdict, how, count(*) "
            "from findings f join verdicts v using (patient) where not dead group by all"
        ):
            told[status, stage, statement, kind, verdict or ""] += count
            if how:
                matches.setdefault(how, [0, 0])[status != "met"] += count
        return dict(sorted(told.items())), {
            how: (met, open_) for how, (met, open_) in sorted(matches.items(), key=lambda one: one[0])
        }

    def missing(self) -> dict[Key, int]:
        """People by what is missing for something that could matter; and whom only that keeps at cannot-tell.

        `missing` adds up from `missing-quite` (nothing is recorded) and `missing-open` (something is, and
        leaves it open).
        """
        self._db.execute(
            "create temp table gaps as with each as ("
            "  select f.patient, v.verdict = 'cannot-tell' and f.verdict = 'cannot-tell' as blocks,"
            "    unnest(f.missing) as what, unnest(f.why) as why"
            "  from findings f join verdicts v using (patient)"
            "  where f.status = 'unknown' and f.verdict is not null and not v.dead) "
            # A text that names an entry is an identifier.
            "select patient, case when what like 'what %/% says' then 'what an entry says that cannot be read' "
            "  else what end as what, bool_or(blocks) as blocks, "
            "  bool_or(why <> 'not recorded' and why not like 'the record has no %') as open "
            "from each group by 1, 2"
        )
        found: dict[Key, int] = {}
        for what, people, open_ in self._rows(
            "select what, count(*), count(*) filter (open) from gaps group by 1 order by 2 desc, 1"
        ):
            found["missing", what] = people
            found["missing-open", what] = open_
            found["missing-quite", what] = people - open_
        for what, people in self._rows(
            "select any_value(what), count(*) from (select min(what) as what from gaps where blocks "
            "group by patient having count(*) = 1) group by what order by 1"
        ):
            found["missing-alone", what] = people
        return found

    def unread(self) -> dict[Key, int]:
        """People with medicines that no concept knows, and with something that cannot be read."""
        ((medicines, entries),) = self._rows(
            "select count(*) filter (len(other_medicines) > 0), count(*) filter (unreadable > 0) "
            "from verdicts where not dead"
        )
        return {("with-medicines",): medicines, ("with-unreadable",): entries}

    def medicines(self, least: int) -> dict[Key, int]:
        """The commonest current medicines that no concept knows, and that so many people take."""
        return {
            ("medicine", name): people
            for name, people in self._rows(
                "select name, count(*) from (select distinct patient, unnest(other_medicines) as name "
                "from verdicts where not dead) group by 1 having count(*) >= ? order by 2 desc, 1 limit ?",
                max(least, 1), NAMED,
            )
        }  # fmt: skip

    def set_aside(self) -> list[tuple[str, str, int, int]]:
        """Kind, reason, entries and people of what was set aside or is unreadable."""
        return [
            (kind, reason, entries, people)
            for kind, reason, entries, people in self._rows(
                # What stands in brackets is quoted from a record, or a place in it.
                r"select kind, regexp_replace(reason, '\s*\(.*$', '', 's'), count(*), count(distinct patient) "
                "from set_aside where kind in ('set-aside', 'unreadable') group by 1, 2 order by 1, 2"
            )
        ]


def _way(rank: int, indication: str) -> list[Key]:
    """How far somebody who could start comes, and where they go out."""
    if indication != "met":
        return [("out", "no-indication")]
    passed: list[Key] = [("left", "indicated")]
    for limit, (out, left) in zip((NEVER, LATER, CANNOT_TELL), STEPS[1:], strict=True):
        if rank == limit:
            return [*passed, ("out", out)]
        passed.append(("left", left))
    return [*passed, ("left", NAMES["starting"][rank])]
