"""FHIR and OMOP of the same people agree, but for a list of causes that may not grow."""

import pytest
import yaml

from .omop_agreement import SOME, TABLE, place, study


def test_findings_differ_only_for_known_causes_and_no_more_often_than_before():
    here = place()
    if here is None:
        pytest.skip(
            "the shared data are not here; set POSOLOGY_DATA to the folder that holds omop54-synthea-py/"
        )
    differing, verdicts, unexplained = study(here, *SOME)
    assert not unexplained
    known = yaml.safe_load(TABLE.read_text(encoding="utf-8"))["some"]
    assert verdicts.total() == known["people"]
    assert (
        sum(many for (one, other), many in verdicts.items() if one != other) <= known["verdicts that differ"]
    )
    most = {
        (row["cause"], row["fhir"], row["omop"]): row["findings"] for row in known["findings that differ"]
    }
    assert {key: many for key, many in differing.items() if many > most.get(key, 0)} == {}
