"""Some subjects on their way through a timeline: their matrices, and the state at the beginning of each step."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from posology.errors import UsageError
from posology.simulate.system import Floats, System, Values, subjects
from posology.simulate.timeline import SAME, Dose, Timeline
from posology.simulate.transition import apply, columns_of, expm, product, rows_of, steady

Occasions = Mapping[str, Floats]
"""Fraction parameter, or `system.WHOLE` → factor of each dose and subject, (doses, S)."""

_FAR = 4096
"""From so many units on, a matrix is made anew."""
_TOGETHER = 16
"""Doses whose entries are made together where they differ between doses."""
_MANY = 64
"""How many matrices of odd spans are kept; irregular times would need one each."""


@dataclass(slots=True)
class Block:
    """Subjects that are moved together. `unit` is the span (h) whose multiples are asked for most."""

    system: System
    values: Values
    unit: float
    occasions: Occasions | None = None
    _a: Floats = field(init=False)
    _pattern: list[list[tuple[int, slice]]] = field(init=False)
    _squares: list[Floats] = field(init=False, default_factory=list)
    _phi: dict[float, Floats] = field(init=False, default_factory=dict)
    _entry: dict[str, Floats] = field(init=False, default_factory=dict)
    _entries: dict[str, tuple[int, Floats]] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._a = self.system.matrices(self.values)
        self._pattern = columns_of(self.system.reaches)

    @property
    def count(self) -> int:
        """How many subjects."""
        return subjects(self.values)

    def phi(self, hours: float) -> Floats:
        """Φ over so many hours, (n, n, S)."""
        times = round(hours / self.unit)
        if abs(times * self.unit - hours) < SAME:
            hours = times * self.unit
        else:
            times = 0
        if hours not in self._phi:
            if len(self._phi) > _MANY:
                self._phi.clear()
            self._phi[hours] = (
                self._power(times) if 0 < times < _FAR else expm(self._a, hours, self.system.reaches)
            )
        return self._phi[hours]

    def _power(self, times: int) -> Floats:
        found: Floats | None = None
        for bit in range(times.bit_length()):
            if times >> bit & 1:
                square = self.square(bit)
                found = square if found is None else self._times(found, square)
        assert found is not None
        return found

    def square(self, k: int) -> Floats:
        """Φ over 2ᵏ units."""
        if not self._squares:
            self._squares.append(expm(self._a, self.unit, self.system.reaches))
        while len(self._squares) <= k:
            self._squares.append(self._times(self._squares[-1], self._squares[-1]))
        return self._squares[k]

    def _times(self, a: Floats, b: Floats) -> Floats:
        found = np.empty_like(a)
        product(a, b, self._pattern, found)
        return found

    def entry(self, route: str, dose: int) -> Floats:
        """What one mg of this dose puts into each state, (n, S)."""
        if self.occasions:
            first, number = dose - dose % _TOGETHER, dose % _TOGETHER
            known = self._entries.get(route)
            if known is None or known[0] != first:
                some = slice(first, first + _TOGETHER)
                factors = {name: rows[some] for name, rows in self.occasions.items()}
                known = self._entries[route] = (first, self.system.entry(route, self.values, factors))
            entries: Floats = known[1][:, number]
            return entries
        if route not in self._entry:
            self._entry[route] = self.system.entry(route, self.values)
        return self._entry[route]

    def states(self, line: Timeline) -> Floats:
        """The state at the beginning of each step, after what happens then: (steps, n, S)."""
        x = np.zeros((len(self.system.states), self.count))
        found = np.empty((len(line.steps), *x.shape))
        pattern, spare = rows_of(self.system.reaches), np.empty_like(x)
        # What has been gathered is not in the body, and outlasts a reset.
        body = [i for i, name in enumerate(self.system.states) if not name.startswith(("auc:", "out:"))]
        for number, step in enumerate(line.steps):
            if step.reset:
                x[body] = 0.0
            for dose in step.doses:
                self._enter(line.doses[dose], dose, x)
            if step.infusing is not None:
                self._infuse(line, step.infusing, x)
            found[number] = x
            if number + 1 < len(line.steps):
                apply(self.phi(step.span), found[number], pattern, x, spare)
        return found

    def weights(self, output: str, spans: Sequence[float]) -> Floats:
        """What an output will be so many hours after a state: rows w·Φ(span) (S, states seen, spans).

        `spans` begin with 0 and grow.
        """
        seen = list(self.system.sees(output))
        table = np.empty((self.count, len(spans), len(seen)))
        table[:, 0] = self.system.observe(output, self.values)[seen].T
        moves: dict[float, Floats] = {}
        done = 1
        while done < len(spans):
            # The next rows are the last few moved on by one span, as far as they are the same distance apart.
            span, more = _same_move(spans, done)
            if span not in moves:
                moves[span] = np.ascontiguousarray(np.moveaxis(self.phi(span)[np.ix_(seen, seen)], 2, 0))
            np.matmul(table[:, done - more : done], moves[span], out=table[:, done : done + more])
            done += more
        return np.ascontiguousarray(np.swapaxes(table, 1, 2))

    def _enter(self, dose: Dose, number: int, x: Floats) -> None:
        route = dose.route or ""
        entry = self.entry(route, number)
        if dose.ss:
            x += self._steady(dose, entry * dose.amount)
        if not dose.duration:
            for state in self.system.into(route):
                x[state] += entry[state] * dose.amount

    def _steady(self, dose: Dose, entered: Floats) -> Floats:
        """What the doses before a steady-state dose have left by its time: Φ·(I − Φ)⁻¹ of what each left."""
        after, lasting = dose.ii, self.system.lasting(dose.route or "")
        passing = np.zeros((len(entered), 1))
        passing[list(lasting)] = 1.0
        if dose.duration:
            # One infusion, from an empty body to its end; from there on it is a bolus of what is left.
            x = np.zeros_like(entered)
            self._rates(entered / dose.duration, x)
            entered, after = self._moved(dose.duration, x), dose.ii - dose.duration
        try:
            found = steady(self.phi(dose.ii), entered * passing, lasting)
        except ValueError as error:
            raise UsageError(
                f"a steady state (ss) of {dose.amount:g} mg every {dose.ii:g} h: {error}"
            ) from None
        if after:
            found = self._moved(after, found)
        return found * passing

    def _moved(self, hours: float, x: Floats) -> Floats:
        found = np.empty_like(x)
        apply(self.phi(hours), x, rows_of(self.system.reaches), found, np.empty_like(x))
        return found

    def _infuse(self, line: Timeline, running: Sequence[int], x: Floats) -> None:
        """Set the rates anew as the sum over what runs, so that rounding leaves none behind."""
        rates = np.zeros_like(x)
        for number in running:
            dose = line.doses[number]
            rates += self.entry(dose.route or "", number) * (dose.amount / dose.duration)
        self._rates(rates, x)

    def _rates(self, rates: Floats, x: Floats) -> None:
        at = {name: index for index, name in enumerate(self.system.states)}
        for name, index in at.items():
            if name.startswith("rate:"):
                x[index] = rates[at[name.removeprefix("rate:")]]


def _same_move(spans: Sequence[float], done: int) -> tuple[float, int]:
    """By how much the last `more` spans before `done` have to be moved to give the next ones; most of them."""
    more = min(done, len(spans) - done)
    while more > 1:
        move = spans[done] - spans[done - more]
        if all(abs(spans[done + k] - spans[done - more + k] - move) < SAME for k in range(more)):
            break
        more //= 2
    return spans[done] - spans[done - more], more
