"""Event tables: what rows mean, text without loss, and regimens to tables and back."""

from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from posology.errors import InputError
from posology.regimen import (
    ROUTES,
    Dose,
    Event,
    EventTable,
    EventTableError,
    Regimen,
    RxError,
    events_to_regimen,
    parse_rx,
    read_events,
    regimen_to_events,
    write_events,
)

from ...generative.profiles import tries
from .strategies import START, regimens

CMT = {route: number for number, route in enumerate(ROUTES, 1)}


def _table(*rows: dict) -> EventTable:
    return EventTable(tuple(Event(id=1, **row) for row in rows))


def _times(*rows: dict) -> list[float]:
    return [dose.time for dose in _table(*rows).doses(1)]


class TestRows:
    def test_a_bolus(self) -> None:
        (dose,) = _table({"time": 2.5, "amt": 50, "evid": 1}).doses(1)
        assert dose == Dose(2.5, 50, "50 mg")

    def test_addl_and_ii(self) -> None:
        """The example of the NONMEM help: additional doses go on whatever rows come between."""
        rows = [
            {"time": 10, "amt": 15, "evid": 1, "addl": 2, "ii": 12},
            {"time": 15},
            {"time": 20, "amt": 10, "evid": 1},
            {"time": 36},
        ]
        assert [(dose.time, dose.amount) for dose in _table(*rows).doses(1)] == [
            (10, 15),
            (20, 10),
            (22, 15),
            (34, 15),
        ]

    def test_rate(self) -> None:
        (dose,) = _table({"time": 0, "amt": 50, "evid": 1, "rate": 100}).doses(1)
        assert dose.duration == 0.5

    def test_ss_1_begins_and_ss_2_adds(self) -> None:
        first, second, third = _table(
            {"time": 0, "amt": 50, "evid": 1, "ss": 1, "ii": 24, "addl": 1},
            {"time": 12, "amt": 10, "evid": 1, "ss": 2, "ii": 12},
        ).doses(1)
        assert (first.ss, first.ii, first.reset) == (True, 24, False)
        assert (second.ss, second.ii, second.reset) == (True, 12, False)
        assert (third.time, third.ss, third.ii) == (24, False, 0)

    def test_ss_1_empties_the_body_and_ends_additional_doses(self) -> None:
        doses = _table(
            {"time": 0, "amt": 50, "evid": 1, "ii": 24, "addl": 9},
            {"time": 48, "amt": 10, "evid": 1, "ss": 1, "ii": 12},
        ).doses(1)
        assert [(dose.time, dose.reset) for dose in doses] == [(0, False), (24, False), (48, True)]

    def test_resets_end_additional_doses(self) -> None:
        more = {"time": 0, "amt": 50, "evid": 1, "ii": 24, "addl": 9}
        doses = _table(more, {"time": 30, "evid": 3}, {"time": 40, "amt": 5, "evid": 4}).doses(1)
        assert [(dose.time, dose.amount, dose.reset) for dose in doses] == [
            (0, 50, False),
            (24, 50, False),
            (30, 0, True),
            (40, 5, True),
        ]

    def test_observations_and_other_events_give_no_dose(self) -> None:
        assert _times({"time": 0}, {"time": 1, "evid": 2, "cmt": 2}) == []

    def test_units(self) -> None:
        table = EventTable((Event(1, 0, 50, 1),), unit="mcg")
        assert [(dose.amount, dose.text) for dose in table.doses(1)] == [(0.05, "50 mcg")]

    def test_compartments_are_routes(self) -> None:
        rows = ({"time": 0, "amt": 50, "evid": 1, "cmt": 1}, {"time": 1, "amt": 50, "evid": 1, "cmt": 2})
        assert [dose.route for dose in _table(*rows).doses(1, {"po": 1, "iv": 2})] == ["po", "iv"]
        assert _table(rows[0]).doses(1)[0].route is None
        with pytest.raises(EventTableError, match="compartments 1, 2: say which route"):
            _table(*rows).doses(1)
        with pytest.raises(EventTableError, match="no route doses into compartment 2"):
            _table(*rows).doses(1, {"po": 1})
        with pytest.raises(EventTableError, match="po and sl both dose into compartment 1"):
            _table(*rows).doses(1, {"po": 1, "sl": 1, "iv": 2})

    def test_nobody(self) -> None:
        with pytest.raises(EventTableError, match="there is no ID 2: the table has 1"):
            _table({"time": 0}).doses(2)

    @pytest.mark.parametrize(
        ("row", "message"),
        [
            ({"evid": 5}, "EVID 5 has no meaning: give 0 to 4"),
            ({"evid": 0, "amt": 5}, "EVID 0 is not a dose, but AMT is not 0"),
            ({"evid": 2, "rate": 5}, "EVID 2 is not a dose, but RATE is not 0"),
            ({"evid": 3, "ss": 1}, "EVID 3 is not a dose, but SS is not 0"),
            ({"evid": 1}, "AMT 0 is not a dose"),
            ({"evid": 1, "amt": -5}, "AMT -5 is not a dose"),
            ({"evid": 1, "amt": float("nan")}, "AMT nan is out of reach"),
            ({"evid": 1, "amt": 5, "time": float("inf")}, "TIME inf is out of reach"),
            ({"evid": 1, "amt": 5, "rate": -1}, "leaves the rate to a model"),
            ({"evid": 1, "amt": 5, "rate": -2}, "leaves the rate to a model"),
            ({"evid": 1, "amt": 5, "rate": 1e-9}, "takes more than"),
            ({"evid": 1, "amt": 5, "addl": 2}, "ADDL needs II"),
            ({"evid": 1, "amt": 5, "ss": 1}, "SS needs II"),
            ({"evid": 1, "amt": 5, "ii": 24}, "II means nothing without ADDL or SS"),
            ({"evid": 1, "amt": 5, "addl": -1, "ii": 24}, "ADDL -1 is below 0"),
            ({"evid": 1, "amt": 5, "addl": 1, "ii": -24}, "II -24 is below 0"),
            ({"evid": 1, "amt": 5, "ss": 3, "ii": 24}, "SS 3 is not supported"),
            ({"evid": 1, "rate": 5, "ss": 1}, "constant infusion at steady state"),
            ({"evid": 1, "amt": 5, "cmt": -1}, "turns a compartment off"),
        ],
    )
    def test_rows_that_mean_nothing(self, row: dict, message: str) -> None:
        with pytest.raises(EventTableError, match=rf"event 1 \(ID 1, TIME .*\): .*{message}"):
            _table({"time": 0, **row})

    def test_order(self) -> None:
        with pytest.raises(EventTableError, match="ID 1: TIME 1 comes after 2: sort"):
            _table({"time": 2}, {"time": 1})
        with pytest.raises(EventTableError, match="ID 1 comes back after another ID"):
            EventTable((Event(1, 0), Event(2, 0), Event(1, 1)))
        with pytest.raises(EventTableError, match="'lb' is not a unit"):
            EventTable((), unit="lb")

    def test_too_many(self) -> None:
        with pytest.raises(EventTableError, match="more than 1000000 doses"):
            _times({"time": 0, "amt": 1, "evid": 1, "addl": 10**6, "ii": 1})


