"""Texts that mean nothing are refused at the character, with what would be right; and nothing else is ever raised."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from posology.errors import UsageError
from posology.regimen import Count, Every, For, Once, Part, Regimen, RxError, TimesADay, Weekdays, parse_rx

from ...generative.profiles import tries


def test_message() -> None:
    with pytest.raises(RxError) as caught:
        parse_rx("50 mgg po q24h")
    assert str(caught.value) == (
        "rx, character 4: 'mgg' is not a unit\n"
        "  50 mgg po q24h\n"
        "     ^\n"
        "write one of ng, mcg, mg, g, or one of these per kg: mg/kg"
    )
    assert isinstance(caught.value, UsageError)
    assert caught.value.exit_code == 2


@pytest.mark.parametrize(
    # The caret stands below the character after `|`.
    ("marked", "wrong", "right"),
    [
        # amounts
        ("|0 mg po", "the amount is 0", "0.000001"),
        ("|-5 mg po", "below zero", "above 0"),
        ("|.5 mg po", "begins with a point", "write 0.5"),
        ("|5. mg po", "point without a digit", "50 mg"),
        ("|1,000 mg po", "comma", "1000"),
        ("|0,5 mg po", "comma", "0.5"),
        ("|1'000 mg po", "comma or mark", "1000"),
        ("|1.5.2 mg po", "not an amount", "50 mg"),
        ("|1e400 mg po", "exponent", "all its digits"),
        ("|nan mg po", "not an amount", "50 mg"),
        ("|inf mg po", "not an amount", "50 mg"),
        ("|50-100 mg po", "range", "the one amount"),
        ("|1/2 mg po", "fraction", "decimal"),
        ("|9999999 mg po", "the amount is 9999999", "to 1000000"),
        ("|0.0000000001 mg po", "0.0000000001", "from 0.000001"),
        ("|" + "1" * 31 + " mg", "too long", "30 characters"),
        ("|po 50 mg", "'po' is not an amount", "50 mg"),
        # units
        ("50| ", "a unit is missing", "write one of ng, mcg"),
        ("50 |po q24h", "a unit is missing before 'po'", "write one of ng, mcg"),
        ("50 |mg/m2 po", "'mg/m2' is not a unit", "mg/kg"),
        ("50 |mg/kg/day po", "is not a unit", "mg/kg"),
        ("50 |U sc", "misread as 0 or 4", "write one of"),
        ("50 |ml po", "volume", "write one of"),
        ("50 |tablets po", "not a mass", "write one of"),
        # error-prone abbreviations
        ("50 mg po |qd", "misread as qid", "daily or q24h"),
        ("50 mg po |QOD", "misread", "q48h"),
        ("50 mg po |hs", "half-strength", "nightly"),
        ("50 mg po |q.d. x3", "misread as qid", "daily"),
        ("50 mg |sq q24h", "5 every", "sc"),
        ("50 mg |in", "im and iv", "nasal"),
        ("50 mg po |monthly", "not a fixed number of days", "q4w"),
        ("50 mg po |prn", "no time", "have one"),
        # intervals and days
        ("50 mg po |q24", "not an interval", "q24h"),
        ("50 mg po |q", "not an interval", "q24h"),
        ("50 mg po |q0h", "not above zero", "q24h"),
        ("50 mg po |q-4h", "not a word", "q24h"),
        ("50 mg po |q0.01h", "whole number of minutes", "90 min"),
        ("50 mg po |q99999w", "longer than 5200 weeks", "shorter"),
        ("50 mg po |q1month", "not an interval", "q24h"),
        ("50 mg po q24h |nightly", "second", "leave one out"),
        ("50 mg po q24h |mon", "second", "leave one out"),
        ("50 mg po |mon,mon", "twice", "each day once"),
        ("50 mg po |mon-wed,tue", "twice", "each day once"),
        ("50 mg po |mon-mon", "one day", "mon"),
        ("50 mg po |monday", "not a list of days", "mon-fri"),
        ("50 mg po |mon-", "not a list of days", "mon-fri"),
        ("50 mg po |weekdays", "not a list of days", "mon-fri"),
        # routes and words
        ("50 mg |nassal", "not a word", "did you mean 'nasal'?"),
        ("50 mg |im-x", "not a word", "did you mean 'im-xr'?"),
        ("50 mg |oral", "not a route", "po"),
        ("50 mg po |nasal", "second", "leave one out"),
        ("50 mg po |50 mg", "cannot stand here", "'then' or '&'"),
        ("50 mg po q24h|, 50 mg po", "comma", "&"),
        ("50 mg po q24h |and 50 mg po", "joins nothing", "&"),
        # ends
        ("50 mg po |x28", "single dose needs no end", "q24h x28"),
        ("50 mg po for |2 weeks", "single dose needs no end", "q24h x28"),
        ("50 mg po |ongoing", "single dose is not ongoing", "q24h"),
        ("50 mg po q24h |x0", "number of doses is 0", "x1"),
        ("50 mg po q24h |x-1", "not a number of doses", "x28"),
        ("50 mg po q24h |x1.5", "not a number of doses", "x28"),
        ("50 mg po q24h |x1000001", "1000001", "x1000000"),
        ("50 mg po q24h |x" + "9" * 5000, "too long", "12 digits"),
        ("50 mg po q24h x3 for |2 weeks", "second", "leave one out"),
        ("50 mg po q24h for |0 days", "not above zero", "4 weeks"),
        ("50 mg po q24h for |-2 days", "does not begin a duration", "weeks"),
        ("50 mg po q24h for |28", "does not begin a duration", "x28"),
        ("50 mg po q24h for |2 months", "does not begin a duration", "weeks"),
        ("50 mg po q24h until |2026-02-30", "no day 2026-02-30", "year-month-day"),
        ("50 mg po q24h until |0000-01-01", "no day", "year-month-day"),
        ("50 mg po q24h until |01/03/2027", "not a date", "2027-03-01"),
        ("50 mg po q24h until|", "the end of the text is not a date", "2027-03-01"),
        # times
        ("50 mg po q24h at |25:00", "no time 25:00", "00:00 to 23:59"),
        ("50 mg po q24h at |24:00", "no time 24:00", "00:00 to 23:59"),
        ("50 mg po q24h at |08:60", "no time 08:60", "00:00 to 23:59"),
        ("50 mg po q24h at |8am", "not a time of day", "08:00"),
        ("50 mg po bid at |08:00", "own times (08:00, 20:00)", "q12h at 07:00"),
        ("50 mg iv over |30 s", "does not begin a duration", "30 min"),
        ("50 mg iv over |0 min", "not above zero", "30 min"),
        ("50 mg iv over|", "a duration is missing", "30 min"),
        # steady state
        ("50 mg po |ss", "needs an interval", "q24h ss"),
        ("50 mg po q24h |ss after 2 days", "doses went before", "leave one"),
        ("25 mg po q24h x3 then 50 mg po q24h |ss", "after 'then'", "leave out"),
        ("5 mg po q6h at 05:00 & 50 mg po q4h at 20:00 |ss", "15 hours after", "earlier"),
        # joining
        ("50 mg po q24h then |25 mg po", "has no end", "x28"),
        ("50 mg po then |25 mg po", "says not when", "after 1 day"),
        ("50 mg po q24h &|", "amount is missing", "50 mg"),
        ("|& 50 mg po", "not an amount", "50 mg"),
        ("25 mg po q24h x7 then 50 mg po q24h |& 5 mg po", "two ways", "brackets"),
        ("5 mg po & 25 mg po q24h x7 |then 50 mg po", "two ways", "brackets"),
        ("(5 mg po |& 25 mg po q24h) then 50 mg po", "two ways", "brackets"),
        ("25 mg po q24h x7 then |(50 mg po)", "bracket", "leave it out"),
        ("(|(50 mg po))", "bracket", "leave it out"),
        ("(50 mg po|", "')' is missing", "close"),
        ("50 mg po|)", "no bracket to close", "leave it out"),
        ("50 mg po mon-fri & 100 mg po sat |x26", "does not say when", "ongoing"),
        ("(2 mg po q24h x7 then 4 mg po q24h) & 5 mg po q24h for |2 w", "does not say when", "ongoing"),
        # characters
        ("50 mg p|о q24h", "CYRILLIC SMALL LETTER O", "plain letters"),
        ("|５0 mg po", "FULLWIDTH DIGIT FIVE", "write '5'"),
        ("50 mg po mon|–fri", "EN DASH", "write '-'"),
        ("50 mg po q24h |×28", "MULTIPLICATION SIGN", "write 'x'"),
        ("50 mg po|\u200b q24h", "ZERO WIDTH SPACE", "plain letters"),
        ("50 mg po|\x1b[31m q24h", "U+001B", "plain letters"),
        ("50 mg po|\ud800", "U+D800", "plain letters"),
        ("50 mg po |ſs", "LATIN SMALL LETTER LONG S", "write 's'"),
    ],
)
def test_refused_at_the_character(marked: str, wrong: str, right: str) -> None:
    text = marked.replace("|", "", 1)
    with pytest.raises(RxError) as caught:
        parse_rx(text)
    error = caught.value
    assert wrong in error.wrong
    assert right in error.right
    assert error.position == marked.index("|")
    first, _line, caret, _right = str(error).split("\n")
    assert first.startswith(f"rx, character {marked.index('|') + 1}: ")
    assert caret.strip() == "^"


@pytest.mark.parametrize("text", ["", "  \n"])
def test_empty(text: str) -> None:
    with pytest.raises(RxError, match="the text is empty: write a regimen"):
        parse_rx(text)


def test_limits() -> None:
    assert len(parse_rx(" & ".join(["5 mg"] * 100)).parts) == 100
    with pytest.raises(RxError, match="more than 100 parts") as caught:
        parse_rx(" & ".join(["5 mg"] * 101))
    assert caught.value.position == 700
    with pytest.raises(RxError, match="10001 characters: write at most 10000"):
        parse_rx("5" * 10_001)
    with pytest.raises(RxError):
        parse_rx("(" * 10_000)


def test_a_long_text_is_shown_around_the_place() -> None:
    with pytest.raises(RxError) as caught:
        parse_rx(" then ".join(["5 mg po q24h x2"] * 20) + " then 5 mgg")
    _, line, caret, _ = str(caught.value).split("\n")
    assert len(line) < 80
    assert line[caret.index("^") :] == "mgg"


@pytest.mark.parametrize(
    "build",
    [
        lambda: Part(0),
        lambda: Part(float("nan")),
        lambda: Part(float("inf")),
        lambda: Part(5, unit="lb"),
        lambda: Part(5, route="oral"),
        lambda: Part(5, at=1440),
        lambda: Part(5, over_minutes=0),
        lambda: Part(5, after_minutes=-1),
        lambda: Part(5, end=Count(1)),
        lambda: Part(5, ss=True),
        lambda: Every(0),
        lambda: Every(60, nightly=True),
        lambda: For(0),
        lambda: Count(0),
        lambda: TimesADay("qd"),
        lambda: Weekdays(frozenset()),
        lambda: Weekdays(frozenset({7})),
        lambda: Regimen(()),
        lambda: Regimen(((),)),
        lambda: Regimen(((Part(5, schedule=Every(60)), Part(5, schedule=Once())),)),
    ],
)
def test_what_means_nothing_cannot_be_built(build) -> None:
    with pytest.raises(RxError):
        build()


_WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        """50 0.5 mg mcg g/kg mg/kg po iv im-xr over 30 min 2 h q24h q4w nightly bid mon-fri mon,wed sat x28 x26w for
    weeks until 2027-03-01 2026-02-30 at 08:00 25:00 after days ss ongoing then & ( ) . , qd - x q / µg""",
    )
)


@tries(500)
@given(
    st.one_of(
        st.text(max_size=60), st.lists(_WORDS, max_size=20).map(" ".join), st.lists(_WORDS).map("".join)
    )
)
@example("5mg\u2028then")
@example("5 mg x1\x1cx1")
def test_only_rx_errors_are_raised(text: str) -> None:
    error = None
    try:
        regimen = parse_rx(text)
    except RxError as caught:
        error = caught
    if error is None:
        assert parse_rx(str(regimen)) == regimen
    else:
        assert str(error).count("\n") in {0, 3}
        assert error.position is None or 0 <= error.position <= len(text)
