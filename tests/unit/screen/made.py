"""Results of a run, made by hand: tables with the schemas of a run, `run.json` whose counts add up."""

import json
import random
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from posology.check.engine import Engine
from posology.check.verdict import FINE, LATER, NAMES, RANKS
from posology.monograph.load import Library, load_library
from posology.screen.results import FORMAT, knowledge_of
from posology.screen.tables import SCHEMAS

DRUG, USE, ON, REGION, PRODUCT = "naltrexone", "chronic-pain", "2026-06-30", "US", "low-dose"
ALT, LIST = "ALT within the last 90 days", "the allergy list, or that there is none"


@dataclass
class Told:
    """A row of `findings`."""

    statement: str
    verdict: str | None
    met: bool = True
    kind: str = "contraindication"
    missing: tuple[tuple[str, str], ...] = ()
    how: str | None = None


@dataclass
class Person:
    """A row of `verdicts`, with the findings."""

    verdict: str = "suitable"
    stage: str = "starting"
    indication: str = "met"
    sex: str | None = "female"
    age: int | None = 44
    dead: bool = False
    told: list[Told] = field(default_factory=list)
    others: tuple[str, ...] = ()
    unreadable: int = 0

    @property
    def because(self) -> list[str]:
        if RANKS[self.verdict] == FINE:
            return []
        return [each.statement for each in self.told if each.verdict == self.verdict]


def write(
    folder: Path,
    people: list[Person],
    asides: list[tuple[str, str, str]] = (),
    quarantined: list[dict] = (),
    **more,
) -> Path:
    """A folder of results. `asides` are patient, kind and reason; `more` goes into `run.json`."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = {"verdicts": [], "findings": [], "set_aside": []}
    for number, one in enumerate(people):
        name = f"secret-{number}"
        rows["verdicts"].append({
            "patient": name, "verdict": one.verdict, "stage": one.stage, "because": one.because, "earliest": None,
            "earliest_note": "", "indication": one.indication, "indication_detail": None, "sex": one.sex,
            "age": one.age, "dead": one.dead, "notices": ["secret-notice"], "other_medicines": list(one.others),
            "read": 1, "matched": 1, "unmatched": 0, "set_aside": 0, "unreadable": one.unreadable,
        })  # fmt: skip
        for told in one.told:
            missing = [{"what": what, "why": why, "concept": "", "entries": []} for what, why in told.missing]
            rows["findings"].append({
                "patient": name, "statement": told.statement, "kind": told.kind,
                "status": "met" if told.met else "unknown", "verdict": told.verdict, "until": None,
                "entry": "Condition/secret-entry" if told.how else None, "resource": None, "title": "secret-title",
                "code": None, "date": None, "value": None, "how": told.how, "entries": 0,
                "missing": [each["what"] for each in missing] or None, "why": [each["why"] for each in missing] or None,
                "concept": None, "note": "secret-note", "detail": json.dumps([[], missing]) if missing else None,
            })  # fmt: skip
    rows["set_aside"] = [
        {
            "patient": who,
            "kind": kind,
            "entry": "secret-entry",
            "title": "secret-title",
            "place": None,
            "reason": why,
        }
        for who, kind, why in asides
    ]
    for name, schema in SCHEMAS.items():
        pq.write_table(pa.Table.from_pylist(rows[name], schema=schema), folder / f"{name}.parquet")
    with (folder / "quarantine.ndjson").open("w") as file:
        file.writelines(
            json.dumps({"text": "secret-text", "patient": "secret-7"} | each) + "\n" for each in quarantined
        )
    (folder / "run.json").write_text(json.dumps(run(len(people), **more)))
    return folder


def run(people: int, **more) -> dict:
    """What `run.json` says of a run over so many people."""
    counts = {"lines": 100, "entries": 0, "bundles": 0, "malformed": 3, "wrong_shape": 0, "nobody": 0}
    counts |= {"not_of_a_patient": 0, "medications": 7, "of_patients": 90, "copies": 0}
    reckoned = dict.fromkeys(
        ["read", "matched", "unmatched", "set_aside", "unreadable", "duplicates", "no_patient"], 0
    ) | {"people_without_patient": 0, "refused": 0, "people_refused": 0}
    told = {
        "format": FORMAT,
        "program": "posology 0.1.0",
        "knowledge": knowledge_of(load_library(), DRUG),
        "question": {"drug": DRUG, "use": USE, "on": ON, "region": REGION, "product": PRODUCT},
        "source": {"kind": "fhir", "files": [{"file": "Condition.ndjson", "bytes": 5}], "skipped_files": []},
        "input": counts | {"by_type": {"Condition": 90, "Medication": 7}},
        "damaged_files": [],
        "patients": {"patients": people} | reckoned,
        "quarantined": {},
    }
    for key, value in more.items():
        told[key] = told[key] | value if isinstance(value, dict) else value
    return told


def crowd(size: int, seed: int = 1, library: Library | None = None, statements: int = 0) -> list[Person]:
    """Many people at random, some of them taking the drug; statements are those of the monograph."""
    chance = random.Random(seed)
    planner = Engine(library or load_library()).planner(DRUG)
    use = planner.uses.named(USE)
    rules = {
        stage: [
            rule for rule in planner.plan(use, REGION, PRODUCT, stage).rules if not rule.statement.missing
        ]
        for stage in NAMES
    }
    found = []
    for _ in range(size):
        stage = "taking" if chance.random() < 0.06 else "starting"
        told = []
        for rule in chance.sample(rules[stage][-statements:], 3):
            names, kind = NAMES[stage], rule.statement.kind
            if rule.rank >= LATER and chance.random() < 0.6:
                gap = chance.choice(
                    [(ALT, "not recorded"), (ALT, "the latest is of 2019"), (LIST, "not recorded")]
                )
                told.append(Told(rule.statement.id, "cannot-tell", False, kind, (gap,)))
            elif kind != "indication":
                verdict = names[rule.rank] if rule.rank > FINE else None
                told.append(Told(rule.statement.id, verdict, True, kind, how=chance.choice(["code", "name"])))
        worst = max((RANKS[each.verdict] for each in told if each.verdict), default=FINE)
        found.append(
            Person(
                NAMES[stage][worst], stage, chance.choice(["met", "met", "not-met", "unknown"]),
                chance.choice(["female", "male", "female", "male", None]), chance.choice([None, *range(3, 97)] ),
                chance.random() < 0.04, told, ("Brand <b>X</b>",) if chance.random() < 0.2 else (),
            )
        )  # fmt: skip
    return found


def tally(people: list[Person], *names: str) -> Counter:
    """Living people by some of their features."""
    return Counter(tuple(getattr(one, name) for name in names) for one in people if not one.dead)
