"""Random entries about medicines: orders, statements, dispenses and administrations of every status."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

from . import days
from .parts import ME
from .vocabulary import RXNORM, Json

NAMES: list[Json] = [
    *[{"text": "zanexol wafer"}] * 4,
    {"text": "zanexol"},
    *[{"text": "oprixol wafer"}] * 3,
    {"text": "OPRIXOL 5 MG"},
    {"text": "oprixol syrupette"},
    {"text": "apoprixol"},
    {"text": "calmidol"},
    {"text": "Zancalm"},
    {"coding": [{"system": RXNORM, "code": "98800011"}]},
    {"coding": [{"system": RXNORM, "code": "98800001"}], "text": "x"},
    {"coding": [{"system": RXNORM, "code": "98800001"}], "text": "oprixol"},
    {"coding": [{"system": RXNORM, "code": "98899999", "display": "oprixol 15 MG"}]},
    {"text": "steadix wafer"},
]
OWN = ("zanexol", "98800001", "Zanexstore")
COMBINED = ("Zancalm", "98800011")
STORE: Json = {"text": "Zanexstore"}
NAMELESS: Json = {"coding": [{"system": RXNORM, "code": "98899998"}]}


def medicine(random: Random, on: date) -> Json:
    """An entry about a medicine."""
    make = random.choice([order, order, order, statement, dispense, administration])
    return make(random, on)


def _unsure(name: Json, chance: float, ending: bool = True) -> float:
    """How often a date is partial. Never for the medicine in hand, from whose start changes are counted.

    Nor where the time on a medicine is asked for and its course ends: one that begins and ends some day of a
    year could be long only in a world where it is over. There the program reads both ends for caution, and
    the oracle reads one world after the other.
    """
    avoid = (*OWN, *COMBINED) if ending else OWN
    return 0 if any(each in str(name) for each in avoid) else chance


def _entry(kind: str, status: str | None, name: Json, **more: Any) -> Json:
    entry = {"resourceType": kind, "status": status, "medicationCodeableConcept": name, "subject": ME, **more}
    return {key: value for key, value in entry.items() if value is not None}


def _supply(random: Random) -> Json:
    count, code = random.choice([(10, "d"), (30, "d"), (5, "d"), (2, "wk"), (90, "d")])
    return {"value": count, "unit": code, "code": code, "system": "http://unitsofmeasure.org"}


def own(start: str) -> Json:
    """An active order for the medicine in hand."""
    return _entry("MedicationRequest", "active", {"text": "zanexol wafer"}, intent="order", authoredOn=start)


def _own(entry: Json) -> bool:
    return any(name in str(entry.get("medicationCodeableConcept")) for name in (*OWN, *COMBINED))


def ends(entry: Json) -> bool:
    """Is it a word of the patient that ends orders of the medicine in hand? Of undated ones none knows whether."""
    return _own(entry) and entry["resourceType"] == "MedicationStatement" and entry["status"] != "active"


def vague(entry: Json) -> bool:
    """Is it about the medicine in hand, and its start not told to the day?

    One such entry a record is enough: the oracle goes through every combination of the days that they mean.
    """
    if not _own(entry):
        return False
    period = entry.get("effectivePeriod", {})
    dates = [entry.get(key, "") for key in ("authoredOn", "whenHandedOver", "effectiveDateTime")]
    return max(map(len, [*dates, period.get("start", "")])) < len("2026-06-30")


def order(random: Random, on: date) -> Json:
    status = random.choice(
        [
            *["active"] * 7,
            "on-hold",
            "stopped",
            "completed",
            "completed",
            "unknown",
            None,
            "draft",
            "cancelled",
        ]
    )
    name = NAMELESS if random.random() < 0.02 else random.choice(NAMES)
    intent = random.choice([*["order"] * 8, "filler-order", None, "plan", "proposal", "option"])
    if status == "draft":
        intent = "order"  # a draft of a plan is nothing that the specification speaks of
    start, bounds, more = days.back(random), {}, {}
    supplied = random.random() < 0.5 or status in ("completed", "stopped")
    # A vague date of what was not surely taken: two kinds of doubt at once are left out.
    sure = status in ("active", "completed", "stopped") and intent != "plan"
    written = days.vague(random, days.day(on, start), _unsure(name, 0.15, supplied) if sure else 0)
    draw = random.random()
    if draw < 0.05 and status not in ("completed", "stopped"):
        written = ""  # of a course that is over, so is the time on it: there is nothing to tell
    elif draw < 0.12:
        written = days.day(on, -1)
    elif draw < 0.25 and status == "active":
        bounds["start"] = days.day(on, -days.ahead(random))
    if random.random() < 0.35 and "start" not in bounds:
        past = status == "stopped" or random.random() < 0.7
        end = days.back(random, start) if past else -20
        bounds["start"] = days.day(on, start)
        bounds["end"] = days.vague(random, days.day(on, end), _unsure(name, 0.2) if sure else 0, 0)
        written = days.day(on, start) if written else written
    elif supplied and random.random() < 0.8:
        refills = {"numberOfRepeatsAllowed": random.choice([1, 2])} if random.random() < 0.3 else {}
        more["dispenseRequest"] = {"expectedSupplyDuration": _supply(random), **refills}
    instruction = _dose(random)
    if bounds:
        timing = instruction.setdefault("timing", {"repeat": {}})
        timing["repeat"]["boundsPeriod"] = bounds
    if instruction:
        more["dosageInstruction"] = [instruction]
    if written:
        more["authoredOn"] = written
    if random.random() < 0.03:
        more["doNotPerform"] = True
    return _entry("MedicationRequest", status, name, intent=intent, **more)


def _dose(random: Random) -> Json:
    if random.random() < 0.4:
        return {}
    value, unit = random.choice(
        [(50, "mg"), (100, "mg"), (60, "mg"), (0.1, "g"), (6, "mg"), (3000, "ug"), (61, "mg"), (5, "mL")]
    )
    often = random.choice([(1, 1, "d"), (2, 1, "d"), (1, 2, "d"), (1, 12, "h"), (1, 1, "wk")])
    repeat = dict(zip(("frequency", "period", "periodUnit"), often, strict=True))
    quantity = {"value": value, "unit": unit, "code": unit, "system": "http://unitsofmeasure.org"}
    made: Json = {"doseAndRate": [{"doseQuantity": quantity}]}
    return made if random.random() < 0.1 else {**made, "timing": {"repeat": repeat}}


def statement(random: Random, on: date) -> Json:
    status = random.choice(
        [*["active"] * 4, "stopped", "stopped", "completed", "intended", "on-hold", "unknown", "not-taken"]
    )
    start, name = days.back(random), random.choice(NAMES)
    period: Json = {}
    if random.random() < 0.85:
        unsure = _unsure(name, 0.1, status in ("stopped", "completed"))
        period["start"] = days.vague(random, days.day(on, start), unsure, 0.05)
        if random.random() < (0.7 if status in ("stopped", "completed") else 0.15):
            period["end"] = days.day(on, days.back(random, start))
            period["start"] = days.day(on, start)
    asserted = random.choice([0, 1, 9, 10, 30, 365, 366, random.randint(0, start) if start else 0, -1])
    said = random.random() < 0.6 or status == "not-taken"
    return _entry(
        "MedicationStatement",
        status,
        name,
        # Of a medicine that is not taken, the day on which that was said is enough.
        effectivePeriod=period if period and status != "not-taken" else None,
        dateAsserted=days.day(on, min(asserted, start)) if said else None,
    )


def dispense(random: Random, on: date) -> Json:
    status = random.choice(
        [
            *["completed"] * 5,
            "stopped",
            "unknown",
            "preparation",
            "in-progress",
            "on-hold",
            "cancelled",
            "declined",
        ]
    )
    name = STORE if random.random() < 0.15 else random.choice(NAMES)
    day = days.vague(random, days.day(on, days.back(random)), _unsure(name, 0.1), 0.1)
    supply = _supply(random) if random.random() < 0.85 else None
    return _entry("MedicationDispense", status, name, whenHandedOver=day, daysSupply=supply)


def administration(random: Random, on: date) -> Json:
    status = random.choice([*["completed"] * 5, "in-progress", "stopped", "unknown", "not-done"])
    name = STORE if random.random() < 0.4 else random.choice(NAMES)
    back = random.choice([26, 27, 28, 29]) if name is STORE and random.random() < 0.5 else days.back(random)
    day = days.vague(random, days.day(on, back), _unsure(name, 0.1), 0.15)
    return _entry("MedicationAdministration", status, name, effectiveDateTime=day)
