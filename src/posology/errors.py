"""One class and one exit code per kind of error.

Exit codes are part of the contract (README, "Exit codes"):

====  ===============================================================
code  meaning
====  ===============================================================
0     answered
2     the command line is wrong (also: unknown drug, use or region)
3     the input cannot be read (not JSON, truncated, too deep, too big)
4     the input is readable but is not one patient's FHIR R4 record
5     the knowledge (a monograph, a concept, a source) is wrong
6     a knowledge check failed (lint findings, cases, claims)
7     no plan: the knowledge or the verdict forbids it
130   interrupted; a screening run can be resumed
====  ===============================================================
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class PosologyError(Exception):
    """An error meant for the person at the keyboard: one sentence, no traceback."""

    exit_code = 1


class UsageError(PosologyError):
    """A question that cannot be put: unknown drug, use, region, product or date."""

    exit_code = 2


class InputError(PosologyError):
    """Bytes that cannot be read as JSON at all."""

    exit_code = 3


class RecordError(PosologyError):
    """Readable JSON that is not one patient's FHIR R4 record."""

    exit_code = 4


class KnowledgeError(PosologyError):
    """A monograph, concept or source file that is wrong; names file and line."""

    exit_code = 5


class CheckFailed(PosologyError):
    """Lint findings, failing cases or unanswered claims."""

    exit_code = 6


class NotPossible(PosologyError):
    """A plan that was understood and is refused: the knowledge or the verdict forbids it."""

    exit_code = 7


def unknown_name(what: str, given: str, known: Iterable[str]) -> UsageError:
    """An error for a name nobody knows, with the nearest spelling and the whole list."""
    names = sorted(known)
    near = difflib.get_close_matches(given.lower(), names, n=1, cutoff=0.5)
    hint = f" Did you mean '{near[0]}'?" if near else ""
    return UsageError(f"unknown {what} '{given}'.{hint} Known: {', '.join(names) or 'none'}.")
