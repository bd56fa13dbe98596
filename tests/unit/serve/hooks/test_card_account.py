"""A card accounts for what was sent: what does not count, what must be known of the record, what is open first."""

from __future__ import annotations

from tests.hook_calls import Server, call, draft, in_pain, prefetch, search
from tests.records import alt, condition, order, patient


def test_entries_of_somebody_else_are_counted_on_the_card(server: Server) -> None:
    theirs = {"subject": {"reference": "Patient/p2"}}
    sent = in_pain(
        conditions=search(condition(), condition("7200002", "Alcoholism", **theirs)),
        observations=search(alt(**theirs)),
    )
    (told,) = server.cards(call(draft(), sent=sent))
    assert (
        "**Read and not counted**\n\n- 2: about another person than the Patient of this record"
        in told["detail"]
    )
    (told,) = server.cards(call(draft(), sent=in_pain()))
    assert "not counted" not in told["detail"]


def test_the_same_stands_on_a_card_about_another_medicine(server: Server) -> None:
    taking = order("Naltrexone 50 mg tablet", id="ntx")
    theirs = order("Lisinopril 10 mg", id="l1", subject={"reference": "Patient/p2"})
    sent = in_pain(medications=search(taking, theirs))
    (told,) = server.cards(call(draft("oxycodone hydrochloride 5 MG Oral Tablet", id="o1"), sent=sent))
    assert "- 1: about another person than the Patient of this record" in told["detail"]


def test_what_must_be_known_of_the_record_stands_before_the_reasons(server: Server) -> None:
    sent = in_pain(patient=patient(deceasedDateTime="2026-06-01"))
    (told,) = server.cards(call(draft(), sent=sent))
    note, found, _ = told["detail"].partition("To find out")
    assert found
    assert "The record says that this person died on 2026-06-01" in note


def test_where_nobody_can_tell_the_summary_names_what_most_depends_on(server: Server) -> None:
    """Of an empty record most statements wait for the problem list: more of them read conditions than medicines."""
    (told,) = server.cards(call(draft(), sent=prefetch(conditions=search(), medications=search())))
    assert "without knowing: the problem list, and " in told["summary"]
    assert len(told["summary"]) < 140


def test_entries_of_whom_nobody_can_tell_are_no_empty_list(server: Server) -> None:
    """Who takes the drug would be passed over: its order names the person as a Bundle does that was taken apart."""
    taking = order(
        "Naltrexone 50 mg tablet", id="ntx", subject={"reference": "urn:uuid:6c40b5b5-c841-5873-b004"}
    )
    body = call(
        draft("oxycodone hydrochloride 5 MG Oral Tablet", id="o1"), sent=in_pain(medications=search(taking))
    )
    answer = server.call(body)
    assert answer.status_code == 412
    assert "nobody can tell whose it is" in answer.json()["detail"]
    whole = in_pain(medications=search(taking))
    whole["patient"] = search(patient())
    whole["patient"]["entry"][0]["fullUrl"] = "urn:uuid:6c40b5b5-c841-5873-b004"
    (told,) = server.cards(call(draft("oxycodone hydrochloride 5 MG Oral Tablet", id="o1"), sent=whole))
    assert "takes naltrexone" in told["summary"]
