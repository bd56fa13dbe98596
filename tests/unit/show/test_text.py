import re

import pytest
from msgspec.structs import replace

from posology.show import words
from posology.show.text import render

from .factory import ALL, FORBIDDEN, cannot_tell, entry, finding, fine, gap, hostile, result, survey, taking


def flat(text):
    return re.sub(r"\s+", " ", text)


def shown(answer, width=88):
    return flat(render(answer, color=False, width=width))


@pytest.mark.parametrize("name", ALL)
@pytest.mark.parametrize("width", [40, 60, 88, 200])
def test_plain_text_holds_no_escape_sequence_and_keeps_its_width(name, width):
    text = render(ALL[name], color=False, width=width)
    assert not set(text) & set(FORBIDDEN)
    assert max(map(len, text.splitlines())) <= width
    assert text.endswith("\n")
    assert "\n\n\n" not in text


@pytest.mark.parametrize("name", ALL)
def test_colour_adds_only_colour(name):
    coloured = render(ALL[name], color=True, width=88)
    bare = re.sub(r"\x1b\[[0-9;]*m", "", coloured)
    assert coloured != bare
    assert bare == render(ALL[name], color=False, width=88)


def test_the_verdict_comes_first_with_what_it_means():
    text = render(result(), color=False, width=88)
    assert text.startswith("NOT NOW - somedrug for chronic pain, low-dose\nUS, as of 2026-11-22 · starting\n")
    assert words.MEANING["not-now"] in text
    assert "Earliest: 2026-12-02, if no further dose is taken." in text
    assert render(taking(), color=False, width=88).startswith("HOLD")


def test_every_verdict_has_a_meaning():
    assert set(words.MEANING) == set(words.RANKS)


def test_a_reason_names_entry_value_match_basis_source_and_the_verdict_without_it():
    made = result(reasons=(finding(entries=(entry(value="5 mg"),), note="nearly"),))
    text = shown(made)
    for part in (
        "Opioid in use: not now until 2026-12-02",
        "It brings on withdrawal.",
        "2026-11-20",
        "opium tablet",
        "5 mg",
        "MedicationRequest/m1",
        "matched by code",
        "Note: nearly",
        "Basis: label",
        "label-a#4",
        "article#C10",
        "Without it: suitable.",
    ):
        assert part in text


def test_own_judgement_is_called_so():
    assert "this project's clinical judgement, not a label statement" in shown(
        result(reasons=(finding(basis="judgement"),))
    )
    assert "Start low. [own-judgement] (this project's judgement)" in shown(result())


def test_what_is_missing_comes_with_both_verdicts_and_what_blocks_first():
    text = shown(cannot_tell())
    assert (
        "? ALT within the last 90 days: not recorded (if it speaks against: avoid; if not: suitable)" in text
    )
    assert "- a pain score: not recorded (either way: suitable)" in text
    assert text.index("ALT within") < text.index("a pain score")


def test_like_gaps_are_told_together():
    made = result(missing=(gap("ALT"), gap("AST"), gap("eGFR", why="too old")))
    assert "? ALT; AST: not recorded" in shown(made)
    assert "? eGFR: too old" in shown(made)


def test_sections_stand_in_order():
    text = render(result(), color=False, width=88)
    order = [
        "NOT NOW",
        "! 1 entry",
        "REASONS",
        "MISSING",
        "PRECAUTIONS",
        "MONITORING DUE",
        "WORK-UP",
        "NEXT STEPS",
        "EVIDENCE",
        "WHERE SOURCES DISAGREE",
        "SET ASIDE",
        "COULD NOT BE READ",
        "Versions:",
        "Decision support",
    ]
    places = [text.index(part) for part in order]
    assert places == sorted(places)


def test_work_up_is_not_a_precaution():
    text = render(result(), color=False, width=88)
    assert text.index("WORK-UP") < text.index("Two symptoms")
    assert "Liver tests, week 12: Test ALT." in flat(text)


def test_evidence_says_what_speaks_against_first():
    assert "Against an average benefit; off-label. Two trials were negative." in shown(result())
    assert "No place in this use; off-label." in shown(
        replace(result(), use=replace(result().use, indicated=False))
    )


def test_long_lists_are_cut_and_counted():
    many = tuple(
        finding(f"s{n}", title=f"Reason {n}", entries=tuple(entry(f"Observation/{m}") for m in range(9)))
        for n in range(9)
    )
    text = shown(result(reasons=many))
    assert "and 3 more (--format json)" in text
    assert "and 5 more (--format json)" in text
    assert "the same entries as in 1" in text


def test_nothing_to_say_is_short():
    text = render(fine(), color=False, width=88)
    assert "REASONS" not in text
    assert "Earliest" not in text
    assert "1 statements put to the record" in text


def test_an_answer_that_fits_a_screen():
    assert len(render(result(), color=False, width=88).splitlines()) < 60


def test_hostile_text_stays_visible_but_inert():
    text = render(hostile(), color=False, width=88)
    assert "<script>" in text  # in a terminal this is only text
    assert "\ufffd[31mred" in text


def test_a_survey_lists_every_use_and_tells_the_same_answer_once():
    text = render(survey(), color=False, width=88)
    head = text.partition("details of these follow")[0]
    for use in ("* chronic pain", "* fibromyalgia", "* migraine", "- gout"):
        assert use in head
    assert re.search(r"migraine +X avoid +Opioid in use", head)
    assert re.search(r"gout +\+ suitable +off-label; the evidence is against a benefit", head)
    assert "The same answer for: fibromyalgia." in text
    assert text.count("It brings on withdrawal.") == 2  # once for each reason: opioid-now and never
    assert "Opioid in use: not now until 2026-12-02 (as above)" in text
    assert text.count("MedicationRequest/m1") <= 4


def test_a_survey_of_uses_without_a_reason_says_how_to_ask():
    from posology.check.result import Survey

    absent = survey().results[3]
    assert "--for" in render(Survey("somedrug", (absent,)), color=False, width=88)
    assert "no uses" in render(Survey("somedrug", ()), color=False, width=88)
