"""Small counts cannot be worked out: what a reader could find is searched for here by other means."""

from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posology.screen.disclosure import (
    ABOUT,
    COARSE,
    EXACT,
    HIDDEN,
    SMALL,
    ZERO,
    Count,
    Sum,
    alone,
    bounds,
    exact,
    least,
    narrowed,
    pooled,
    protect,
    rounded,
)

TOTAL = ("total",)
CAP = 120


def reach(count: Count, threshold: int) -> range:
    low, high = bounds(count, threshold)
    return range(low, min(high, CAP) + 1)


def possible(parts: list[range], total: range) -> list[set[int]]:
    """For each part: the values that it has in some way of adding up to a total that is possible."""
    found = []
    for number, mine in enumerate(parts):
        sums = {0}
        for other in parts[:number] + parts[number + 1 :]:
            sums = {done + more for done in sums for more in other if done + more <= CAP}
        found.append({value for value in mine if any(value + rest in total for rest in sums)})
    return found


@pytest.mark.parametrize(
    ("count", "threshold", "kind", "value"),
    [
        (0, 11, ZERO, 0), (1, 11, SMALL, None), (10, 11, SMALL, None), (11, 11, ABOUT, 15), (17, 11, ABOUT, 15),
        (18, 11, ABOUT, 20), (22, 11, ABOUT, 20), (23, 11, ABOUT, 25), (10_002, 11, ABOUT, 10_000),
        (1, 1, ABOUT, 5), (5, 5, ABOUT, 5), (4, 5, SMALL, None), (8, 6, ABOUT, 10),
    ],
)  # fmt: skip
def test_one_count(count, threshold, kind, value):
    assert alone(count, threshold) == (kind, value)


@settings(deadline=None)
@given(st.integers(1, 10_000), st.integers(1, 40))
def test_what_is_shown_covers_what_was_counted(count, threshold):
    shown = alone(count, threshold)
    low, high = bounds(shown, threshold)
    assert low <= count <= high
    if shown.kind == ABOUT:
        assert shown.value == rounded(count, threshold) >= least(threshold) >= threshold
        # No narrower than rounding to the nearest five would be, and no count that is shown looks small.
        assert high - low >= 2


def test_one_small_part_hides_the_next_smallest():
    counts = {TOTAL: 103, ("a",): 3, ("b",): 20, ("c",): 80}
    shown = protect(counts, [Sum(TOTAL, (("a",), ("b",), ("c",)))], 11)
    assert shown == {
        TOTAL: Count(ABOUT, 105),
        ("a",): Count(SMALL, None),
        ("b",): Count(HIDDEN, None),
        ("c",): Count(ABOUT, 80),
    }


def test_rounding_alone_would_not_do():
    # Rounded counts of 18, 18 and 37 are 20, 20 and 35: at least 18 and 18 of at most 37 leave exactly 1.
    counts = {TOTAL: 37, ("a",): 18, ("b",): 18, ("c",): 1}
    plain = {key: bounds(alone(count, 11), 11) for key, count in counts.items()}
    each = Sum(TOTAL, (("a",), ("b",), ("c",)))
    assert narrowed(plain, [each])["c",] == (1, 1)
    shown = protect(counts, [each], 11)
    assert narrowed({key: bounds(count, 11) for key, count in shown.items()}, [each])["c",] == (1, 10)


def test_a_suppressed_total_is_not_broken_down():
    counts = {TOTAL: 8, ("a",): 8, ("b",): 0}
    shown = protect(counts, [Sum(TOTAL, (("a",), ("b",)))], 11)
    assert [shown[key].kind for key in counts] == [SMALL, HIDDEN, HIDDEN]


def test_many_ones_hide_the_noughts_too():
    parts = tuple((f"p{number}",) for number in range(13))
    counts = {TOTAL: 11, **dict.fromkeys(parts[:11], 1), **dict.fromkeys(parts[11:], 0)}
    shown = protect(counts, [Sum(TOTAL, parts)], 11, known=[TOTAL])
    assert {shown[key].kind for key in parts} == {HIDDEN}


def test_a_large_total_is_rounded_before_anything_is_hidden():
    counts = {TOTAL: 2_003, ("a",): 3, ("b",): 2_000}
    shown = protect(counts, [Sum(TOTAL, (("a",), ("b",)))], 11, keep=counts)
    assert shown == {TOTAL: Count(ABOUT, 2_005), ("a",): Count(SMALL, None), ("b",): Count(COARSE, 2_000)}


@settings(deadline=None)
@given(st.integers(1, 10), st.integers(600, 800))
def test_nothing_can_be_worked_out_of_coarse_totals(small, large):
    each = Sum(TOTAL, (("a",), ("b",)))
    counts = {TOTAL: small + large, ("a",): small, ("b",): large}
    shown = protect(counts, [each], 11, keep=counts)
    assert shown["b",].kind == COARSE
    reach = narrowed({key: bounds(count, 11) for key, count in shown.items()}, [each])
    assert reach["a",] == (1, 10)
    assert all(reach[key][0] <= count <= reach[key][1] for key, count in counts.items())


