import pytest

from posology.regimen.measures import minutes


@pytest.mark.parametrize(
    ("text", "found"), [("2 weeks", 20160), ("1.5 h", 90), ("36h", 2160), (" 90D ", 129600)]
)
def test_durations(text: str, found: int) -> None:
    assert minutes(text) == found


@pytest.mark.parametrize("text", ["3 fortnights", "0.001 h", "soon", "", "5", "1111111111111 h"])
def test_what_is_no_duration(text: str) -> None:
    assert minutes(text) is None
