"""Reduce: one patient's resources to a record, a judgement and the rows of the tables, as `check` does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import pyarrow as pa
from msgspec import Struct

from posology.check.engine import Engine
from posology.check.judge import earliest
from posology.check.person import years
from posology.check.plan import Plan
from posology.check.question import Question
from posology.errors import RecordError
from posology.record.collect import Medications
from posology.record.fhir import assemble
from posology.record.fhir_types import Resource, decode_resource
from posology.record.model import Record
from posology.record.shape import Odd, Shaped, shape_one

from .lines import legible
from .quarantine import NOT_DECODED, RAW_TEXT, Quarantined, why_not
from .sieve import LISTS, ONE
from .spill import SAID
from .tables import Rows

Where = Callable[[int, str | None], tuple[str, int | None, str]]
"""From a row's number and place to file, line (from 1) and place in it."""


class Reckoning(Struct):
    """What became of the resources of patients; `read` adds up from the four after it."""

    patients: int = 0
    read: int = 0
    matched: int = 0
    unmatched: int = 0
    set_aside: int = 0
    unreadable: int = 0
    duplicates: int = 0
    """Resources that share type and id with another one of the same patient, among those that were read."""
    no_patient: int = 0
    """Resources of people of whom the input has no Patient."""
    people_without_patient: int = 0
    refused: int = 0
    """Resources of people whose record cannot be judged."""
    people_refused: int = 0


PEOPLE = 5000
"""Patients whose findings are held at a time."""


class Reduced(NamedTuple):
    """The tables of some patients, and what was found wrong on the way."""

    tables: dict[str, pa.Table]
    quarantine: list[Quarantined]


class Piece(NamedTuple):
    """One resource to be read, with where it stands."""

    where: Where
    number: int
    offset: int
    place: str | None
    url: str | None
    line: bytes

    def named(self) -> str:
        """Its place in messages."""
        file, line, place = self.where(self.number, self.place)
        if not place:
            return f"{file}:{line}"
        return f"{file}:{place}" if line is None else f"{file}:{line}:{place}"