def test_nothing_small_hides_nothing():
    counts = {TOTAL: 41, ("a",): 30, ("b",): 11, ("c",): 0}
    shown = protect(counts, [Sum(TOTAL, (("a",), ("b",), ("c",)))], 11)
    assert [shown[key].value for key in counts] == [40, 30, 15, 0]


def test_exact_is_exact():
    assert exact({TOTAL: 3}) == {TOTAL: Count(EXACT, 3)}


@settings(max_examples=300, deadline=None)
@given(st.lists(st.integers(0, 14), min_size=1, max_size=5), st.integers(2, 11), st.booleans())
def test_of_counts_that_add_up_none_can_be_worked_out(sizes, threshold, known):
    parts = [(f"p{number}",) for number in range(len(sizes))]
    total = sum(sizes)
    counts = {TOTAL: total} | dict(zip(parts, sizes, strict=True))
    shown = protect(counts, [Sum(TOTAL, tuple(parts))], threshold, known=[TOTAL] if known else [])
    if known and total < threshold:
        return  # whoever knows that there are three people knows that no group has four
    whole = range(total, total + 1) if known else reach(shown[TOTAL], threshold)
    found = possible([reach(shown[key], threshold) for key in parts], whole)
    for key, size, values in zip(parts, sizes, found, strict=True):
        assert size in values
        if 0 < size < threshold and shown[TOTAL].kind != SMALL:
            assert values >= set(range(1, threshold))
        if shown[key].kind == SMALL:
            assert values <= set(range(1, threshold))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=2, max_size=2))
def test_of_a_table_with_margins_none_can_be_worked_out(table):
    threshold = 4
    rows, columns = len(table), len(table[0])
    counts = {("c", str(r), str(c)): table[r][c] for r in range(rows) for c in range(columns)}
    counts |= {("row", str(r)): sum(table[r]) for r in range(rows)}
    counts |= {("column", str(c)): sum(row[c] for row in table) for c in range(columns)}
    counts[TOTAL] = sum(map(sum, table))
    sums = [
        *(Sum(("row", str(r)), tuple(("c", str(r), str(c)) for c in range(columns))) for r in range(rows)),
        *(Sum(("column", str(c)), tuple(("c", str(r), str(c)) for r in range(rows))) for c in range(columns)),
        Sum(TOTAL, tuple(("row", str(r)) for r in range(rows))),
        Sum(TOTAL, tuple(("column", str(c)) for c in range(columns))),
    ]
    shown = protect(counts, sums, threshold, known=[TOTAL])
    cells = [[reach(shown["c", str(r), str(c)], threshold) for c in range(columns)] for r in range(rows)]
    margin = [reach(shown["row", str(r)], threshold) for r in range(rows)]
    below = [reach(shown["column", str(c)], threshold) for c in range(columns)]
    for r, c in product(range(rows), range(columns)):
        if 0 < table[r][c] < threshold and not _inherent(table, r, c, threshold):
            values = {
                v for v in range(1, threshold) if _feasible(cells, margin, below, counts[TOTAL], r, c, v)
            }
            assert values == set(range(1, threshold)), (r, c)


def _inherent(table, r, c, threshold):
    """Is a margin so small that it tells by itself, or are there too few people at all?"""
    return (
        sum(table[r]) < threshold
        or sum(row[c] for row in table) < threshold
        or sum(map(sum, table)) < 2 * threshold
    )


def _feasible(cells, margin, below, total, r, c, value) -> bool:
    """Is there a table with this value there, that agrees with everything shown? By columns' sums so far."""
    limits = [max(column) for column in below]
    states = {(0,) * len(below)}
    for number, row in enumerate(cells):
        ranges = [range(value, value + 1) if (number, at) == (r, c) else one for at, one in enumerate(row)]
        states = {
            after
            for made in _rows(ranges, margin[number], total)
            for state in states
            if sum(after := tuple(map(sum, zip(state, made, strict=True)))) <= total
            and all(one <= limit for one, limit in zip(after, limits, strict=True))
        }
    return any(
        sum(state) == total and all(one in column for one, column in zip(state, below, strict=True))
        for state in states
    )


def _rows(ranges, margin, total):
    ranges = [range(one.start, min(one.stop, total + 1)) for one in ranges]
    return [made for made in product(*ranges) if sum(made) in margin]


@settings(deadline=None)
@given(
    st.dictionaries(st.text(max_size=3), st.integers(1, 40), max_size=8),
    st.integers(1, 11),
    st.integers(0, 4),
)
def test_pooled_counts_are_never_small(counts, threshold, most):
    found = pooled(counts, threshold, True, most)
    if found is None:
        assert sum(counts.values()) < threshold
        return
    assert len(found.named) <= most
    assert len(found.named) + found.others == len(counts)
    for _, count in found.named:
        assert count.kind == ABOUT
    assert found.rest.kind == (ABOUT if found.others else ZERO)
    exactly = pooled(counts, threshold, False, most)
    assert exactly is not None
    assert sum(count.value or 0 for _, count in exactly.named) + (exactly.rest.value or 0) == sum(
        counts.values()
    )
