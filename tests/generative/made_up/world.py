"""A knowledge folder of random monographs, with records and questions to put to it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from random import Random
from typing import NamedTuple

from tests.naive.answer import Answer
from tests.naive.answer import expected as answer_of

from .criteria import LEAVES, NESTED, USES, criterion
from .days import QUESTIONS
from .people import record
from .vocabulary import FILES, KNOWLEDGE, SOURCE, Json

SIZE = 2
"""How many statements of every kind a monograph has."""
CITED = {"basis": "judgement", "sources": [SOURCE]}
PRODUCTS = ("wafer", "store")


class Asked(NamedTuple):
    """A record with the question put to it."""

    drug: str
    question: Json
    """use, on, region and product"""
    resources: list[Json]


@dataclass(frozen=True)
class World:
    """A knowledge folder and what is asked of it."""

    folder: Path
    monographs: dict[str, Json]
    asked: list[Asked]


def world(folder: Path, seed: int, drugs: int = 1, records: int = 20) -> World:
    """Write the monographs of a seed into a folder, and give records and questions for them."""
    random = Random(seed)
    made = {name: monograph(random, name) for name in (f"made-up-{seed}-{each}" for each in range(drugs))}
    for file, content in FILES.items():
        _write(folder / file, content)
    for name, each in made.items():
        for file in ("identity", "uses", "statements"):
            _write(folder / name / f"{'monograph' if file == 'identity' else file}.yaml", each[file])
    return World(folder, made, [ask(random, random.choice(list(made))) for _ in range(records)])


def ask(random: Random, drug: str) -> Asked:
    """A random record and question."""
    on = random.choice(QUESTIONS)
    question = {
        "use": random.choice(USES),
        "on": on,
        "region": random.choice(["US", "EU"]),
        "product": random.choice(PRODUCTS),
    }
    return Asked(drug, question, record(random, date.fromisoformat(on)))


def expected(made: World, asked: Asked) -> Answer:
    """What the oracle answers."""
    return answer_of(KNOWLEDGE, made.monographs[asked.drug], asked.question, asked.resources)


def _write(path: Path, content: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, indent=1))


def monograph(random: Random, name: str) -> Json:
    """A monograph of made-up statements: of every kind of criterion some, alone and nested."""
    kinds = [*LEAVES, *NESTED] * SIZE
    return {
        "identity": {
            "id": name,
            "name": name,
            "substance": "zanexol",
            "concept": "zanexol-alone",
            "says": "A made-up medicine.",
            "drug-class": "made-up",
            "regions": ["US", "EU"],
            "sources": [SOURCE],
            "products": [
                {
                    "id": each,
                    "name": each,
                    "ingredients": ["zanexol"],
                    "form": "wafer",
                    "route": "oral",
                    "sources": [SOURCE],
                }
                for each in PRODUCTS
            ],
        },
        "uses": [
            {
                "id": each,
                "name": each,
                "says": each,
                **CITED,
                **({"part-of": "itch"} if "night" in each else {}),
            }
            for each in USES
        ],
        "statements": [
            statement(random, f"{kind}-{number}", criterion(random, 2, kind))
            for number, kind in enumerate(kinds)
        ],
    }


def statement(random: Random, name: str, when: Json) -> Json:
    """A statement around a criterion. Few impose anything, each on few uses, so that verdicts differ."""
    made: Json = {"id": name, "kind": "warning", "says": name, **CITED, "when": when}
    draw = random.random()
    if draw < 0.3:
        _impose(random, made)
        made["uses"] = [random.choice(USES)]
    elif draw < 0.4:
        made |= {
            "kind": "monitoring",
            "missing": random.choice(["ask", "block"]),
            "uses": [random.choice(USES)],
        }
    if random.random() < 0.1:
        made["regions"] = [random.choice(["US", "EU"])]
    if random.random() < 0.1:
        made["products"] = [random.choice(PRODUCTS)]
    return made


def _impose(random: Random, made: Json) -> None:
    made["stage"] = random.choice(["any", "any", "starting", "taking"])
    if made["stage"] == "taking":
        made["verdict"] = random.choice(["stop", "hold", "with-precautions"])
        return
    made["verdict"] = random.choice(["avoid", "not-now", "with-precautions"])
    if random.random() < 0.25 and made["stage"] == "any":
        made["taking"] = random.choice(["stop", "hold", "with-precautions", "none"])
    if made["verdict"] == "not-now" and random.random() < 0.5:
        after = random.choice(["last dose", "result", "onset", "procedure"])
        made["until"] = f"10 days after the {after}"
