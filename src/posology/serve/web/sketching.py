"""What the simulation page shows of some regimens: charts and the numbers beside them, within a slider's patience."""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass, replace

import numpy as np
from markupsafe import Markup

from posology.errors import UsageError
from posology.monograph.load import Library
from posology.regimen.named import regimen_named, regimens
from posology.regimen.parse import parse_rx
from posology.regimen.words import part_in_words
from posology.regimen.write import amount, write_part
from posology.show.chart_live import Panel, svg
from posology.simulate.model_for import models_of
from posology.simulate.result import Curve
from posology.simulate.sketch import Sketcher

PEOPLE = 200
KEPT_CURVES = 32
"""Curves that are kept: of usual people, who are drawn from a seed. What is of somebody's traits never is."""
_DAY = 24.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """A route and rhythm whose dose can be chosen: ``po q24h``, with the doses that are usual."""

    rx: str
    says: str
    doses: tuple[float, ...]
    usual: float
    """The dose that most regimens have."""


@dataclass(frozen=True, slots=True)
class Regimen:
    """A regimen to sketch: its name on the page, its rx, and the hours of its doses."""

    name: str
    rx: str
    doses: tuple[float, ...]
    stops: bool


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the numbers: what, and one text a regimen."""

    what: str
    cells: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart with the numbers that belong to it."""

    title: str
    chart: Markup
    rows: tuple[Row, ...]
    main: bool


def rhythms(library: Library, drug: str) -> list[Rhythm]:
    """The rhythms of the drug's regimens that have one dose throughout and a model, and a single dose by each route."""
    routes = {route.id for model in library.kinetics(drug) for route in model.routes}
    found: dict[str, Counter[float]] = {}
    monograph = library.monograph(drug)
    for each in regimens(monograph):
        (part, *later), *parallel = parse_rx(each.rx).parts
        if part.unit == "mg" and not part.per_kg and part.route in routes and not later and not parallel:
            rhythm = write_part(replace(part, end=None)).removeprefix(f"{amount(part)} ")
            found.setdefault(rhythm, Counter())[part.amount] += 1
    usual = {each.rx_route: each.unit_mg for each in monograph.identity.products if each.unit_mg}
    for route in sorted(routes):
        found.setdefault(route, Counter())[usual.get(route) or 1.0] += 1
    told = []
    for rhythm, doses in found.items():
        words = part_in_words(parse_rx(f"1 mg {rhythm}").parts[0][0]).removeprefix("1 mg ")
        told.append(Rhythm(rhythm, words, tuple(sorted(doses)), doses.most_common(1)[0][0]))
    return told


def regimen(
    library: Library, drug: str, *, dose: float, rhythm: str, named: str, hours: float, stop: float
) -> Regimen:
    """The regimen that was chosen, as it is given within these hours; with `stop` it ends after so many hours.

    Raises `UsageError` for a dose, rhythm or name that means nothing.
    """
    if named:
        rx = regimen_named(library.monograph(drug), named).rx
        name = named
    else:
        known = {each.rx for each in rhythms(library, drug)}
        if rhythm not in known:
            raise UsageError(f"choose one of the rhythms: {', '.join(sorted(known))}")
        if not 0 < dose <= 1e5:
            raise UsageError("give a dose in mg, more than 0 and at most 100,000")
        rx = name = f"{dose:g} mg {rhythm}"
    parsed = parse_rx(rx)
    if stop and not named and " " in rhythm:
        days = max(1, round(stop / _DAY))
        rx = f"{rx} for {days} day{'s' if days > 1 else ''}"
        parsed = parse_rx(rx)
    times = tuple(each.time for each in parsed.doses(until_hours=hours))
    ends = len(times) < len(tuple(parsed.doses(until_hours=hours + 60 * _DAY)))
    return Regimen(name, rx, times, not ends)