class Reducer:
    """Answers one question for the patients of one partition after the other."""

    def __init__(self, engine: Engine, question: Question, medications: Medications) -> None:
        self._engine, self._question, self._medications = engine, question, medications
        planner = engine.planner(question.drug)
        self._use = planner.uses.named(question.use)
        self._day = question.on.toordinal()
        self._scopes = {stage: self._scope(stage) for stage in ("starting", "taking")}

    def _scope(self, stage: str) -> tuple[Plan, list[tuple[str, str]]]:
        asked = self._question
        plan = self._engine.planner(asked.drug).plan(self._use, asked.region, asked.product, stage)
        return plan, [(rule.statement.id, rule.statement.kind) for rule in plan.rules]

    def reduce(
        self, batches: Iterable[tuple[Where, pa.RecordBatch]], reckoning: Reckoning
    ) -> Iterator[Reduced]:
        """All patients of these rows in the order of their ids, some at a time; counts them in `reckoning`."""
        pieces: dict[str, list[Piece]] = {}
        aside: dict[str, int] = {}
        for where, batch in batches:
            for patient, piece, packed in _rows(where, batch):
                if piece is not None:
                    found = pieces.get(patient)
                    if found is None:
                        pieces[patient] = [piece]
                    else:
                        found.append(piece)
                else:
                    known = aside.get(patient, 0)
                    aside[patient] = known - (known & 7) + packed - (packed & 7) + ((known | packed) & 7)
        people = sorted(pieces.keys() | aside.keys())
        for some in range(0, max(1, len(people)), PEOPLE):
            rows, quarantine = Rows(), []
            for patient in people[some : some + PEOPLE]:
                # What is done is let go, so that a partition is never held twice.
                own, counted = pieces.pop(patient, []), aside.get(patient, 0)
                quarantine += self._person(patient, own, counted, rows, reckoning)
            yield Reduced(rows.tables(), quarantine)

    def _person(
        self, patient: str, pieces: list[Piece], aside: int, rows: Rows, reckoning: Reckoning
    ) -> list[Quarantined]:
        try:
            shaped, odd = _shaped(pieces)
        except RecordError as wrong:
            self._refuse(patient, str(wrong), len(pieces) + aside // ONE, rows, reckoning)
            return []
        quarantine = [_quarantined(piece, patient, why, path) for piece, why, path in odd]
        extra = aside // ONE
        reckoning.duplicates += _duplicates(shaped.resources)
        if not any(each[2].resourceType == "Patient" for each in shaped.resources) and not _is_odd_patient(
            shaped
        ):
            reckoning.people_without_patient += 1
            reckoning.no_patient += len(pieces) + extra
            count = len(pieces) + extra
            rows.set_aside(
                patient,
                "no-patient",
                f"Patient/{patient}",
                f"no Patient in the input; {count} resources are about them",
            )
            return quarantine
        asked = self._question
        try:
            record = assemble(shaped, f"Patient/{patient}", self._day, self._engine.index, self._medications)
        except RecordError as wrong:
            self._refuse(patient, str(wrong), len(pieces) + extra, rows, reckoning)
            return quarantine
        counts = record.counts
        counts["read"] += extra
        counts["unmatched"] += extra
        record.present.update(name for name, bit in LISTS.items() if aside & bit)
        judged = self._engine.judge(record, asked.drug, self._use, asked.on, asked.region, asked.product)
        plan, rules = self._scopes[judged.stage]
        first = earliest(judged.told, plan.names, self._day)
        rows.add(patient, record, judged, rules, plan.is_constant, first, self._age(record))
        reckoning.patients += 1
        for name in ("read", "matched", "unmatched", "set_aside", "unreadable"):
            setattr(reckoning, name, getattr(reckoning, name) + counts[name])
        if record.unreadable:
            quarantine += self._unreadable(record, pieces, patient, {piece for piece, _, _ in odd})
        return quarantine

    def _refuse(self, patient: str, why: str, resources: int, rows: Rows, reckoning: Reckoning) -> None:
        """Somebody whose record cannot be judged."""
        reckoning.people_refused += 1
        reckoning.refused += resources
        rows.set_aside(patient, "refused", f"Patient/{patient}", why)

    def _age(self, record: Record) -> int | None:
        if record.born is None:
            return None
        youngest, oldest = years(record.born, self._day)
        return youngest if youngest == oldest else None

    def _unreadable(
        self, record: Record, pieces: list[Piece], patient: str, known: set[Piece]
    ) -> Iterator[Quarantined]:
        """Entries of which one element cannot be read, with their text."""
        places = {piece.named(): piece for piece in pieces}
        for bad in record.unreadable:
            ends = [
                at for at in (bad.place.rfind(".", 0, end) for end in range(len(bad.place), 0, -1)) if at > 0
            ]
            for end in dict.fromkeys([len(bad.place), *ends]):
                piece = places.get(bad.place[:end])
                if piece is not None:
                    if piece not in known and piece.offset != SAID:
                        yield _quarantined(piece, patient, bad.reason, bad.place[end + 1 :])
                    break


def _rows(where: Where, batch: pa.RecordBatch) -> Iterator[tuple[str, Piece | None, int]]:
    columns: list[list[Any]] = [
        column.to_pylist() if column.null_count < len(column) else [None] * len(column)
        for column in batch.columns
    ]
    patients, numbers, offsets, places, urls, lines, packed = columns
    for number, line in enumerate(lines):
        if line is None:
            yield patients[number], None, packed[number]
        else:
            piece = Piece(where, numbers[number], offsets[number], places[number], urls[number], line)
            yield patients[number], piece, 0


def _shaped(pieces: list[Piece]) -> tuple[Shaped, list[tuple[Piece, str, str]]]:
    """The resources decoded, and those pieces that are JSON and could not be, with reason and path."""
    resources: list[tuple[str, str | None, Resource]] = []
    odd: list[Odd] = []
    wrong: list[tuple[Piece, str, str]] = []
    for piece in pieces:
        if not legible(piece.line):
            odd.append(Odd(piece.named(), "is not UTF-8", None))
            continue
        try:
            resource = decode_resource(piece.line)
        except NOT_DECODED:
            resource = None
        if resource is not None and resource.resourceType != "Bundle":
            resources.append((piece.named(), piece.url, resource))
            continue
        place = piece.named()
        inner = shape_one(piece.line, place, piece.url)
        resources += inner.resources
        odd += inner.odd
        if piece.offset != SAID and any(each.loose is not None for each in inner.odd):
            wrong.append((piece, *why_not(piece.line)))
    return Shaped(resources, odd), wrong


def _is_odd_patient(shaped: Shaped) -> bool:
    return any((odd.loose or {}).get("resourceType") == "Patient" for odd in shaped.odd)


def _duplicates(resources: list[tuple[str, str | None, Resource]]) -> int:
    named = [(resource.resourceType, resource.id) for _, _, resource in resources if resource.id]
    return len(named) - len(set(named))


def _quarantined(piece: Piece, patient: str, reason: str, path: str) -> Quarantined:
    file, line, place = piece.where(piece.number, piece.place)
    text = piece.line.decode("utf-8", "backslashreplace")[:RAW_TEXT]
    offset = piece.offset if piece.offset >= 0 else None
    return Quarantined(file, line, offset, place, path, "unreadable", reason, patient, text)
