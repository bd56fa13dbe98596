"""Token buckets: a burst, then so many a second; each address for itself; bounded memory."""

from __future__ import annotations

from posology.serve import rate
from posology.serve.rate import Rate


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_burst_then_a_steady_rate() -> None:
    clock = Clock()
    limit = Rate(2.0, 3, clock)
    client = ("192.0.2.1", 1)
    assert [limit.wait(client) for _ in range(4)] == [0, 0, 0, 1]
    clock.now = 0.4
    assert limit.wait(client) == 1, "0.8 of a token is none"
    clock.now = 0.5
    assert limit.wait(client) == 0
    clock.now = 1000.0
    assert [limit.wait(client) for _ in range(4)] == [0, 0, 0, 1], "never more than a burst"


def test_the_wait_is_told_in_whole_seconds() -> None:
    limit = Rate(0.1, 1, Clock())
    assert limit.wait(("192.0.2.1", 1)) == 0
    assert limit.wait(("192.0.2.1", 2)) == 10, "another port is the same client"


def test_each_address_for_itself_and_a_network_of_ipv6_as_one() -> None:
    limit = Rate(1.0, 1, Clock())
    assert limit.wait(("192.0.2.1", 1)) == 0
    assert limit.wait(("192.0.2.2", 1)) == 0
    assert limit.wait(("2001:db8::1", 1)) == 0
    assert limit.wait(("2001:db8::2", 1)) == 1
    assert limit.wait(("2001:db8:0:1::1", 1)) == 0
    assert limit.wait(None) == 0


def test_memory_is_bounded() -> None:
    limit = Rate(1.0, 1, Clock())
    for number in range(rate.MOST_CLIENTS + 500):
        limit.wait((f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}", 1))
    assert len(limit) == rate.MOST_CLIENTS