class TestText:
    @pytest.mark.parametrize(
        "text",
        [
            "ID,TIME,AMT,EVID,CMT,RATE,II,ADDL,SS\n1,0,50,1,1,0,24,2,0\n1,12.5,.,0,2,,,.,\n",
            "id TIME  AMT EVID CMT II ADDL\n1 0 50 1 1 24 2\n1 12.5 . 0 2 . .\n",
            "# from\n@ more\nC a comment\nID,TIME,II,AMT,ADDL,CMT\n\n1,0,24,50.0,2,1\nC,skipped\n1,12.5,,,,2\n",
            "\ufeffID,TIME,II,AMT,ADDL,CMT\r\n1,0,2.4e1,5e1,2,1\r\n1,12.5,.,.,.,2\r\n",
        ],
    )
    def test_ways_to_write_one_table(self, text: str) -> None:
        expected = EventTable((Event(1, 0, 50, 1, 1, 0, 24, 2, 0), Event(1, 12.5, cmt=2)))
        assert read_events(text) == expected
        assert read_events(text.splitlines()) == expected

    def test_written(self) -> None:
        table = EventTable((Event(7, 0, 0.1, 1, 1, 0.05, 24, 2, 1),))
        assert write_events(table) == "ID,TIME,AMT,EVID,CMT,RATE,II,ADDL,SS\n7,0,0.1,1,1,0.05,24,2,1\n"

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("", "there is no header"),
            ("# only a comment", "there is no header"),
            ("ID,TIME,AMT,DV\n", "line 1: column 'DV' is not supported: remove it"),
            ("ID,TIME,AMT,\n", "line 1: column '' is not supported"),
            ("ID,TIME,AMT,ID\n", "line 1: column ID is there twice"),
            ("ID,TIME,EVID\n", "line 1: column AMT is missing"),
            ("1,0,50\n", "line 1 is no header: begin with"),
            ("#ID,TIME,AMT\n1,0,50\n", "line 2 is no header: begin with"),
            ("ID,TIME,AMT\n1,0\n", "line 2 has 2 values for 3 columns"),
            ("ID,TIME,AMT\n1,0,nan\n", "line 2: AMT 'nan' is not a number"),
            ("ID,TIME,AMT\n1,0,1_0\n", "line 2: AMT '1_0' is not a number"),
            ("ID,TIME,AMT\n1,8:00,50\n", "line 2: TIME '8:00' is not a number"),
            ("ID,TIME,AMT\n1,0,1e999\n", "AMT inf is out of reach"),
            ("ID,TIME,AMT\n1.5,0,50\n", "line 2: ID 1.5 is not a whole number"),
            ("ID,TIME,AMT\nA1,0,50\n", "line 2: ID 'A1' is not a number"),
            ("ID,TIME,AMT\n.,0,50\n", "line 2: ID is missing"),
            ("ID,TIME,AMT,EVID\n1,0,50,.\n", "EVID 0 is not a dose, but AMT is not 0"),
        ],
    )
    def test_refused(self, text: str, message: str) -> None:
        with pytest.raises(EventTableError, match=message) as caught:
            read_events(text)
        assert isinstance(caught.value, InputError)

    @tries(100)
    @given(st.text(alphabet="ID,TIMEAMT \n\t0123456789.-+eE#@C", max_size=80))
    def test_only_its_own_errors_are_raised(self, rest: str) -> None:
        for text in (rest, "ID,TIME,AMT,EVID,CMT,RATE,II,ADDL,SS\n" + rest, "ID TIME AMT\n" + rest):
            try:
                table = read_events(text)
            except EventTableError:
                continue
            assert read_events(write_events(table)) == table


