"""Random results: of every unit, sign and status, in words, two of one day, before and since a medicine."""

from __future__ import annotations

from datetime import date
from random import Random

from . import days
from .days import day
from .medicines import own
from .parts import ME, coded, maybe
from .vocabulary import LOINC, SNOMED, Json

VALUES: dict[str, tuple[str, list[float], list[str]]] = {
    "spleenase": (
        "98801-1",
        [20, 39, 40, 41, 99, 100, 101, 119, 120, 121, 199, 200, 201, 150000, -5, 180],
        ["U/L"] * 5 + ["IU/L", "mg/dL", "blobs", ""],
    ),
    "pigmentin": ("98802-2", [0.5, 1, 1.5, 2, 3, 4, 6, 900], ["mg/dL"] * 5 + ["U/L", ""]),
    "bluecells": ("98803-3", [49, 50, 51, 99, 100, 101, 199, 200, 201], ["10*3/uL", "10*9/L"]),
    "itchscore": ("98804-4", [0, 2, 3, 4, 5, 6, 7, 8, 10, 70], ["{score}", "", "mg"]),
}
SLIPS = (150000, 900, 70)
"""Values that cannot be true."""
OTHERWISE = {
    "spleenase": [(n / 60, "ukat/L") for n in (30, 60, 90, 120, 150, 180)],
    "pigmentin": [(n, "umol/L") for n in (16, 32, 48, 49, 64)] + [(n, "mg/L") for n in (10, 20, 30, 31)],
    "bluecells": [(n, "10*6/L") for n in (49000, 50000, 100000, 200000)],
    "itchscore": [],
}
FINAL = [
    *["final"] * 12,
    "amended",
    "corrected",
    "preliminary",
    "registered",
    "unknown",
    "cancelled",
    "entered-in-error",
]


def _unit(unit: str) -> Json:
    return {"unit": unit, "code": unit, "system": "http://unitsofmeasure.org"} if unit else {}


def result(random: Random, on: date, name: str = "") -> Json:
    name = name or random.choice([*["spleenase"] * 4, "pigmentin", "bluecells", "itchscore", "itchscore"])
    code, values, units = VALUES[name]
    value, unit = random.choice(values), random.choice(units)
    if OTHERWISE[name] and random.random() < 0.15:
        value, unit = random.choice(OTHERWISE[name])
    # A sign beside a value that cannot be true is left to the examples of the specification.
    sign = (
        random.choice(["<", "<=", ">", ">="])
        if random.random() < 0.2 and value > 1 and value not in SLIPS
        else ""
    )
    quantity = {"value": value, **_unit(unit), **({"comparator": sign} if sign else {})}
    shown: Json = {"valueQuantity": quantity}
    if random.random() < 0.03:
        shown = {"valueQuantity": _unit(unit or "U/L")}
    elif random.random() < 0.05:
        shown = random.choice([{}, {"valueString": "150"}, {"valueString": "see report"}])
    elif name == "itchscore" and random.random() < 0.6:
        shown = {"valueInteger": int(value)}
    limits = _range(random, name)
    return {**_observed(random, on, coded(LOINC, code, name)), **shown, **limits}


def _range(random: Random, name: str) -> Json:
    if name not in ("spleenase", "pigmentin") or random.random() < 0.6:
        return {}
    if name == "pigmentin":
        return {"referenceRange": [{"high": {"value": random.choice([0.5, 1]), **_unit("mg/dL")}}]}
    high = {"high": {"value": random.choice([30, 40, 50, 60]), **_unit("U/L")}}
    if random.random() < 0.2:
        return {"referenceRange": [{**high, "type": {"coding": [{"code": "therapeutic"}]}}]}
    return {"referenceRange": [high]}


def _observed(random: Random, on: date, code: Json) -> Json:
    if "spleenase" in str(code) and random.random() < 0.15:
        code = random.choice([coded(LOINC, "77777-7", "Serum spleenase"), {"text": "Serum spleenase"}])
    back = -1 if random.random() < 0.04 else days.back(random, 400)
    when = days.vague(random, day(on, back), 0.12, 0.4)
    if on.isoformat() in (f"{when}-01", f"{when}-01-01"):
        when = on.isoformat()  # asked on the first day of a month, that month means only this day
    return {
        "resourceType": "Observation",
        "status": random.choice(FINAL),
        "code": code,
        "subject": ME,
        **maybe(random, 0.95, effectiveDateTime=when),
        **maybe(random, 0.1, issued=f"{day(on, random.choice([-1, 0]))}T08:00:00Z"),
    }


def same_day(random: Random, on: date) -> list[Json]:
    """Two results of one day or two, in different zones, one of them on each side of a bound."""
    first, second = result(random, on, "spleenase"), result(random, on, "spleenase")
    back = random.randint(1, 12)
    for each, value in ((first, 20), (second, 250)):
        each["effectiveDateTime"] = days.timed(random, day(on, back + random.choice([0, 0, 1])))
        each["valueQuantity"] = {"value": value, **_unit("U/L")}
        each["status"] = "final"
        each.pop("issued", None)
    return [first, second]


def treated(random: Random, on: date) -> list[Json]:
    """Someone who takes the medicine in hand, with a result before its first dose and one since."""
    start = random.choice([14, 30, 84, 90, random.randint(5, 300)])
    name = random.choice(["itchscore", "spleenase"])
    values = [10, 8, 7, 5, 4] if name == "itchscore" else [200, 140, 100, 180, 250]
    found = [own(day(on, start))]
    for back in (start + random.choice([0, 1, 28, 29]), random.randint(0, start)):
        code, unit = VALUES[name][0], VALUES[name][2][0]
        quantity = {"value": random.choice(values), **_unit(unit)}
        found.append(
            {
                "resourceType": "Observation",
                "status": "final",
                "code": coded(LOINC, code, name),
                "subject": ME,
                "effectiveDateTime": day(on, back),
                "valueQuantity": quantity,
            }
        )
    return found


def word(random: Random, on: date) -> Json:
    """A test that answers positive or negative."""
    shown = random.choice(
        [
            *[
                {"valueCodeableConcept": coded(SNOMED, one)}
                for one in ("10828004", "260385009", "260373001", "260415000")
            ],
            {"valueCodeableConcept": coded(SNOMED, "419984006")},
            *[{"valueString": one} for one in ("POSITIVE", "negative", "None detected", "equivocal")],
            {"valueBoolean": True},
            {"valueBoolean": False},
            {"valueQuantity": {"value": 300, **_unit("ng/mL")}},
            {
                "interpretation": [
                    coded("http://terminology.hl7.org/CodeSystem/v3-ObservationInterpretation", "POS")
                ]
            },
        ]
    )
    return {**_observed(random, on, coded(LOINC, "98805-5", "Urine oprixol")), **shown}
