"""What the simulation page draws, and what it does not keep."""

import pytest

from posology.monograph.load import load_library
from posology.serve.web.sketching import Sketches, regimen

WEEK = 168.0


@pytest.fixture(scope="module")
def library():
    return load_library()


def asked(library, dose=4.5):
    return [regimen(library, "naltrexone", dose=dose, rhythm="po nightly", named="", hours=WEEK, stop=0)]


def kept(sketches):
    return repr(vars(sketches))


def test_usual_people_are_kept_and_somebody_s_traits_are_not(library):
    sketches = Sketches(library)
    usual = sketches.drawn("naltrexone", asked(library), WEEK, (), whole=False)
    assert "4.5 mg po nightly" in kept(sketches)
    before = kept(sketches)
    heavy = sketches.drawn("naltrexone", asked(library), WEEK, ("weight=123.4567",), whole=False)
    assert kept(sketches) == before
    assert "123.4567" not in kept(sketches)
    # They matter all the same.
    assert [each.chart for each in heavy] != [each.chart for each in usual]
    assert [each.title for each in heavy] == [each.title for each in usual]


def test_the_same_question_gives_the_same_charts(library):
    first, second = (
        Sketches(library).drawn("naltrexone", asked(library), WEEK, (), whole=False) for _ in range(2)
    )
    assert first == second
