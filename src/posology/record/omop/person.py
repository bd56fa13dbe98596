"""PERSON and DEATH: one Patient."""

from __future__ import annotations

from typing import Any

from .cells import BadRow, Row, day, moment, whole, words
from .terms import Terms

COLUMNS = (
    "person_id",
    "gender_concept_id",
    "year_of_birth",
    "month_of_birth",
    "day_of_birth",
    "birth_datetime",
    "gender_source_value",
    # of DEATH: the earliest date, and how many rows there are
    "death_date",
    "death_datetime",
    "deaths",
)
_GENDER = {"8507": "male", "8532": "female", "8521": "other", "44814653": "unknown", "8551": "unknown"}
_WORDS = {"m": "male", "male": "male", "f": "female", "female": "female"}


def resource(row: Row, _terms: Terms, _codes: str = "") -> dict[str, Any]:
    """The Patient; `deceasedBoolean` where DEATH has a row without a date."""
    person, gender, year, month, day_, birth, source, died, died_at, deaths = row
    made: dict[str, Any] = {"resourceType": "Patient", "id": person}
    known = whole("gender_concept_id", gender)
    sex = _GENDER.get(str(known)) or _WORDS.get(words(source).lower())
    if sex:
        made["gender"] = sex
    if born := _born(year, month, day_, birth):
        made["birthDate"] = born
    if when := moment("death_date", died, died_at):
        made["deceasedDateTime"] = when
    elif whole("deaths", deaths):
        made["deceasedBoolean"] = True
    return made


def _born(year: str | None, month: str | None, day_: str | None, birth: str | None) -> str | None:
    parts = [
        whole("year_of_birth", year),
        whole("month_of_birth", month),
        whole("day_of_birth", day_),
    ]
    if not parts[0]:
        return day("birth_datetime", birth)
    if not 1 <= parts[0] <= 9999:
        raise BadRow("year_of_birth is no year")
    if not parts[1]:
        return f"{parts[0]:04d}"
    if not parts[2]:
        return day("month_of_birth", f"{parts[0]:04d}-{parts[1]:02d}-01")[:7]  # type: ignore[index]
    return day("day_of_birth", f"{parts[0]:04d}-{parts[1]:02d}-{parts[2]:02d}")