class Sketches:
    """Draws regimens. Usual people are drawn once for each drug, and asked about again and again."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self._people: dict[str, tuple[Sketcher, threading.Lock]] = {}
        self._curves: OrderedDict[tuple[object, ...], tuple[Curve, ...]] = OrderedDict()
        self._lock = threading.Lock()

    def drawn(
        self, drug: str, asked: list[Regimen], hours: float, traits: tuple[str, ...], *, whole: bool = True
    ) -> list[Drawn]:
        """Every output of the regimens, those of the receptor looked at first before others.

        Without `whole`, others are left out. Raises `UsageError` as `simulate.sketch` does.
        """
        curves = [self._sketched(drug, each.rx, hours, traits) for each in asked]
        models = models_of(self.library, drug, None)
        levels = models[0].levels
        outputs = list(dict.fromkeys(curve.output for one in curves for curve in one))
        receptors = [each for each in outputs if each.kind == "blockade"]
        site = receptors[0].site if receptors else ""
        made = []
        for number, output in enumerate(sorted(outputs, key=lambda each: each.site != site)):
            main = (output.unit == "1" and output.site == site) or (
                output.unit != "1" and output == outputs[0]
            )
            if not (main or whole):
                continue
            pairs = [
                (each, curve)
                for each, one in zip(asked, curves, strict=True)
                for curve in one
                if curve.output == output
            ]
            share = output.unit == "1"
            title = output.title if share else f"{output.title} in plasma, {output.unit}"
            panel = Panel(
                f"chart-{number}",
                title,
                tuple(curve for _, curve in pairs),
                tuple(each.name for each, _ in pairs),
                levels if share else (),
                tuple(each.doses[-1] for each, _ in pairs if each.stops and each.doses),
            )
            made.append(Drawn(title, svg(panel), tuple(_rows(pairs, levels if share else ())), main))
        return sorted(made, key=lambda each: not each.main)

    def _sketched(self, drug: str, rx: str, hours: float, traits: tuple[str, ...]) -> tuple[Curve, ...]:
        """Curves of a regimen; a slider moves one of two, and the other is not drawn anew."""
        if traits:
            return Sketcher(self.library, drug, PEOPLE, covariates=list(traits)).sketch(rx=rx, hours=hours)
        key = (drug, rx, hours)
        with self._lock:
            if key in self._curves:
                self._curves.move_to_end(key)
                return self._curves[key]
        people, lock = self._sketcher(drug)
        with lock:
            made = people.sketch(rx=rx, hours=hours)
        with self._lock:
            self._curves[key] = made
            while len(self._curves) > KEPT_CURVES:
                self._curves.popitem(last=False)
        return made

    def _sketcher(self, drug: str) -> tuple[Sketcher, threading.Lock]:
        with self._lock:
            if drug not in self._people:
                self._people[drug] = (Sketcher(self.library, drug, PEOPLE, covariates=None), threading.Lock())
            return self._people[drug]


def _window(asked: Regimen, curve: Curve) -> tuple[float, float]:
    """The stretch that numbers are of: the last interval between doses that is shown whole, a day at least."""
    end = float(curve.hours[-1])
    if len(asked.doses) < 2:
        return 0.0, min(_DAY, end)
    last, before = asked.doses[-1], asked.doses[-2]
    length = max(_DAY, last - before)
    begin = last if last + length <= end else max(0.0, last - length)
    return begin, min(end, begin + length)


def _rows(pairs: list[tuple[Regimen, Curve]], levels: tuple[float, ...]) -> list[Row]:
    share = bool(levels)
    least, mean, most, band = [], [], [], []
    above: dict[float, list[str]] = {level: [] for level in levels}
    after: dict[float, list[str]] = {level: [] for level in levels}
    for asked, curve in pairs:
        begin, end = _window(asked, curve)
        inside = (curve.hours >= begin - 1e-9) & (curve.hours <= end + 1e-9)
        values = curve.typical[inside]
        least.append(_text(float(values.min()), share))
        mean.append(_text(float(values.mean()), share))
        most.append(_text(float(values.max()), share))
        if curve.low is not None and curve.high is not None:
            low, high = float(curve.low[inside].min()), float(curve.high[inside].max())
            band.append(f"{_text(low, share).removesuffix(' %')} – {_text(high, share)}")
        for level in levels:
            above[level].append(f"{_DAY * float((values >= level).mean()):.0f} h")
            after[level].append(_until(asked, curve, level))
    rows = [Row("Lowest", tuple(least)), Row("Mean", tuple(mean)), Row("Highest", tuple(most))]
    if band:
        rows.append(Row("5–95 % of people", tuple(band)))
    stopping = any(asked.stops for asked, _ in pairs)
    for level in levels:
        if stopping:
            rows.append(Row(f"Below {100 * level:g} % after", tuple(after[level])))
        else:
            rows.append(Row(f"Hours a day ≥ {100 * level:g} %", tuple(above[level])))
    return rows


def _until(asked: Regimen, curve: Curve, level: float) -> str:
    """When the typical person is below the level for good, from the last dose on."""
    if not asked.doses:
        return "–"
    start = asked.doses[-1]
    over = np.flatnonzero((curve.typical >= level) & (curve.hours >= start))
    if not len(over):
        return "never reached"
    if over[-1] == len(curve.hours) - 1:
        return f"more than {_hours(float(curve.hours[-1]) - start)}"
    return _hours(float(curve.hours[over[-1] + 1]) - start)


def _hours(hours: float) -> str:
    return f"{hours:.0f} h" if hours < 3 * _DAY else f"{hours / _DAY:.1f} d"


def _text(value: float, share: bool) -> str:
    return f"{100 * value:.0f} %" if share else f"{value:.2g}" if value < 10 else f"{value:.0f}"
