"""Results that follow from others by a published formula."""

from __future__ import annotations

from posology.monograph.model import Concept

from . import units
from .model import Entry, Record, Value

EGFR_UNIT = "mL/min/{1.73_m2}"


def ckd_epi_2021(creatinine: float, age: float, female: bool) -> float:
    """Estimated glomerular filtration rate in mL/min/1.73 m2.

    `creatinine` in mg/dL, `age` in years. CKD-EPI creatinine equation 2021, without race: Inker LA et al,
    N Engl J Med 2021;385:1737-1749, table 2.
    """
    kappa, alpha = (0.7, -0.241) if female else (0.9, -0.302)
    ratio = creatinine / kappa
    rate: float = 142.0 * min(ratio, 1.0) ** alpha * max(ratio, 1.0) ** -1.200 * 0.9938**age
    return rate * 1.012 if female else rate


def egfr_entry(result: Entry, record: Record, creatinine: Concept) -> Entry | None:
    """An eGFR computed from a serum creatinine, or None where age or sex is not known, or the person is a child."""
    value = result.value
    if value is None or value.low is None or value.high is None or record.born is None:
        return None
    factor = units.factor(value.unit, creatinine.unit, creatinine.conversions)
    if factor is None or creatinine.unit != "mg/dL" or record.sex not in ("female", "male"):
        return None
    age = (result.span.hi - record.born.lo) / 365.25
    if age < 18 or value.low <= 0 or value.high == float("inf"):
        return None
    female = record.sex == "female"
    best = ckd_epi_2021(value.low * factor, age, female)
    worst = ckd_epi_2021(value.high * factor, age, female)
    entry = Entry(
        "observation", result.ref, result.resource, f"eGFR from {result.title}", "derived ckd-epi-2021"
    )
    entry.span, entry.instant, entry.state = result.span, result.instant, result.state
    entry.value = Value(worst, best, unit=EGFR_UNIT, text=f"{worst:.0f} mL/min/1.73 m2 (CKD-EPI 2021)")
    return entry