times = st.one_of(st.integers(0, 500).map(float), st.integers(0, 30_000).map(lambda minutes: minutes / 60))
quantities = st.one_of(st.integers(1, 500).map(float), st.floats(0.1, 1e5))


@st.composite
def events(draw, id: int = 1) -> Event:
    evid = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 4]))
    if evid not in {1, 4}:
        return Event(id, draw(times), evid=evid, cmt=draw(st.integers(0, 3)))
    addl, ss = draw(st.integers(0, 5)), draw(st.sampled_from([0, 0, 1, 2]))
    ii = draw(st.sampled_from([1.0, 0.05, 12.0, 24.0, 7.3])) if addl or ss else 0.0
    rate = draw(st.one_of(st.just(0.0), quantities))
    return Event(id, draw(times), draw(quantities), evid, draw(st.integers(0, 3)), rate, ii, addl, ss)


@st.composite
def event_tables(draw) -> EventTable:
    rows: list[Event] = []
    for id in range(1, draw(st.integers(0, 3)) + 1):
        rows += sorted(draw(st.lists(events(id=id), max_size=6)), key=lambda row: row.time)
    return EventTable(tuple(rows))


@tries(100)
@given(event_tables())
def test_text_without_loss(table: EventTable) -> None:
    assert read_events(write_events(table)) == table


@tries(100)
@given(event_tables())
def test_doses_against_a_naive_reading(table: EventTable) -> None:
    """Row by row, with a list of doses still to come that a reset empties."""
    routes = {"po": 1, "iv": 2, "sc": 3}
    for id in table.ids:
        given_doses: list[tuple[float, float]] = []
        pending: list[tuple[float, float]] = []
        any_before = False
        for row in (row for row in table.rows if row.id == id):
            given_doses += [dose for dose in pending if dose[0] < row.time]
            pending = [dose for dose in pending if dose[0] >= row.time]
            if row.evid in {3, 4} or row.ss == 1:
                pending = []
            if row.evid in {1, 4}:
                pending += [(row.time + n * row.ii, row.amt) for n in range(row.addl + 1)]
            any_before = True
        given_doses += pending
        assert any_before
        found = [(dose.time, dose.amount) for dose in table.doses(id, routes) if dose.amount]
        assert [pytest.approx(dose) for dose in sorted(given_doses)] == sorted(found)


