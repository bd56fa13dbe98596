"""`stop_reason` of DRUG_EXPOSURE as a status.

It is free text of the source, and most of what stands there is why ("adverse effect", "changed") or a remark
("medication error", which was given). Only text that plainly says that the medicine was stopped, or that its
course is complete, ends it; only text that as a whole says that the row is an error takes the row away. An
unknown reason ends nothing: a medicine that is taken for stopped, and is not, is the more dangerous mistake,
and what really ended has an end date, or a later row that says so.
"""

from __future__ import annotations

import re

from .cells import words

_ERRORS = frozenset(
    [
        "error",
        "entered in error",
        "entered-in-error",
        "data entry error",
        "charted in error",
        "ordered in error",
    ]
)
_COMPLETED = re.compile(r"(?<![\w-])(?:completed?|completion|finished|fulfilled|end of course)(?![\w-])")
_STOPPED = re.compile(
    r"(?<![\w-])(?:stop|stopped|discontinued|discontinuation|ceased|cessation|withdrawn|cancell?ed|terminated|"
    r"halted|d/c|d/c'?d|dc'd)(?![\w-])"
)
_NOT = re.compile(
    r"(?<![\w-])(?:not|never|no|non|without|until|unless|if|when|will|to be|should|may|almost|nearly|partly|"
    r"partially|planned|don't|do not)(?![\w-])|n't\b"
)
"""Words that make it no statement that it has been stopped, or completed."""


def status_of(stop_reason: str | None) -> str:
    """``entered-in-error``, ``completed``, ``stopped``, or empty where it says nothing of the kind."""
    reason = " ".join(words(stop_reason).lower().split())
    if reason in _ERRORS:
        return "entered-in-error"
    if not reason or _NOT.search(reason):
        return ""
    if _STOPPED.search(reason):
        return "stopped"
    return "completed" if _COMPLETED.search(reason) else ""
