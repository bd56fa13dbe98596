"""Work that takes the processor, done beside the loop that receives and sends."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TypeVar, TypeVarTuple

from anyio import CapacityLimiter
from anyio.lowlevel import RunVar
from anyio.to_thread import run_sync

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
_hands: RunVar[CapacityLimiter] = RunVar("posology.serve.hands")


async def done(function: Callable[[*Ts], T], *args: *Ts) -> T:
    """The result of `function`, computed in a thread.

    No more threads compute at a time than there are cores, since they share one interpreter. If whoever waits
    gives up, the thread still finishes, and keeps its place until then.
    """
    try:
        hands = _hands.get()
    except LookupError:
        hands = CapacityLimiter(max(2, os.cpu_count() or 1))
        _hands.set(hands)
    return await run_sync(function, *args, abandon_on_cancel=True, limiter=hands)
