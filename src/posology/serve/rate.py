"""How many requests a client may send: a bucket of tokens for each address, in bounded memory."""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address
from time import monotonic

MOST_CLIENTS = 10_000
"""Addresses remembered; the one that was heard of longest ago is forgotten first."""


class Rate:
    """Token buckets. A bucket holds `burst` tokens at most and gets `per_second` new ones."""

    def __init__(self, per_second: float, burst: int, clock: Callable[[], float] = monotonic) -> None:
        self.per_second, self.burst, self.clock = per_second, burst, clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        """Tokens left, and when that was so."""

    def wait(self, client: tuple[str, int] | None) -> int:
        """Take a token of the client's: 0, or in how many seconds there will be one."""
        key, now = _key(client), self.clock()
        left, then = self._buckets.pop(key, (float(self.burst), now))
        left = min(self.burst, left + (now - then) * self.per_second)
        allowed = left >= 1
        self._buckets[key] = (left - 1 if allowed else left, now)
        if len(self._buckets) > MOST_CLIENTS:
            self._buckets.popitem(last=False)
        return 0 if allowed else max(1, math.ceil((1 - left) / self.per_second))

    def __len__(self) -> int:
        return len(self._buckets)


def _key(client: tuple[str, int] | None) -> str:
    """An address; of IPv6 the network, since one client has a whole one to choose from."""
    host = client[0] if client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return host[:64]
    if isinstance(address, IPv6Address) and address.ipv4_mapped is None:
        return str(IPv6Address(int(address) >> 64 << 64))
    return host
