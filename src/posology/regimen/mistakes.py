"""What people write instead of rx, and what they should write.

Error-prone abbreviations are those that the Institute for Safe Medication Practices lists because they have been
misread in real orders.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Set as AbstractSet

from posology.regimen.error import RxError
from posology.regimen.measures import UNITS
from posology.regimen.part import ROUTES

UNIT_HELP = f"write one of {', '.join(UNITS)}, or one of these per kg: mg/kg"
AMOUNT_HELP = "write a number and a unit, such as 50 mg"
DURATION_HELP = "write a number of min, hours, days or weeks, such as 30 min or 4 weeks"
CLAUSE_HELP = (
    "after the amount stand a route (po), over 30 min, how often (q24h, nightly, mon-fri), an end (x28, for 4 weeks,"
    " until 2027-03-01), at 08:00, after 2 days, ss; then 'then' or '&'"
)

_DAILY = "write daily or q24h"
_NO_MONTH = "a month is not a fixed number of days", "write q4w (28 days) or q30d"
_INSTEAD = {
    "qd": ("'qd' has been misread as qid", _DAILY),
    "q.d": ("'q.d.' has been misread as qid", _DAILY),
    "od": ("'od' has been misread as the right eye", _DAILY),
    "once": ("'once' does not say how often", "leave it out for a single dose, or write daily"),
    "qod": ("'qod' has been misread as qd and qid", "write q48h"),
    "eod": ("'eod' is not understood everywhere", "write q48h"),
    "hs": ("'hs' has been misread as half-strength", "write nightly"),
    "qhs": ("'qhs' has been misread as every hour", "write nightly"),
    "qn": ("'qn' has been misread as every hour", "write nightly"),
    "bd": ("'bd' is not understood everywhere", "write bid"),
    "tds": ("'tds' is not understood everywhere", "write tid"),
    "qds": ("'qds' is not understood everywhere", "write qid"),
    "tiw": ("'tiw' has been misread as three times a day", "write the days: mon,wed,fri"),
    "biw": ("'biw' is twice a week for some and every two weeks for others", "write the days: mon,thu"),
    "qw": ("'qw' has no number", "write q1w or weekly"),
    "qm": _NO_MONTH,
    "monthly": _NO_MONTH,
    "yearly": ("a year is not a fixed number of days", "write q52w or q365d"),
    "hourly": ("'hourly' has no number", "write q1h"),
    "weekdays": ("'weekdays' is not a list of days", "write mon-fri"),
    "weekends": ("'weekends' is not a list of days", "write sat,sun"),
    "every": ("'every' is not written out", "write q and the interval: q24h"),
    "prn": ("a dose as needed has no time", "write only doses that have one"),
    "stat": ("'stat' is a time only for whoever wrote it", "leave it out: the first dose is due at once"),
    "sq": ("'sq' has been misread as '5 every'", "write sc"),
    "subq": ("'subq' has been misread as 'sub every'", "write sc"),
    "in": ("'in' has been misread as im and iv", "write nasal"),
    "intranasal": ("'intranasal' is not a route", "write nasal"),
    "oral": ("'oral' is not a route", "write po"),
    "orally": ("'orally' is not a route", "write po"),
    "and": ("'and' joins nothing", "write & for doses in parallel, then for doses that follow"),
    "+": ("'+' joins nothing", "write & for doses in parallel"),
    ",": ("a comma joins nothing", "write & for doses in parallel, then for doses that follow"),
    ";": ("a semicolon joins nothing", "write & for doses in parallel, then for doses that follow"),
}
_UNIT_INSTEAD = {
    **dict.fromkeys(("u", "iu", "units"), "'{}' has been misread as 0 or 4, and is not a mass"),
    **dict.fromkeys(("ml", "cc", "l"), "'{}' is a volume, and its strength is not known"),
    **dict.fromkeys(("tablet", "tablets", "tab", "tabs", "puff", "puffs"), "'{}' is not a mass"),
}
_SAME_LOOK = {**dict.fromkeys("–—−‐‑‒", "-"), "×": "x", "·": ".", "‚": ",", "＆": "&"}
_KEYWORDS = ("over", "daily", "nightly", "weekly", "for", "until", "ongoing", "after", "then")
_DAY_NAME = re.compile(r"(mon|tue|wed|thu|fri|sat|sun)", re.IGNORECASE)


def strange_character(text: str) -> RxError | None:
    """The error for the first character that rx does not use, such as a dash or a letter that only looks Latin."""
    for position, char in enumerate(text):
        if (" " < char <= "~") or char in "µμ" or char.isspace():
            continue
        name = unicodedata.name(char, "no name")
        wrong = f"character U+{ord(char):04X} ({name}) is not used in rx"
        plain = _SAME_LOOK.get(char) or unicodedata.normalize("NFKC", char)
        plain_is_rx = len(plain) == 1 and " " < plain <= "~"
        right = f"write '{plain}'" if plain_is_rx else "write plain letters, digits and signs, or µ"
        return RxError(wrong, right, text=text, position=position)
    return None


def misplaced(text: str, position: int, expected: AbstractSet[str]) -> RxError:
    """The error for the text at `position`, where one of the terminals `expected` should have been."""
    word = _word(text, position)
    if "AMOUNT" in expected:
        wrong, right = _amount(word)
    elif "UNIT" in expected:
        wrong, right = _unit(word)
    elif "DURATION" in expected:
        wrong, right = _duration(word)
    elif "DATE" in expected:
        wrong, right = f"{_said(word)} is not a date", "write year-month-day, such as until 2027-03-01"
    elif "CLOCK" in expected:
        wrong, right = f"{_said(word)} is not a time of day", "write it on 24 hours, such as at 08:00"
    else:
        wrong, right = _clause(word, text[:position])
    return RxError(wrong, right, text=text, position=position)


def _word(text: str, position: int) -> str:
    match = re.compile(r"[&();,]|[^\s&();]+").match(text, position)
    return match[0][:40] if match else ""


def _said(word: str) -> str:
    return f"'{word}'" if word else "the end of the text"


def _amount(word: str) -> tuple[str, str]:
    if not word:
        return "an amount is missing at the end", AMOUNT_HELP
    if word == "(":
        return "a bracket stands only around parts that are joined by 'then', beside '&'", "leave it out here"
    if word.startswith("."):
        return (
            "a number begins with a point, and a point is easily overlooked: .5 has been given as 5",
            f"write 0{word}",
        )
    if word.startswith("-") and word[1:2].isdigit():
        return f"the amount {word} is below zero", "write an amount above 0"
    if re.match(r"[0-9]+[,'_]", word):
        return (
            f"'{word}' has a comma or mark in the number, which is a decimal point here and thousands there",
            "write 1000 for a thousand and 0.5 for a half",
        )
    if re.match(r"[0-9.]+-[0-9.]", word):
        return f"'{word}' is a range", "write the one amount that is given"
    if re.match(r"[0-9.]+/[0-9.]", word):
        return f"'{word}' is a fraction or a combination", "write a decimal number, or each drug on its own"
    if re.match(r"[0-9.]+e[0-9+-]", word, re.IGNORECASE):
        return f"'{word}' is written with an exponent", "write all its digits"
    if re.match(r"[0-9]+\.($|[^0-9])", word):
        return (
            f"'{word}' has a point without a digit after it, which has been read as more digits",
            AMOUNT_HELP,
        )
    return f"'{word}' is not an amount", AMOUNT_HELP


def _unit(word: str) -> tuple[str, str]:
    if not word:
        return "a unit is missing at the end", UNIT_HELP
    if word.lower() in ROUTES or word in "&()":
        return f"a unit is missing before '{word}'", UNIT_HELP
    why = _UNIT_INSTEAD.get(word.lower().rstrip("."))
    return (why.format(word) if why else f"'{word}' is not a unit"), UNIT_HELP


def _duration(word: str) -> tuple[str, str]:
    if not word:
        return "a duration is missing at the end", DURATION_HELP
    return f"'{word}' does not begin a duration", f"{DURATION_HELP}; for a number of doses write x28"


def _clause(word: str, before: str) -> tuple[str, str]:
    plain = word.lower().rstrip(".")
    if not word:
        return "a ')' is missing at the end", "close the bracket"
    if word == "&" or plain == "then":
        return (
            "'then' and '&' together could be read in two ways",
            "put brackets around the parts that follow one another: (… then …) & …; 'after' delays a part",
        )
    if word == "(":
        return "a bracket stands only around parts that are joined by 'then', beside '&'", "leave it out here"
    if word == ")":
        return "there is no bracket to close", "leave it out"
    instead = _INSTEAD.get(plain) or _INSTEAD.get(word[0])
    if instead:
        return instead
    if re.match(r"x[0-9-]", plain) or plain in {"x", "times"}:
        return f"'{word}' is not a number of doses or a duration", "write x28, or x4w for four weeks"
    if re.match(r"q[0-9.]|q$", plain):
        return f"'{word}' is not an interval", "write q and a number of min, h, d or w, such as q24h"
    if _DAY_NAME.match(word):
        return f"'{word}' is not a list of days", "write three letters a day: mon-fri, or mon,wed,fri"
    if word[0].isdigit() or word[0] == ".":
        return (
            f"'{word}' cannot stand here",
            "write 'then' or '&' before another amount, 'for' before a duration",
        )
    near = difflib.get_close_matches(plain, [*ROUTES, *_KEYWORDS], n=1, cutoff=0.6)
    hint = f"did you mean '{near[0]}'? " if near else ""
    return f"'{word}' is not a word of rx", f"{hint}{CLAUSE_HELP}"
