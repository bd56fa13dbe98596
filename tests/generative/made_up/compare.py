"""Put the same questions to the program and to the oracle, and show where they disagree.

``python -m tests.generative.made_up.compare SEED COUNT`` prints the disagreements of COUNT worlds, from SEED on.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import posology
from posology import api
from tests.naive.answer import Answer

from .vocabulary import Json
from .world import Asked, World, expected, world


class Disagreement(NamedTuple):
    """A statement (or `stage`, `verdict`) on which the program and the oracle differ."""

    asked: Asked
    about: str
    program: str | None
    oracle: str | None


def bundle(resources: list[Json]) -> bytes:
    """A record as bytes."""
    entry = [{"resource": each} for each in resources]
    return json.dumps({"resourceType": "Bundle", "type": "collection", "entry": entry}).encode()


Ask = Callable[[Asked], Answer]


def program(made: World) -> Ask:
    """What the program answers about a world, in the oracle's words."""
    engine = api.engine(posology.load_library(made.folder))

    def ask(asked: Asked) -> Answer:
        result = posology.check(bundle(asked.resources), drug=asked.drug, monographs=engine, **asked.question)
        statuses = {each.statement: each.status for each in result.findings}
        return Answer(statuses, result.stage, result.verdict)

    return ask


def differences(said: Answer, oracle: Answer) -> Iterator[tuple[str, str | None, str | None]]:
    """Where two answers differ: the stage, else statements, else the verdict."""
    if said.stage != oracle.stage:
        yield "stage", said.stage, oracle.stage
        return
    found = False
    for name in sorted({*said.statements, *oracle.statements}):
        pair = said.statements.get(name), oracle.statements.get(name)
        if pair[0] != pair[1]:
            found = True
            yield name, *pair
    if not found and said.verdict != oracle.verdict:
        yield "verdict", said.verdict, oracle.verdict


def disagreements(made: World, ask: Ask) -> Iterator[Disagreement]:
    """Every disagreement about a world."""
    for asked in made.asked:
        for difference in differences(ask(asked), expected(made, asked)):
            yield Disagreement(asked, *difference)


def smallest(made: World, found: Disagreement, ask: Ask) -> Disagreement:
    """The same disagreement about the record without all entries that it does not need."""
    smaller = True
    while smaller:
        smaller = False
        for each in found.asked.resources:
            if each.get("resourceType") == "Patient":
                continue
            less = found.asked._replace(resources=[one for one in found.asked.resources if one is not each])
            same = [each for each in differences(ask(less), expected(made, less)) if each[0] == found.about]
            if same:
                found, smaller = Disagreement(less, *same[0]), True
                break
    return found


def shown(made: World, found: Disagreement) -> str:
    """A disagreement in words: the statement, the question, what is left of the record, both answers."""
    statements = made.monographs[found.asked.drug]["statements"]
    when = next((each["when"] for each in statements if each["id"] == found.about), None)
    return "\n".join(
        [
            f"{found.asked.drug}, {found.about}: the program says {found.program}, the oracle {found.oracle}",
            f"  when: {json.dumps(when)}",
            f"  question: {json.dumps(found.asked.question)}",
            *[f"  {json.dumps(_plain(each))}" for each in found.asked.resources],
        ]
    )


def report(seeds: range, folder: Path, records: int = 40, most: int = 5) -> list[str]:
    """What is wrong with the worlds of these seeds: the first few disagreements, as small as they get."""
    found: list[str] = []
    for seed in seeds:
        made = world(folder / str(seed), seed, records=records)
        ask = program(made)
        for each in disagreements(made, ask):
            found.append(shown(made, smallest(made, each, ask)))
            if len(found) == most:
                return found
    return found


def _plain(resource: Json) -> Json:
    """Without what never matters."""
    mine = resource.get("subject") == {"reference": "Patient/p"}
    return {key: each for key, each in resource.items() if not (key == "subject" and mine)}


if __name__ == "__main__":
    first, count = map(int, sys.argv[1:])
    print(f"program: {posology.__file__}")
    with tempfile.TemporaryDirectory() as place:
        wrong = report(range(first, first + count), Path(place))
    print("\n\n".join(wrong))
    sys.exit(bool(wrong))
