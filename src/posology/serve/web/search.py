"""Search across all monographs: every word of the query has to stand in a statement, a use or a product."""

from __future__ import annotations

import re
from dataclasses import dataclass

from markupsafe import Markup, escape

from posology.monograph.load import Library
from posology.monograph.prose import todo

MOST = 60
_WORD = re.compile(r"\w+")
_AROUND = 320


@dataclass(frozen=True, slots=True)
class Place:
    """Something that can be found: where it is, its title and text."""

    drug: str
    anchor: str
    kind: str
    title: str
    text: str
    folded: str


@dataclass(frozen=True, slots=True)
class Found:
    """Something that was found, with the words marked. `weight` is greater the better it fits."""

    place: Place
    title: Markup
    text: Markup
    weight: int


def index(library: Library) -> list[Place]:
    """Every statement, use, product and dispute of every monograph."""
    places = []
    for name in library.names():
        monograph = library.monograph(name)
        told: list[tuple[str, str, str, str]] = [
            (
                each.id,
                each.kind,
                each.title or each.id.replace("-", " "),
                f"{each.says} {todo(each)} {each.rx}",
            )
            for each in monograph.statements
        ]
        told += [(f"use-{each.id}", "use", each.name, each.says) for each in monograph.uses]
        told += [
            (f"product-{each.id}", "product", each.name, f"{each.says} {' '.join(each.brands)}")
            for each in monograph.identity.products
        ]
        told += [
            (f"dispute-{each.id}", "dispute", each.about, f"{each.follows} {each.because}")
            for each in monograph.disputes
        ]
        for anchor, kind, title, text in told:
            folded = f"{monograph.identity.name} {title} {text} {anchor} {kind}".casefold()
            places.append(Place(name, anchor, kind.replace("-", " "), title, text.strip(), folded))
    return places


def search(places: list[Place], query: str) -> list[Found]:
    """What has all the words of the query, what has them in its title first; at most `MOST`."""
    wanted = [word.casefold() for word in _WORD.findall(query)]
    if not wanted:
        return []
    marking = re.compile(
        "|".join(re.escape(word) for word in sorted(wanted, key=len, reverse=True)), re.IGNORECASE
    )
    found = []
    for place in places:
        if all(word in place.folded for word in wanted):
            title = place.title.casefold()
            weight = sum(10 for word in wanted if word in title) + sum(
                place.folded.count(word) for word in wanted
            )
            found.append(
                Found(
                    place, _marked(place.title, marking), _marked(_cut(place.text, marking), marking), weight
                )
            )
    found.sort(key=lambda each: (-each.weight, each.place.drug, each.place.anchor))
    return found[:MOST]


def _cut(text: str, marking: re.Pattern[str]) -> str:
    first = marking.search(text)
    start = max(0, first.start() - _AROUND // 3) if first else 0
    begin = text.rfind(" ", 0, start) + 1 if start else 0
    end = begin + _AROUND
    return f"{'… ' if begin else ''}{text[begin:end].rstrip()}{' …' if end < len(text) else ''}"


def _marked(text: str, marking: re.Pattern[str]) -> Markup:
    made, last = Markup(""), 0
    for found in marking.finditer(text):
        made += escape(text[last : found.start()]) + Markup("<mark>{}</mark>").format(found[0])
        last = found.end()
    return made + escape(text[last:])
