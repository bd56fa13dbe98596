"""A server that was asked some thousands of times, well and badly, is as it was. `bench.serve.soak` asks it.

Bounded by count, and by time: on a busy machine it asks less. Figures that depend on the machine are compared
with those of the same run, above a floor.
"""

from __future__ import annotations

import sys

import pytest

from bench.serve.soak import Soaked, mix, soak, table
from tests.acceptance.server_process import served

MEMORY = 12e6
"""Bytes by which the memory may have grown: 4 KB of each request that stayed would be more than that."""
PEAK = 60e6
"""Bytes above the end that may be needed for a moment: a few records of those that are answered at once."""
FLOOR = 100.0
"""Milliseconds below which a p99 says more of the machine than of the server."""
pytestmark = [
    pytest.mark.slow,
    pytest.mark.xdist_group("serve-process"),
    pytest.mark.skipif(sys.platform != "linux", reason="what a process holds is read from /proc"),
]


@pytest.fixture(scope="module")
def soaked() -> Soaked:
    with served("--rate", "0", "--insecure") as server:
        found = soak(server.port, server.process.pid, seconds=30.0)
    print(table(found))
    return found


def test_everything_was_answered_as_it_should_be(soaked: Soaked) -> None:
    assert soaked.wrong == []
    answered = {name for name, _ in soaked.answers}
    assert answered == {each.name for each in mix() if not each.leaves}
    assert soaked.asked >= 500


def test_memory_is_flat(soaked: Soaked) -> None:
    assert soaked.end.resident - soaked.warm.resident < MEMORY, table(soaked)
    assert soaked.end.peak - soaked.end.resident < PEAK, table(soaked)


def test_no_file_and_no_thread_is_left_behind(soaked: Soaked) -> None:
    """Threads that compute are kept for the next time, at most one more for each core."""
    assert soaked.end.files <= soaked.warm.files, table(soaked)
    assert soaked.end.threads <= soaked.warm.threads + 2, table(soaked)


def test_the_last_requests_take_no_longer_than_the_first(soaked: Soaked) -> None:
    assert soaked.p99(2) < 2.5 * max(soaked.p99(0), FLOOR), table(soaked)
    assert soaked.processor[2] < 1.5 * soaked.processor[0], table(soaked)
