"""Put a question to a record: stage, findings, verdict, and everything that explains them."""

from __future__ import annotations

from datetime import date

from msgspec import Struct

from posology.monograph.load import Library
from posology.monograph.model import Statement, Use
from posology.record.match import Index
from posology.record.model import Record

from . import explain
from .answer import Answer, Case
from .plan import Planner
from .question import Question
from .result import Finding, Result
from .verdict import NAMES, Tally, contribution


class Judged(Struct, frozen=True, gc=False):
    """A statement that is met or open: the answer to its criterion, the rank it can impose and the one it does."""

    statement: Statement
    answer: Answer
    rank: int
    adds: int
    denied: Finding


class Engine:
    """Answers questions from one library. Keep it: matching tables and compiled statements are reused."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.index = Index(library.vocabulary)
        self.sources = explain.Sources(library)
        self._planners: dict[str, Planner] = {}

    def planner(self, drug: str) -> Planner:
        """The compiled statements of a drug; raises `UsageError` if there is no such monograph."""
        if drug not in self._planners:
            self._planners[drug] = Planner(self.library, self.index, self.sources, drug)
        return self._planners[drug]

    def answer(self, record: Record, drug: str, use: Use, on: date, region: str, product: str) -> Result:
        """The result of one question about one record."""
        planner = self.planner(drug)
        case = Case(record, on.toordinal(), self.index, planner.uses.lineage(use), record.closed)
        takes = planner.takes(use)(case)
        stage = "taking" if takes.value else "starting"
        question = Question(drug, use.id, on, region, product, stage)
        plan = planner.plan(use, region, product, stage)
        judged: list[Judged] = []
        places: list[int] = []
        for place in plan.asked(record):
            rule = plan.rules[place]
            answer = rule.ask(case)
            if answer.value is not False:
                adds = contribution(rule.statement, answer.value, rule.rank)
                judged.append(Judged(rule.statement, answer, rule.rank, adds, rule.denied))
                places.append(place)
        indication = plan.indication(case) if plan.indication else Answer(True)
        words = explain.Words(self.library, self.sources, case, question)
        tally = Tally([each.adds for each in judged])
        live = [words.finding(each, tally) for each in judged]
        findings = list(plan.denied)
        for place, finding in zip(places, live, strict=True):
            findings[place] = finding
        sorted_out = explain.sort_out(live, judged)
        missing = words.gaps(judged, tally, plan.reach)
        earliest, note = explain.earliest(judged, case.on, missing)
        return Result(
            verdict=NAMES[stage][tally.worst()],
            stage=stage,
            question=question,
            patient=record.patient.ref,
            use=words.use(use, indication),
            earliest=earliest,
            earliest_note=note,
            reasons=sorted_out.reasons,
            missing=missing,
            precautions=sorted_out.precautions,
            monitoring=sorted_out.monitoring,
            next=explain.next_steps(sorted_out, missing),
            notices=words.notices(takes, indication, use),
            disputes=explain.concerned(planner.disputes, judged),
            other_medicines=tuple(sorted(record.others)),
            set_aside=words.set_aside(),
            unreadable=words.unreadable(),
            findings=tuple(findings),
            counts=dict(record.counts),
            versions=words.versions(),
        )
