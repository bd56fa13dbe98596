"""Random criteria of every kind, as YAML says them. Windows and bounds are few, so that records hit their edges."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from .vocabulary import ALLERGIES, CONDITIONS, MEDICINES, PROCEDURES, Json

WINDOWS = {"10 days": 10, "4 weeks": 28, "90 days": 90, "3 months": 90, "1 year": 365}
USES = ("itch", "itch-at-night", "ache", "yawning", "hiccups")
BOUNDS = {
    "spleenase": ["40 U/L", "100 U/L", "120 U/L", "200 U/L", "2 ukat/L", "3 x ULN", "2.5 x ULN"],
    "pigmentin": ["1 mg/dL", "3 mg/dL", "30 mg/L", "48 umol/L", "3 x ULN"],
    "bluecells": ["100 10*3/uL", "50 10*9/L", "200000 10*6/L"],
    "itchscore": ["3", "5", "7"],
}
AGES = ["18 years", "65 years", "12 years", "18 months", "3 weeks", "90 days"]
DOSES = ["6 mg/day", "60 mg/day", "100 mg/day", "0.1 g/day"]
LENGTHS = ["12 weeks", "14 days", "90 days", "30 days"]
FALLS = ["30 %", "50 %", "0 %", "-25 %"]


def bound(random: Random, amounts: list[str], between: bool = False) -> Json:
    """One bound; sometimes two, in order."""
    first = random.choice(amounts)
    same = [each for each in amounts if each.split()[1:] == first.split()[1:]]
    low, high = sorted([first, random.choice(same)], key=lambda each: float(each.split()[0]))
    if low != high and random.random() < 0.3:
        if between and random.random() < 0.4:
            return {"between": [low, high]}
        return {random.choice(["above", "from"]): low, random.choice(["below", "to"]): high}
    return {random.choice(["above", "from", "below", "to"]): first}


def _window(random: Random, ever: bool = True) -> Json:
    if ever and random.random() < 0.2:
        return {"ever": True}
    return {"within": random.choice(list(WINDOWS))}


def _absent(random: Random) -> Json:
    return {"absent": random.choice(["no", "unknown"])} if random.random() < 0.25 else {}


def _some(random: Random, options: Json) -> Json:
    return options if random.random() < 0.75 else {}


def _id(random: Random, concepts: list[Json]) -> str:
    return str(random.choice(concepts)["id"])


def condition(random: Random) -> Json:
    return {
        "condition": _id(random, CONDITIONS),
        **_some(random, _window(random)),
        **_absent(random),
    }


def medication(random: Random) -> Json:
    ahead = {"next": random.choice(["10 days", "30 days"])}
    when = ahead if random.random() < 0.15 else _some(random, _window(random))
    return {"medication": _id(random, MEDICINES), **when, **_absent(random)}


def observation(random: Random) -> Json:
    name = random.choice([*BOUNDS, "spleenase", "urine-oprixol"])
    asks = (
        bound(random, BOUNDS[name], True)
        if name in BOUNDS
        else {"is": random.choice(["positive", "negative"])}
    )
    return {"observation": name, **asks, **_some(random, _window(random, ever=False)), **_absent(random)}


def allergy(random: Random) -> Json:
    of = {"is": random.choice(["allergy", "intolerance"])} if random.random() < 0.5 else {}
    return {"allergy": _id(random, ALLERGIES), **of, **_absent(random)}


def procedure(random: Random) -> Json:
    ahead = {"next": random.choice(["10 days", "30 days"])}
    when = ahead if random.random() < 0.5 else _window(random)
    return {"procedure": _id(random, PROCEDURES), **when, **_absent(random)}


def age(random: Random) -> Json:
    return {"age": bound(random, AGES)}


def sex(random: Random) -> Json:
    return {"sex": random.choice(["female", "male"])}


def pregnancy(random: Random) -> Json:
    within = {"within": random.choice(["10 days", "30 days"])} if random.random() < 0.4 else {}
    return {"pregnancy": True, **within, **_absent(random)}


def lactation(random: Random) -> Json:
    return {"lactation": True, **_absent(random)}


def dose(random: Random) -> Json:
    name = random.choice(["zanexol-any", "zanexol-alone", "oprixol-any"])
    return {"dose": name, **bound(random, DOSES), **_absent(random)}


def on_drug(random: Random) -> Json:
    name = random.choice(
        ["zanexol-any", "zanexol-alone", "zanexol-with-calmidol", "zanexol-without-calmidol"]
    )
    return {"on-drug": name, **bound(random, LENGTHS)}


def change(random: Random) -> Json:
    return {"change": random.choice(["itchscore", "spleenase"]), **bound(random, FALLS), **_absent(random)}


def recorded(random: Random) -> Json:
    name = random.choice([*BOUNDS, "urine-oprixol", "conditions", "medications", "allergies"])
    within = _some(random, _window(random, ever=False)) if name in {*BOUNDS, "urine-oprixol"} else {}
    return {"recorded": name, **within}


def use(random: Random) -> Json:
    return {"use": random.choice(USES)}


def all_of(random: Random, depth: int) -> Json:
    return {"all": _parts(random, depth)}


def any_of(random: Random, depth: int) -> Json:
    return {"any": _parts(random, depth)}


def not_of(random: Random, depth: int) -> Json:
    return {"not": criterion(random, depth - 1)}


def at_least(random: Random, depth: int) -> Json:
    parts = [*_parts(random, depth), criterion(random, depth - 1)]
    return {"at-least": {"count": random.randint(1, len(parts)), "of": parts}}


def _parts(random: Random, depth: int) -> list[Json]:
    return [criterion(random, depth - 1) for _ in range(random.randint(1, 3))]


LEAVES: dict[str, Callable[[Random], Json]] = {
    "condition": condition,
    "medication": medication,
    "observation": observation,
    "allergy": allergy,
    "procedure": procedure,
    "age": age,
    "sex": sex,
    "pregnancy": pregnancy,
    "lactation": lactation,
    "dose": dose,
    "on-drug": on_drug,
    "change": change,
    "recorded": recorded,
    "use": use,
}
NESTED: dict[str, Callable[[Random, int], Json]] = {
    "all": all_of,
    "any": any_of,
    "not": not_of,
    "at-least": at_least,
}


def criterion(random: Random, depth: int, kind: str = "") -> Json:
    """A criterion of a kind (default: of any), at most so deep."""
    if not kind:
        nested = depth > 0 and random.random() < 0.35
        kind = random.choice(list(NESTED if nested else LEAVES))
    return NESTED[kind](random, max(depth, 1)) if kind in NESTED else LEAVES[kind](random)
