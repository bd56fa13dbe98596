"""One patient of a finished run, told in full: from the rows of the tables back to the answer of `check`."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from posology.check.engine import Engine
from posology.check.judge import Judgement, Open, Told
from posology.check.result import Aside, EntryRef, Result
from posology.check.verdict import FINE, RANKS
from posology.errors import InputError, KnowledgeError, RecordError, UsageError

from .folder import Results
from .results import knowledge_of
from .tables import TABLES, decode_detail, decode_entries

_RECORDED = {"met": True, "not-met": False, "unknown": None}
_ENTRY = ("entry", "resource", "title", "code", "date", "value", "how")


def explain(results: Path, patient: str, engine: Engine) -> Result:
    """The answer for one patient of a run, as `check` gives it.

    Raises `UsageError` for a patient whom the run does not know, `RecordError` for one who was not judged,
    `KnowledgeError` if the knowledge is no longer that of the run.
    """
    kept = Results(results)
    asked, drug = kept.run.question, kept.run.question.drug
    planner = engine.planner(drug)
    now = knowledge_of(engine.library, drug)
    changed = [name for name, version in kept.run.knowledge.items() if now.get(name) != version]
    if changed:
        raise KnowledgeError(
            f"{results}: was made with another version of the {' and the '.join(changed)}; what it found is in its "
            "tables, but can be told in full only with that version. Screen again for an answer of today"
        )
    rows = {name: _rows(kept, name, patient) for name in TABLES}
    if not rows["verdicts"]:
        for row in rows["set_aside"]:
            raise RecordError(f"Patient {patient} was not judged: {row['reason']}")
        raise UsageError(f"{results}: no patient '{patient}' in this run")
    verdict = rows["verdicts"][0]
    use = planner.uses.named(asked.use)
    plan = planner.plan(use, asked.region, asked.product, verdict["stage"])
    places = {rule.statement.id: place for place, rule in enumerate(plan.rules)}
    judged = _judgement(verdict, rows["findings"], rows["set_aside"], places)
    return engine.explain(judged, drug, use, date.fromisoformat(asked.on), asked.region, asked.product)


def _rows(kept: Results, name: str, patient: str) -> list[dict[str, Any]]:
    try:
        found = kept.table(name).to_table(filter=pc.field("patient") == patient)
    except (OSError, pa.ArrowException) as wrong:
        raise InputError(
            f"{kept.folder / name}.parquet: cannot be read ({type(wrong).__name__}); screen again"
        ) from None
    rows: list[dict[str, Any]] = found.to_pylist()
    return rows


def _judgement(
    verdict: dict[str, Any],
    findings: list[dict[str, Any]],
    asides: list[dict[str, Any]],
    places: dict[str, int],
) -> Judgement:
    detail = verdict["indication_detail"]
    return Judgement(
        f"Patient/{verdict['patient']}",
        verdict["stage"],
        RANKS[verdict["verdict"]],
        tuple(
            sorted((_told(row, places[row["statement"]]) for row in findings), key=lambda told: told.place)
        ),
        _RECORDED[verdict["indication"]],
        decode_entries(detail) if detail else (),
        tuple(verdict["notices"]),
        tuple(verdict["other_medicines"]),
        tuple(
            Aside(row["entry"], row["title"], row["reason"]) for row in asides if row["kind"] == "set-aside"
        ),
        tuple(
            Aside(row["entry"], row["title"], row["reason"], row["place"])
            for row in asides
            if row["kind"] == "unreadable"
        ),
        {name: verdict[name] for name in ("read", "matched", "unmatched", "set_aside", "unreadable")},
    )


def _told(row: dict[str, Any], place: int) -> Told:
    entries: tuple[EntryRef, ...] = ()
    missing: tuple[Open, ...] = ()
    if row["detail"] is not None:
        entries, missing = decode_detail(row["detail"])
    else:
        if row["entry"] is not None:
            entries = (EntryRef(*(row[name] for name in _ENTRY)),)
        if row["missing"] is not None:
            missing = (Open(row["missing"][0], row["why"][0], row["concept"] or "", entries),)
    return Told(
        place,
        row["status"] == "met",
        RANKS[row["verdict"]] if row["verdict"] is not None else FINE,
        row["note"] or "",
        entries,
        missing,
        row["until"].toordinal() if row["until"] is not None else None,
    )
