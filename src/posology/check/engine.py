"""Put a question to a record: stage, findings, verdict, and everything that explains them."""

from __future__ import annotations

from datetime import date
from operator import attrgetter

from posology.monograph.load import Library
from posology.monograph.model import Use
from posology.record.match import Index
from posology.record.model import Record

from . import explain
from .answer import Answer, Case
from .judge import Judgement, Refs, earliest, notices, set_aside, tell, unreadable, worst
from .plan import Planner
from .question import Question
from .result import Result
from .verdict import Tally

_place = attrgetter("place")


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

    def judge(self, record: Record, drug: str, use: Use, on: date, region: str, product: str) -> Judgement:
        """What the record says to each statement in scope, and the verdict that follows."""
        planner = self.planner(drug)
        day = on.toordinal()
        case = Case(record, day, self.index, planner.uses.lineage(use), record.closed)
        takes = planner.takes(use)(case)
        stage = "taking" if takes.value else "starting"
        plan = planner.plan(use, region, product, stage)
        refs, rules, asked = Refs(day), plan.rules, plan.asked(record)
        told = (
            []
            if not record.readable
            else [each for each in plan.quiet(record.present) if each.place not in asked]
        )
        for place in asked:
            rule = rules[place]
            answer = rule.ask(case)
            if answer.value is not False:
                told.append(tell(place, rule.statement, rule.rank, answer, refs, day))
        told.sort(key=_place)
        indication = plan.indication(case) if plan.indication else Answer(True)
        supports = indication.hits or [hit for gap in indication.missing for hit in gap.hits]
        return Judgement(
            record.patient.ref,
            stage,
            worst(told),
            tuple(told),
            indication.value,
            refs.listed(supports),
            notices(record, planner.monograph.identity.name, takes, indication, use, region),
            tuple(sorted(record.others)),
            set_aside(record),
            unreadable(record),
            dict(record.counts),
        )

    def explain(self, judged: Judgement, drug: str, use: Use, on: date, region: str, product: str) -> Result:
        """A judgement told in full, with the words and sources of the knowledge."""
        planner = self.planner(drug)
        question = Question(drug, use.id, on, region, product, judged.stage)
        plan = planner.plan(use, region, product, judged.stage)
        words = explain.Words(self.library, self.sources, plan, question, judged)
        tally = Tally([each.adds for each in judged.told])
        live = [words.finding(each, tally) for each in judged.told]
        findings = list(plan.denied)
        for each, finding in zip(judged.told, live, strict=True):
            findings[each.place] = finding
        sorted_out = explain.sort_out(live, plan.asks)
        missing = words.gaps(tally)
        first, note = earliest(judged.told, plan.names, on.toordinal())
        concerned = {
            each.statement for each in live if not (each.status == "met" and each.statement in plan.asks)
        }
        return Result(
            verdict=judged.verdict,
            stage=judged.stage,
            question=question,
            patient=judged.patient,
            use=words.use(use),
            earliest=first,
            earliest_note=note,
            reasons=sorted_out.reasons,
            missing=missing,
            precautions=sorted_out.precautions,
            monitoring=sorted_out.monitoring,
            next=explain.next_steps(sorted_out, missing),
            notices=judged.notices,
            disputes=explain.concerned(planner.disputes, concerned),
            other_medicines=judged.others,
            set_aside=judged.set_aside,
            unreadable=judged.unreadable,
            findings=tuple(findings),
            counts=judged.counts,
            versions=words.versions(),
        )

    def answer(self, record: Record, drug: str, use: Use, on: date, region: str, product: str) -> Result:
        """The result of one question about one record."""
        return self.explain(
            self.judge(record, drug, use, on, region, product), drug, use, on, region, product
        )
