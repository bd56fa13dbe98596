"""Criteria and statements in plain English, made from the same data that is executed.

Pure functions: text in, text out, nothing printed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from .criterion import LISTS, ULN, Amount, Criterion
from .model import Concept, Statement, Until, Use, Vocabulary

_TAKING = {"avoid": "stop", "not-now": "hold", "with-precautions": "with-precautions"}
LEVELS = {
    "avoid": "avoid",
    "not-now": "not now",
    "with-precautions": "only with precautions",
    "stop": "stop",
    "hold": "hold",
}
"""Levels of a verdict as they are said."""


class Teller:
    """Says criteria in words, with the names of a vocabulary's concepts and a monograph's uses."""

    def __init__(self, concepts: Mapping[str, Concept], uses: Mapping[str, Use] | None = None) -> None:
        self.concepts = concepts
        self.uses = uses or {}

    @classmethod
    def of(cls, vocabulary: Vocabulary, uses: tuple[Use, ...] = ()) -> Teller:
        """A teller for this vocabulary and these uses."""
        return cls({c.id: c for c in vocabulary.concepts}, {use.id: use for use in uses})

    def name(self, concept: str) -> str:
        """The name of a concept, or its id in words if it is not known."""
        found = self.concepts.get(concept)
        return found.name if found else concept.replace("-", " ")

    def criterion(self, criterion: Criterion) -> str:
        """A phrase without a full stop, such as ``ALT above 3 times the upper limit of normal``."""
        return _PHRASES[criterion.kind](self, criterion)

    def joined(self, criterion: Criterion, word: str) -> str:
        """The parts of an `all` or `any`; parts that are joined themselves stand in brackets."""
        parts = [self.criterion(part) for part in criterion.of]
        if len(parts) == 1:
            return parts[0]
        nested = ("all", "any", "at-least")
        bracketed = [
            f"({text})" if part.kind in nested and len(part.of) > 1 else text
            for part, text in zip(criterion.of, parts, strict=True)
        ]
        return f"{', '.join(bracketed[:-1])} {word} {bracketed[-1]}"


def days(count: int) -> str:
    """``10 days``, ``12 weeks``, ``1 year``: the largest unit that gives a small whole number."""
    if count and count % 365 == 0:
        return _plural(count // 365, "year")
    if count >= 28 and count % 7 == 0:
        return _plural(count // 7, "week")
    return _plural(count, "day")


def _plural(count: float, word: str) -> str:
    return f"{count:g} {word}" if count == 1 else f"{count:g} {word}s"


def amount(bound: Amount) -> str:
    """``3 times the upper limit of normal``, ``18 years``, ``6 mg/day``."""
    if bound.unit == ULN:
        times = "" if bound.value == 1 else f"{bound.value:g} times "
        return f"{times}the upper limit of normal"
    if bound.unit == "a":
        return _plural(bound.value, "year")
    if bound.unit == "d":
        return days(int(bound.value))
    unit = (
        ""
        if bound.unit in ("1", "{score}")
        else bound.unit.replace("{", "").replace("}", "").replace("_", " ")
    )
    return f"{bound.value:g} {unit}".strip()


def bounds(criterion: Criterion, least: str = "at least", most: str = "at most") -> str:
    """``above 3 ... and at most 5 ...``."""
    words = []
    for bound, word in (
        (criterion.above, "above"),
        (criterion.from_, least),
        (criterion.below, "below"),
        (criterion.to, most),
    ):
        if bound is not None:
            words.append(f"{word} {amount(bound)}")
    return " and ".join(words)


def _when(criterion: Criterion) -> str:
    if criterion.within is not None:
        return f" within the last {days(criterion.within)}"
    return " at any time" if criterion.ever else ""


def _condition(teller: Teller, criterion: Criterion) -> str:
    return teller.name(criterion.concept) + _when(criterion)


def _medication(teller: Teller, criterion: Criterion) -> str:
    name = teller.name(criterion.concept)
    if criterion.ever:
        return f"{name} ever taken"
    return f"{name} taken{_when(criterion) or ' now'}"


def _observation(teller: Teller, criterion: Criterion) -> str:
    name, when = teller.name(criterion.concept), _when(criterion)
    if criterion.is_:
        return f"{criterion.is_} {name}{when}"
    return f"{name} {bounds(criterion)}{',' if when else ''}{when}"


def _allergy(teller: Teller, criterion: Criterion) -> str:
    to = teller.name(criterion.concept).removeprefix("allergy to ").removesuffix(" allergy")
    return {
        "allergy": f"an allergy to {to}",
        "intolerance": f"an intolerance of {to}",
    }.get(criterion.is_, f"an allergy to or intolerance of {to}")


def _procedure(teller: Teller, criterion: Criterion) -> str:
    name = teller.name(criterion.concept)
    if criterion.next is not None:
        return f"{name} planned within the next {days(criterion.next)}"
    return name + _when(criterion)


def _on_drug(teller: Teller, criterion: Criterion) -> str:
    return f"{teller.name(criterion.concept)} taken without a break for {bounds(criterion)}"


def _dose(teller: Teller, criterion: Criterion) -> str:
    return f"an ordered dose of {teller.name(criterion.concept)} {bounds(criterion)}"


def _change(teller: Teller, criterion: Criterion) -> str:
    return f"a fall of {teller.name(criterion.concept)} since the start of treatment {bounds(criterion)}"


def _recorded(teller: Teller, criterion: Criterion) -> str:
    if criterion.concept in LISTS:
        return f"a list of {criterion.concept} on record"
    window = f" from the last {days(criterion.within)}" if criterion.within is not None else ""
    return f"{teller.name(criterion.concept)} on record{window}"


def _use(teller: Teller, criterion: Criterion) -> str:
    use = teller.uses.get(criterion.concept)
    return f"use for {use.name if use else criterion.concept.replace('-', ' ')}"


def _not(teller: Teller, criterion: Criterion) -> str:
    inner, text = criterion.of[0], teller.criterion(criterion.of[0])
    if inner.kind in ("condition", "medication", "recorded", "procedure") or (
        inner.kind == "observation" and inner.is_
    ):
        return f"no {text.removeprefix('a ').removeprefix('an ')}"
    if inner.kind == "allergy":
        return f"no {text.removeprefix('an ')}"
    return f"not ({text})"


_PHRASES: dict[str, Callable[[Teller, Criterion], str]] = {
    "condition": _condition,
    "medication": _medication,
    "observation": _observation,
    "allergy": _allergy,
    "procedure": _procedure,
    "age": lambda teller, criterion: f"age {bounds(criterion)}",
    "sex": lambda teller, criterion: f"{criterion.is_} sex",
    "pregnancy": lambda teller, criterion: "pregnancy",
    "lactation": lambda teller, criterion: "breastfeeding",
    "dose": _dose,
    "on-drug": _on_drug,
    "change": _change,
    "recorded": _recorded,
    "use": _use,
    "all": lambda teller, criterion: teller.joined(criterion, "and"),
    "any": lambda teller, criterion: teller.joined(criterion, "or"),
    "not": _not,
    "at-least": lambda teller, criterion: (
        f"at least {criterion.count} of: {'; '.join(teller.criterion(part) for part in criterion.of)}"
    ),
}


def until(end: Until) -> str:
    """``10 days after the last dose``."""
    return f"{days(end.days)} after the {end.after}"


def todo(statement: Statement) -> str:
    """What to do, with the end of waiting filled in as words rather than as a date."""
    return statement.do.replace("{until}", until(statement.until) if statement.until else "")


def consequence(statement: Statement) -> str:
    """What the statement does to a verdict: ``not now, until ...; if already taking: hold``; or empty."""
    if statement.verdict is None:
        return {
            "block": "without it the answer is: cannot tell",
            "ask": "without it the answer is at best: with precautions",
        }.get(statement.missing or "", "")
    text = LEVELS[statement.verdict]
    if statement.until:
        text += f", until {until(statement.until)}"
    taking = statement.taking or _TAKING.get(statement.verdict, statement.verdict)
    if statement.stage == "any" and taking != statement.verdict:
        text += f"; if already taking: {'no consequence' if taking == 'none' else LEVELS[taking]}"
    return text


def scope(statement: Statement, teller: Teller) -> str:
    """For whom a statement is limited: stage, uses, products, regions; empty if for all."""
    parts = []
    if statement.stage != "any":
        parts.append({"starting": "when starting", "taking": "while taking"}[statement.stage])
    if statement.uses:
        parts.append(
            "for " + ", ".join(teller.uses[u].name if u in teller.uses else u for u in statement.uses)
        )
    if statement.products:
        parts.append("products: " + ", ".join(statement.products))
    if statement.regions:
        parts.append(", ".join(statement.regions) + " only")
    return "; ".join(parts)


def statement_text(statement: Statement, teller: Teller) -> str:
    """A statement in sentences, without its sources."""
    sentences = [statement.says]
    if statement.when is not None:
        sentences.append(f"When: {teller.criterion(statement.when)}.")
    if effect := consequence(statement):
        sentences.append(f"Answer: {effect}." if statement.verdict else f"{effect[0].upper()}{effect[1:]}.")
    if statement.do:
        sentences.append(todo(statement))
    if limits := scope(statement, teller):
        sentences.append(f"({limits[0].upper()}{limits[1:]}.)")
    return " ".join(text.strip() for text in sentences)
