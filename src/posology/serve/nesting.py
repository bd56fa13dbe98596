"""How deep JSON is nested, told from its bytes before anything decodes it."""

from __future__ import annotations

import numpy as np

_OTHERS = bytes(set(range(256)) - set(b'[]{}"'))
_STEP = np.zeros(256, np.int32)
_STEP[list(b"[{")], _STEP[list(b"]}")] = 1, -1
_PIECE = 1 << 20


def deeper_than(body: bytes, levels: int) -> bool:
    """Does JSON in these bytes open more than `levels` arrays and objects inside each other?

    Works on whole buffers, so that it costs a fraction of decoding. Brackets in strings do not count. For
    bytes that are not JSON the answer means nothing; the decoder will refuse them.
    """
    if b"\\" in body:
        # What is escaped cannot end a string: after this every quotation mark begins or ends one.
        body = body.replace(b"\\\\", b"").replace(b'\\"', b"")
    open_now, quotes = 0, 0
    for start in range(0, len(body), _PIECE):
        # Two quotation marks with no bracket between them, mostly a string's own, change nothing for any other mark.
        kept = body[start : start + _PIECE].translate(None, _OTHERS).replace(b'""', b"")
        if not kept:
            continue
        marks = np.frombuffer(kept, np.uint8)
        steps = _STEP.take(marks)
        if quotes or b'"' in kept:
            # In eight bits a count wraps, and stays odd or even.
            before = np.cumsum(marks == ord('"'), dtype=np.uint8) + np.uint8(quotes)
            steps *= (before & 1) ^ 1
            quotes = int(before[-1]) & 1
        depths = np.cumsum(steps)
        if depths.max() + open_now > levels:
            return True
        open_now += int(depths[-1])
    return False