def _plain(doses: list[Dose]) -> list[Dose]:
    """What both have: the text and the number of a part are not in a table, nor the order of doses at one time."""
    return sorted((replace(dose, text="", part=0) for dose in doses), key=repr)


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("50 mg po q24h x28", [(0, 50, 24, 27, 0)]),
        ("50 mg po q24h x28 ss", [(0, 50, 24, 27, 1)]),
        ("50 mg po", [(0, 50, 0, 0, 0)]),
        ("50 mg po x1 & 50 mg iv", [(0, 50, 0, 0, 0)] * 2),
        ("25 mg po q24h x1 then 50 mg po q24h x9", [(0, 25, 0, 0, 0), (24, 50, 24, 8, 0)]),
        ("50 mg po mon,wed x5", [(0, 50, 168, 2, 0), (48, 50, 168, 1, 0)]),
        ("5 mg po bid x5", [(0, 5, 24, 2, 0), (12, 5, 24, 1, 0)]),
        ("5 mg po q24h x2 ss & 10 mg po q24h x2 ss", [(0, 5, 24, 1, 1), (0, 10, 24, 1, 2)]),
    ],
)
def test_few_rows(text: str, rows: list[tuple[float, ...]]) -> None:
    table = regimen_to_events(parse_rx(text), {"po": 1, "iv": 2})
    assert [(row.time, row.amt, row.ii, row.addl, row.ss) for row in table.rows] == rows


def test_infusions_and_units() -> None:
    (row,) = regimen_to_events(parse_rx("10 mg iv over 30 min"), {"iv": 2}, id=7, unit="mcg").rows
    assert row == Event(7, 0, 10_000, 1, 2, 20_000)


@tries(100)
@given(regimens(), st.sampled_from(["mg", "mcg"]))
def test_regimen_to_table_and_back(regimen: Regimen, unit: str) -> None:
    options = {"until_hours": 24 * 30, "start": START, "weight": 70.0}
    doses = regimen.doses(**options)
    assume(not doses or doses[0].time >= 0)
    table = regimen_to_events(regimen, CMT, unit=unit, **options)
    assume(table.rows)
    assert read_events(write_events(table), unit) == table
    if unit == "mg":
        assert _plain(table.doses(1, CMT)) == _plain(doses)
        assume(all(1e-6 <= row.amt <= 1e6 for row in table.rows))
        again = events_to_regimen(table, 1, CMT)
        assert _plain(again.doses()) == _plain(doses)
        assert parse_rx(str(again)) == again
    else:
        assert [dose.time for dose in table.doses(1, CMT)] == [dose.time for dose in doses]
        assert sum(dose.amount for dose in table.doses(1, CMT)) == pytest.approx(
            sum(dose.amount for dose in doses)
        )


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("50 mg po q24h", {}, "has no end"),
        ("50 mg sc", {}, "no compartment is known for the route 'sc'"),
        ("50 mg po mon-fri x5 ss", {}, "no single row can tell"),
        ("50 mg/kg po", {}, "needs a body weight"),
    ],
)
def test_regimens_that_are_no_table(text: str, options: dict, message: str) -> None:
    with pytest.raises(RxError, match=message):
        regimen_to_events(parse_rx(text), {"po": 1}, **options)


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"time": 0}], "no doses"),
        ([{"time": 0, "evid": 3}], "rx has no resets"),
        ([{"time": 0.001, "amt": 5, "evid": 1}], "TIME is not a whole number of minutes"),
        ([{"time": 0, "amt": 5, "evid": 1, "ii": 0.001, "addl": 1}], "II is not a whole number"),
        ([{"time": 0, "amt": 5, "evid": 1, "rate": 77}], "AMT/RATE is not a whole number"),
        ([{"time": 1, "amt": 5, "evid": 1, "ii": 24, "ss": 1}], "begins at hour 0"),
        ([{"time": -1, "amt": 5, "evid": 1}], "from 0 on"),
    ],
)
def test_tables_that_are_no_regimen(rows: list[dict], message: str) -> None:
    with pytest.raises(EventTableError, match=message):
        events_to_regimen(_table(*rows), 1)


def test_an_amount_out_of_the_range_of_rx() -> None:
    with pytest.raises(RxError, match="the amount is 10000000"):
        events_to_regimen(_table({"time": 0, "amt": 1e7, "evid": 1}), 1)
