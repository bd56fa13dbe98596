"""The tables that a run writes: columns, types and meaning (docs/SCREEN.md is made from them).

One row a patient in `verdicts`, one row a finding that is met or unknown in `findings`, one row an entry that
was read and does not count in `set_aside`. A statement in scope without a row for a patient is not met.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any, NamedTuple

import msgspec
import pyarrow as pa
from msgspec.structs import astuple

from posology.check.judge import Judgement, Open, Told
from posology.check.result import EntryRef
from posology.check.verdict import FINE, NAMES
from posology.record.model import Record


class Column(NamedTuple):
    """A column: its type, whether it may be null, and what it says."""

    name: str
    type: pa.DataType
    says: str
    null: bool = False


_TEXT, _MANY, _DAY, _NUMBER = pa.string(), pa.list_(pa.string()), pa.date32(), pa.int32()

VERDICTS = (
    Column("patient", _TEXT, "The patient's id in the input (OMOP: person_id)."),
    Column("verdict", _TEXT, "The verdict, as `check` names it at this stage."),
    Column("stage", _TEXT, "`starting` or `taking`, read from the record."),
    Column(
        "because",
        _MANY,
        "Statements whose findings impose the verdict; empty when nothing speaks against it.",
    ),
    Column("earliest", _DAY, "The first day on which nothing known would stop it.", True),
    Column("earliest_note", _TEXT, "What that day depends on, or why there is none."),
    Column("indication", _TEXT, "`met`, `not-met` or `unknown`: does the record give a reason for the use?"),
    Column(
        "indication_detail", _TEXT, "JSON: the entries that give it, as in a result's `use.entries`.", True
    ),
    Column("sex", _TEXT, "As recorded; null if not.", True),
    Column(
        "age", _NUMBER, "Completed years on the day asked about; null if the birth date leaves it open.", True
    ),
    Column("dead", pa.bool_(), "The record says that this person has died."),
    Column("notices", _MANY, "What to know about the record before reading the verdict."),
    Column("other_medicines", _MANY, "Current medicines that no concept knows."),
    Column("read", _NUMBER, "Resources read of this patient: the sum of the next four."),
    Column("matched", _NUMBER, "Resources that belong to a concept of the knowledge."),
    Column("unmatched", _NUMBER, "Resources that belong to none."),
    Column("set_aside", _NUMBER, "Resources that were read and do not count."),
    Column("unreadable", _NUMBER, "Resources that could not be read and leave something open."),
)
FINDINGS = (
    Column("patient", _TEXT, "The patient's id."),
    Column("statement", _TEXT, "The statement of the monograph."),
    Column("kind", _TEXT, "The kind of statement: contraindication, warning, interaction, ..."),
    Column("status", _TEXT, "`met` or `unknown`."),
    Column("verdict", _TEXT, "What this finding imposes on the answer; null: nothing.", True),
    Column("until", _DAY, "The day on which it ends, if it ends with time.", True),
    Column("entry", _TEXT, "The newest entry that decided it; null if decided by what is not there.", True),
    Column("resource", _TEXT, "Its resource type.", True),
    Column("title", _TEXT, "What it is called.", True),
    Column("code", _TEXT, "Its code, with the code system.", True),
    Column("date", _TEXT, "The day or span recorded.", True),
    Column("value", _TEXT, "Its value.", True),
    Column("how", _TEXT, "How it was recognised: code, code prefix, ingredient, name.", True),
    Column("entries", _NUMBER, "How many entries decided it."),
    Column("missing", _MANY, "If unknown: what would have to be known.", True),
    Column("why", _MANY, "Why each of these is open.", True),
    Column("concept", _TEXT, "The concept an entry of which would tell the first, if there is one.", True),
    Column("note", _TEXT, "A remark on how it was decided.", True),
    Column(
        "detail", _TEXT, "JSON `[entries, missing]` in full, where there is more than one of either.", True
    ),
)
SET_ASIDE = (
    Column("patient", _TEXT, "The patient's id."),
    Column(
        "kind",
        _TEXT,
        "`set-aside` (read, does not count), `unreadable` (leaves something open), `no-patient` (the input has "
        "resources of this patient, and no Patient) or `refused` (the record cannot be judged).",
    ),
    Column("entry", _TEXT, "The entry."),
    Column("title", _TEXT, "What it is called."),
    Column("place", _TEXT, "Where it stands in the input.", True),
    Column("reason", _TEXT, "Why."),
)
TABLES = {"verdicts": VERDICTS, "findings": FINDINGS, "set_aside": SET_ASIDE}


def schema(columns: Sequence[Column]) -> pa.Schema:
    """The Arrow schema of a table."""
    return pa.schema([pa.field(column.name, column.type, column.null) for column in columns])


SCHEMAS = {name: schema(columns) for name, columns in TABLES.items()}
_encode = msgspec.json.Encoder().encode
decode_entries = msgspec.json.Decoder(tuple[EntryRef, ...]).decode
decode_detail = msgspec.json.Decoder(tuple[tuple[EntryRef, ...], tuple[Open, ...]]).decode
_DAY_ZERO = date(1970, 1, 1).toordinal()


class Rows:
    """Collects the rows of some patients. Findings that many share are written down once and repeated."""

    def __init__(self) -> None:
        self._verdicts: list[tuple[Any, ...]] = []
        self._findings: list[tuple[Any, ...]] = []
        self._set_aside: list[tuple[Any, ...]] = []
        self._whose: list[int] = []
        self._which: list[int] = []
        self._shared: dict[int, int] = {}

    def add(
        self,
        patient: str,
        record: Record,
        judged: Judgement,
        rules: Sequence[tuple[str, str]],
        constant: Callable[[Told], bool],
        first: tuple[str | None, str],
        age: int | None,
    ) -> None:
        """One patient. `rules`: id and kind of the statements in scope; `first`: the earliest day, with its note."""
        names = NAMES[judged.stage]
        number = len(self._verdicts)
        whose, which, findings, shared = self._whose, self._which, self._findings, self._shared
        for told in judged.told:
            place = shared.get(id(told))
            if place is None:
                place = len(findings)
                if constant(told):
                    shared[id(told)] = place
                findings.append(_finding(told, rules[told.place], names))
            whose.append(number)
            which.append(place)
        counts, rank = judged.counts, judged.rank
        recorded = judged.recorded
        self._verdicts.append(
            (
                patient,
                names[rank],
                judged.stage,
                [rules[told.place][0] for told in judged.told if told.adds == rank] if rank > FINE else [],
                date.fromisoformat(first[0]) if first[0] else None,
                first[1],
                "unknown" if recorded is None else "met" if recorded else "not-met",
                _encode(judged.use_entries).decode() if judged.use_entries else None,
                record.sex or None,
                age,
                record.dead,
                judged.notices,
                judged.others,
                counts["read"],
                counts["matched"],
                counts["unmatched"],
                counts["set_aside"],
                counts["unreadable"],
            )
        )
        for aside in judged.set_aside:
            self._set_aside.append((patient, "set-aside", aside.ref, aside.title, None, aside.reason))
        for aside in judged.unreadable:
            self._set_aside.append((patient, "unreadable", aside.ref, aside.title, aside.place, aside.reason))

    def set_aside(self, patient: str, kind: str, entry: str, reason: str) -> None:
        """A patient who is not judged at all, and why."""
        self._set_aside.append((patient, kind, entry, "", None, reason))

    def tables(self) -> dict[str, pa.Table]:
        """The three tables."""
        verdicts = _table(VERDICTS, self._verdicts)
        # Without the patient first: a finding that many share is one row of this.
        each = _table(FINDINGS[1:], self._findings)
        columns = each.take(pa.array(self._which, pa.int32())).columns
        patients = verdicts.column("patient").take(pa.array(self._whose, pa.int32()))
        findings = pa.table([patients, *columns], schema=SCHEMAS["findings"])
        return {"verdicts": verdicts, "findings": findings, "set_aside": _table(SET_ASIDE, self._set_aside)}


def _finding(told: Told, rule: tuple[str, str], names: Sequence[str]) -> tuple[Any, ...]:
    entries, missing = told.entries, told.missing
    entry = astuple(entries[0]) if entries else _NONE
    gap = missing[0] if missing else None
    return (
        rule[0],
        rule[1],
        "met" if told.met else "unknown",
        names[told.adds] if told.adds > FINE else None,
        told.until - _DAY_ZERO if told.until is not None else None,
        *entry,
        len(entries),
        [each.what for each in missing] if gap else None,
        [each.why for each in missing] if gap else None,
        (gap.concept or None) if gap else None,
        told.note or None,
        None
        if len(missing) < 2 and len(entries) < 2 and (gap is None or gap.entries == entries)
        else _encode((entries, missing)).decode(),
    )


_NONE = (None,) * 7


def _table(columns: Sequence[Column], rows: list[tuple[Any, ...]]) -> pa.Table:
    values = zip(*rows, strict=True) if rows else [[]] * len(columns)
    return pa.table(
        [pa.array(value, column.type) for column, value in zip(columns, values, strict=True)],
        schema=schema(columns),
    )
