"""Small counts of people, shown so that nobody can be singled out: suppressed, rounded, and not to be worked out.

A count of nobody is shown as 0: it says nothing of anybody who is there. A count below the threshold is shown
as "fewer than", any other one rounded. Where counts add up to a total that is shown, further ones are hidden
until no suppressed count can be worked out from the rest, whatever is shown of it elsewhere on the page.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

Key = tuple[str, ...]
BASE = 5
"""Counts are rounded to the nearest multiple of this."""
_MANY = 1 << 60
COARSE_BASE, COARSE_FROM = 50, 500
"""Large totals are rounded to this, instead of being hidden, from this size on."""
ZERO, SMALL, ABOUT, COARSE, HIDDEN, EXACT = "zero", "small", "about", "coarse", "hidden", "exact"


class Sum(NamedTuple):
    """Counts that add up to another one."""

    total: Key
    parts: tuple[Key, ...]


class Count(NamedTuple):
    """A count as it is shown. `value` is for `about`, `coarse` and `exact`, and 0 for `zero`; else None."""

    kind: str
    value: int | None


def rounded(count: int, threshold: int) -> int:
    """To the nearest multiple of `BASE`, never to less than the threshold."""
    return max((count + BASE // 2) // BASE * BASE, least(threshold))


def least(threshold: int) -> int:
    """The smallest number that is shown of counts that are not suppressed, save 0."""
    return -(-max(threshold, 1) // BASE) * BASE


def bounds(count: Count, threshold: int) -> tuple[int, int]:
    """All that a reader knows of what was counted."""
    if count.kind == SMALL:
        return 1, threshold - 1
    if count.value is None:
        return 0, _MANY
    if count.kind == COARSE:
        return count.value - COARSE_BASE // 2, count.value + (COARSE_BASE - 1) // 2
    if count.kind == ABOUT:
        low = threshold if count.value == least(threshold) else count.value - BASE // 2
        return max(low, threshold, 1), count.value + BASE // 2
    return count.value, count.value


def alone(count: int, threshold: int) -> Count:
    """A count that is part of no sum."""
    if count == 0:
        return Count(ZERO, 0)
    return Count(SMALL, None) if count < threshold else Count(ABOUT, rounded(count, threshold))


def protect(
    counts: Mapping[Key, int],
    sums: Iterable[Sum],
    threshold: int,
    known: Iterable[Key] = (),
    keep: Container[Key] = (),
) -> dict[Key, Count]:
    """Every count as it may be shown.

    `known` are totals that a reader has exactly, from elsewhere; those in `keep` are hidden only where
    hiding others does not do, and large ones of them are first rounded more coarsely. What a suppressed total
    is made of is not shown at all.
    """
    return _Guard(counts, tuple(sums), threshold, frozenset(known), keep).protected()


def exact(counts: Mapping[Key, int]) -> dict[Key, Count]:
    """Every count as it is."""
    return {key: Count(EXACT, count) for key, count in counts.items()}


class Pooled(NamedTuple):
    """Names with their counts, the largest first, and all others together: so many names, so many people."""

    named: tuple[tuple[str, Count], ...]
    others: int
    rest: Count


def pooled(counts: Mapping[str, int], threshold: int, suppress: bool, most: int) -> Pooled | None:
    """At most so many counts of a sum that is shown, and the rest in one, none of them below the threshold.

    None if not even their sum is as large as that.
    """
    ordered = sorted(counts.items(), key=lambda one: -one[1])
    if not suppress:
        named, rest = ordered[:most], ordered[most:]
        left = sum(count for _, count in rest)
        return Pooled(
            tuple((name, Count(EXACT, count)) for name, count in named), len(rest), Count(EXACT, left)
        )
    if sum(counts.values()) < threshold:
        return None
    large = sum(count >= threshold for _, count in ordered)
    cut = min(most, large)
    while 0 < sum(count for _, count in ordered[cut:]) < threshold:
        cut -= 1
    rest = ordered[cut:]
    return Pooled(
        tuple((name, alone(count, threshold)) for name, count in ordered[:cut]),
        len(rest),
        alone(sum(count for _, count in rest), threshold),
    )


class _Guard:
    """Hides counts one after the other until every suppressed one may be anything below the threshold."""

    def __init__(
        self,
        counts: Mapping[Key, int],
        sums: tuple[Sum, ...],
        threshold: int,
        known: frozenset[Key],
        keep: Container[Key],
    ) -> None:
        self._counts, self._sums, self._threshold = counts, sums, threshold
        self._known, self._keep = known, keep
        self._shown = {key: alone(count, threshold) for key, count in counts.items()}
        self._of: dict[Key, list[Sum]] = {}
        for each in sums:
            for key in _all(each):
                self._of.setdefault(key, []).append(each)

    def protected(self) -> dict[Key, Count]:
        for each in self._sums:
            if 0 < self._counts[each.total] < self._threshold:
                for key in each.parts:
                    if key not in self._known:
                        self._shown[key] = Count(HIDDEN, None)
        self._pair()
        while (weak := self._weakest()) is not None and self._strengthen(weak):
            self._pair()
        return self._shown

    def _unseen(self, key: Key) -> bool:
        return key not in self._known and self._shown[key].kind in (SMALL, COARSE, HIDDEN)

    def _pair(self) -> None:
        """A count that is not shown never stands alone in a sum: the difference would give it."""
        changed = True
        while changed:
            changed = False
            for each in self._sums:
                if sum(map(self._unseen, _all(each))) == 1:
                    changed = self._hide_one(each) or changed

    def _hide_one(self, each: Sum) -> bool:
        """Hide what is missed least: a detail, one that is in few sums, a part, a small one; False if none is left."""
        members = [key for key in _all(each) if self._may_hide(key)]
        if not members:
            return False
        least_lost = min(
            members,
            key=lambda key: (
                key in self._keep,
                not self._may_be_coarse(key),
                len(self._of[key]),
                key == each.total,
                self._counts[key],
            ),
        )
        coarse = (self._counts[least_lost] + COARSE_BASE // 2) // COARSE_BASE * COARSE_BASE
        self._shown[least_lost] = (
            Count(COARSE, coarse) if self._may_be_coarse(least_lost) else Count(HIDDEN, None)
        )
        return True

    def _may_be_coarse(self, key: Key) -> bool:
        return key in self._keep and self._counts[key] >= COARSE_FROM and self._shown[key].kind == ABOUT

    def _may_hide(self, key: Key) -> bool:
        return self._shown[key].kind in (ABOUT, COARSE) and key not in self._known

    def _weakest(self) -> Key | None:
        """A suppressed count of which a reader could work out more than that it is below the threshold."""
        reach = self._reach()
        for key, count in self._counts.items():
            if 0 < count < self._threshold and self._unseen(key):
                low, high = reach[key]
                if (low > 1 or high < self._threshold - 1) and not self._given_up(key):
                    return key
        return None

    def _given_up(self, key: Key) -> bool:
        """Is everything hidden already that could be?"""
        return all(
            self._is_hidden(other) for ring in self._rings(key) for each in ring for other in _all(each)
        )

    def _is_hidden(self, key: Key) -> bool:
        return self._shown[key].kind == HIDDEN or key in self._known

    def _rings(self, key: Key) -> Iterator[list[Sum]]:
        """The sums with this count, those that share a count with these, and so on."""
        seen: set[Sum] = set()
        ring = self._of.get(key, [])
        while ring:
            yield ring
            seen.update(ring)
            near = {other: None for each in ring for one in _all(each) for other in self._of[one]}
            ring = [each for each in near if each not in seen]

    def _strengthen(self, key: Key) -> bool:
        """Hide one more count near this one; where none is left also which of them are small, and which 0."""
        reach = self._reach()

        def room(each: Sum) -> int:
            return reach[each.total][1] - sum(reach[part][0] for part in each.parts if part != key)

        for ring in self._rings(key):
            for each in sorted(ring, key=room):
                if self._hide_one(each):
                    return True
            for each in ring:
                shown = [other for other in _all(each) if not self._is_hidden(other)]
                for other in shown:
                    self._shown[other] = Count(HIDDEN, None)
                if shown:
                    return True
        return False

    def _reach(self) -> dict[Key, tuple[int, int]]:
        """What each count can be at least and at most, by everything that is shown and what adds up."""
        reach = {
            key: (self._counts[key],) * 2 if key in self._known else bounds(count, self._threshold)
            for key, count in self._shown.items()
        }
        return narrowed(reach, self._sums)


def _all(each: Sum) -> tuple[Key, ...]:
    return (*each.parts, each.total)


def narrowed(reach: Mapping[Key, tuple[int, int]], sums: Iterable[Sum]) -> dict[Key, tuple[int, int]]:
    """Bounds of counts made as narrow as the sums allow."""
    found, changed = dict(reach), True
    sums = tuple(sums)
    while changed:
        changed = False
        for total, parts in sums:
            low, high = sum(found[key][0] for key in parts), sum(found[key][1] for key in parts)
            changed = _narrow(found, total, low, high) or changed
            least_, most = found[total]
            for key in parts:
                mine = found[key]
                changed = _narrow(found, key, least_ - (high - mine[1]), most - (low - mine[0])) or changed
                low, high = low + found[key][0] - mine[0], high + found[key][1] - mine[1]
    return found


def _narrow(found: dict[Key, tuple[int, int]], key: Key, low: int, high: int) -> bool:
    old = found[key]
    new = (max(old[0], low), min(old[1], high))
    if new == old or new[0] > new[1]:
        return False
    found[key] = new
    return True
