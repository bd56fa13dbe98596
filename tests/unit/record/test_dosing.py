import time

import pytest

from posology.record.dosing import daily_dose
from posology.record.fhir_types import Dosage, DoseAndRate, Quantity, Repeat, Timing


@pytest.mark.parametrize(
    ("text", "milligrams"),
    [
        ("Take 50 mg tablet daily", 50.0),
        ("50mg tablet once daily", 50.0),
        ("12 mg capsule nightly", 12.0),
        ("2 x 50 mg tablets daily", 100.0),
        ("50 mg in the morning\nand 50 mg at night", 100.0),
    ],
)
def test_the_digits_of_a_strength_are_no_count_of_pieces(text: str, milligrams: float) -> None:
    assert daily_dose([Dosage(text=text)], "examplol 50 mg tablet", 1).mg_per_day == milligrams


@pytest.mark.parametrize("text", ["morning ", "1", "1.1", "one ", "1 an ", "every ", "no more than "])
def test_a_megabyte_of_instructions_is_read_in_time(text: str) -> None:
    long = text * (1_000_000 // len(text))
    begun = time.perf_counter()
    daily_dose([Dosage(text=long)], f"examplol {long}", 1)
    assert time.perf_counter() - begun < 20, "minutes where a pattern backtracks"


@pytest.mark.parametrize(
    ("amount", "period", "text"),
    [(-50.0, 1.0, None), (50.0, -1.0, None), (1e308, 1e-10, None), (None, 1.0, f"{'9' * 400} mg daily")],
)
def test_an_impossible_dose_is_not_a_number(amount: float | None, period: float, text: str | None) -> None:
    asked = Dosage(
        text=text,
        timing=Timing(repeat=Repeat(frequency=1, period=period, periodUnit="d")),
        doseAndRate=[] if amount is None else [DoseAndRate(doseQuantity=Quantity(value=amount, unit="mg"))],
    )
    dose = daily_dose([asked], "examplol 50 mg tablet", 1)
    assert dose.mg_per_day is None
    assert dose.problem == "an impossible dose"


def test_a_weekly_dose_is_more_on_its_day_than_on_average() -> None:
    dose = daily_dose([Dosage(text="Take 350 mg once a week")], "examplol 50 mg tablet", 1)
    assert dose.mg_on_a_day == 350.0
    assert dose.mg_per_day == pytest.approx(50.0)
