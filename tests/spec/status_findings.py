"""What the statuses of conditions, allergies, results and procedures mean."""

from __future__ import annotations

from .model import Rule, Topic, fhir, met, no, raw, unknown

NONE = ("{conditions: none}",)
POX = "{condition: liverpox}"
VERIFICATION = "{condition: liverpox, verification: %s}"


TOPIC = Topic(
    "Status of diseases, allergies, results and procedures",
    "Two things are said of a disease: whether it is there (clinical status) and how sure that is "
    "(verification). "
    "They are never mixed up.",
    (
        Rule(
            "A disease: clinical status",
            "*Active, recurrence, relapse* are present. *Inactive, remission, resolved* are past. "
            "*Unknown* is not known. Without a status it is present unless an end is recorded.",
            "What is past no longer speaks against a medicine, unless the rule asks for it.",
            (
                met("active", "{condition: liverpox, id: a, status: active}", names=("a",)),
                met("recurrence", "{condition: liverpox, status: recurrence}"),
                met("relapse", "{condition: liverpox, status: relapse}"),
                no("inactive", "{condition: liverpox, status: inactive}"),
                no("remission", "{condition: liverpox, status: remission}"),
                no("resolved", "{condition: liverpox, status: resolved}"),
                unknown("the status unknown", "{condition: liverpox, status: unknown}", asks="liverpox"),
                met("no status", fhir(POX, clinicalStatus=None)),
                no("no status, ended", fhir("{condition: liverpox, to: 2026-01-01}", clinicalStatus=None)),
                no(
                    "no status, ended some day of this year",
                    fhir("{condition: liverpox, to: 2026}", clinicalStatus=None),
                ),
                met(
                    "the status unknown, but asked for ever",
                    "{condition: liverpox, status: unknown}",
                    when="{condition: liverpox, ever: true}",
                ),
                no(
                    "no status, ended in words", fhir(POX, clinicalStatus=None, abatementString="last spring")
                ),
                met(
                    "active, though an end is recorded",
                    "{condition: liverpox, status: active, to: 2026-01-01}",
                ),
                met(
                    "past, but asked for ever",
                    "{condition: liverpox, status: resolved}",
                    when="{condition: liverpox, ever: true}",
                ),
                met(
                    "remission, but asked for ever",
                    "{condition: liverpox, status: remission}",
                    when="{condition: liverpox, ever: true}",
                ),
                met(
                    "two entries, one present",
                    "{condition: liverpox, id: a}",
                    "{condition: liverpox, id: b, status: resolved}",
                    names=("a",),
                ),
            ),
            when=POX,
            given=NONE,
        ),
        Rule(
            "A disease: verification status",
            "*Refuted* and *entered-in-error* never count and are reported as set aside. *Unconfirmed, "
            "provisional, "
            "differential* are not known. *Confirmed*, or nothing said, counts.",
            "A suspicion is neither a diagnosis nor nothing.",
            (
                met("confirmed", VERIFICATION % "confirmed"),
                unknown("unconfirmed", VERIFICATION % "unconfirmed", asks="liverpox", why="not confirmed"),
                unknown("provisional", VERIFICATION % "provisional"),
                unknown("differential", VERIFICATION % "differential"),
                no("refuted", VERIFICATION % "refuted", aside="refuted"),
                no("entered in error", VERIFICATION % "entered-in-error", aside="entered in error"),
                met("nothing said", fhir(POX, verificationStatus=None)),
                met(
                    "one suspected, one confirmed",
                    VERIFICATION % "unconfirmed",
                    "{condition: liverpox, id: sure}",
                    names=("sure",),
                ),
            ),
            when=POX,
            given=NONE,
        ),
        Rule(
            "Both statuses together",
            "A clinical status is not a verification status: each is read for itself.",
            "Resolved does not mean that it was sure, and refuted is not the same as healed.",
            (
                no(
                    "active but refuted",
                    "{condition: liverpox, status: active, verification: refuted}",
                    aside="refuted",
                ),
                no(
                    "unconfirmed and resolved",
                    "{condition: liverpox, status: resolved, verification: unconfirmed}",
                ),
                unknown(
                    "unconfirmed and resolved, asked for ever",
                    "{condition: liverpox, status: resolved, verification: unconfirmed}",
                    when="{condition: liverpox, ever: true}",
                ),
                no(
                    "refuted, asked for ever",
                    "{condition: liverpox, status: resolved, verification: refuted}",
                    when="{condition: liverpox, ever: true}",
                ),
                unknown(
                    "relapse, unconfirmed",
                    "{condition: liverpox, status: relapse, verification: provisional}",
                ),
            ),
            when=POX,
            given=NONE,
        ),
        Rule(
            "A disease within a time",
            "Present now counts; past counts if it ended within the time. Without an end it is not known, "
            "unless it "
            "also began within the time.",
            "'Hepatitis in the last three months' must not miss one that healed six weeks ago.",
            (
                met("present now, begun long ago", "{condition: liverpox, from: 2019-01-01}"),
                met(
                    "ended within the time",
                    "{condition: liverpox, from: 2019-01-01, to: 2026-05-15, status: resolved}",
                ),
                no(
                    "ended before",
                    "{condition: liverpox, from: 2019-01-01, to: 2026-02-15, status: resolved}",
                ),
                met(
                    "past, begun within the time, end not dated",
                    "{condition: liverpox, from: 2026-05-01, status: resolved}",
                ),
                unknown(
                    "past, begun before, end not dated",
                    "{condition: liverpox, from: 2019-01-01, status: resolved}",
                    why="its end is not dated",
                ),
            ),
            when="{condition: liverpox, within: 90 days}",
            given=NONE,
        ),
        Rule(
            "Family history is not the patient's",
            "It is read, set aside and reported.",
            "A mother's disease says nothing about contraindications of her son.",
            (
                no(
                    "a mother's disease",
                    "{family_history: liverpox, relative: mother}",
                    aside="family history",
                ),
                met(
                    "a mother's disease and the patient's own",
                    "{family_history: liverpox, relative: mother}",
                    "{condition: liverpox, id: own}",
                    names=("own",),
                ),
            ),
            when=POX,
            given=NONE,
        ),
        Rule(
            "Another person's entries do not count",
            "What is about another person than the Patient of the record is set aside.",
            "Bundles of a family, a newborn's results in the mother's chart.",
            (
                no(
                    "another patient's disease",
                    fhir(POX, subject={"reference": "Patient/other"}),
                    aside="about another person",
                ),
                met("the same patient by URN", fhir(POX, subject={"reference": "urn:uuid:case"})),
                met(
                    "the same patient by URL",
                    fhir(POX, subject={"reference": "https://example.org/Patient/case"}),
                ),
                met("no subject: the record's own", fhir(POX, subject=None)),
                no(
                    "an appointment of someone else for an operation",
                    fhir(
                        "{appointment: surgery, on: 2026-07-05}",
                        participant=[
                            {"actor": {"reference": "Patient/other"}, "status": "accepted"},
                            {"actor": {"reference": "Practitioner/dr"}, "status": "accepted"},
                        ],
                    ),
                    when="{procedure: surgery, next: 30 days}",
                    aside="about another person",
                ),
            ),
            when=POX,
            given=NONE,
        ),
        Rule(
            "Allergies",
            "Status and verification as for diseases. One whose type is not recorded counts as an allergy.",
            "'Allergic?' is asked to prevent harm; the label 'intolerance' must have been chosen to be "
            "believed.",
            (
                met("active, confirmed", "{allergy: examplol-allergy, id: a}", names=("a",)),
                unknown("unconfirmed", "{allergy: examplol-allergy, verification: unconfirmed}"),
                met("presumed", "{allergy: examplol-allergy, verification: presumed}"),
                no("refuted", "{allergy: examplol-allergy, verification: refuted}", aside="refuted"),
                no(
                    "entered in error",
                    "{allergy: examplol-allergy, verification: entered-in-error}",
                    aside="entered in error",
                ),
                no("inactive", "{allergy: examplol-allergy, status: inactive}"),
                no("resolved", "{allergy: examplol-allergy, status: resolved}"),
                met(
                    "no status at all",
                    fhir("{allergy: examplol-allergy}", clinicalStatus=None, verificationStatus=None),
                ),
                met("to a product that contains it", "{allergy: Combex}"),
                no("to something else", "{allergy: steadol tablets}"),
                met("either type counts by default", "{allergy: examplol-allergy, type: intolerance}"),
                met(
                    "an allergy asked for, an allergy there",
                    "{allergy: examplol-allergy, type: allergy}",
                    when="{allergy: examplol-allergy, is: allergy}",
                ),
                no(
                    "an allergy asked for, an intolerance there",
                    "{allergy: examplol-allergy, type: intolerance}",
                    when="{allergy: examplol-allergy, is: allergy}",
                ),
                met(
                    "an allergy asked for, type not recorded",
                    "{allergy: examplol-allergy}",
                    when="{allergy: examplol-allergy, is: allergy}",
                ),
                met(
                    "an intolerance asked for and there",
                    "{allergy: examplol-allergy, type: intolerance}",
                    when="{allergy: examplol-allergy, is: intolerance}",
                ),
                no(
                    "an intolerance asked for, type not recorded: it counts as an allergy",
                    "{allergy: examplol-allergy}",
                    when="{allergy: examplol-allergy, is: intolerance}",
                ),
            ),
            when="{allergy: examplol-allergy}",
            given=("{allergies: none}",),
        ),
        Rule(
            "Results",
            "*Final, amended, corrected* count. *Preliminary, registered, unknown* are not confirmed, "
            "hence not known. "
            "*Cancelled* and *entered-in-error* never count.",
            "FHIR calls a preliminary result unverified. What is not confirmed is neither yes nor no.",
            tuple(
                met(status, f"{{observation: liverase, value: 200 U/L, on: 2026-06-20, status: {status}}}")
                for status in ("final", "amended", "corrected")
            )
            + tuple(
                unknown(
                    status,
                    f"{{observation: liverase, value: 200 U/L, on: 2026-06-20, status: {status}}}",
                    why="not confirmed",
                )
                for status in ("preliminary", "registered", "unknown")
            )
            + tuple(
                unknown(
                    status,
                    f"{{observation: liverase, value: 200 U/L, on: 2026-06-20, status: {status}}}",
                    aside=status.replace("-", " "),
                    why="not recorded",
                )
                for status in ("cancelled", "entered-in-error")
            ),
            when="{observation: liverase, above: 100 U/L}",
        ),
        Rule(
            "A result without a value is no result",
            "It is set aside with the reason given; an earlier result then stands.",
            "A haemolysed sample tells nothing, and takes nothing back.",
            (
                unknown(
                    "the reason is recorded",
                    "{observation: liverase, on: 2026-06-20, absent-reason: error}",
                    aside="no value (error)",
                ),
                unknown(
                    "no value and no reason", "{observation: liverase, on: 2026-06-20}", aside="no value"
                ),
                met(
                    "an earlier result stands",
                    "{observation: liverase, id: earlier, value: 200 U/L, on: 2026-06-01}",
                    "{observation: liverase, on: 2026-06-20, absent-reason: error}",
                    names=("earlier",),
                ),
                met(
                    "a panel whose first part has no value still tells the second",
                    raw(
                        resourceType="Observation",
                        id="panel",
                        status="final",
                        effectiveDateTime="2026-06-20",
                        code={"text": "Panel"},
                        component=[
                            {
                                "code": {"coding": [{"system": "http://loinc.org", "code": "99003-3"}]},
                                "dataAbsentReason": {"coding": [{"code": "error"}]},
                            },
                            {
                                "code": {"coding": [{"system": "http://loinc.org", "code": "99001-1"}]},
                                "valueQuantity": {"value": 200, "unit": "U/L", "code": "U/L"},
                            },
                        ],
                    ),
                    names=("panel",),
                ),
                unknown(
                    "a value of a kind that is not read leaves it open",
                    "{observation: liverase, value: 20 U/L, on: 2026-06-01}",
                    raw(
                        resourceType="Observation",
                        id="range",
                        status="final",
                        effectiveDateTime="2026-06-20",
                        code={"coding": [{"system": "http://loinc.org", "code": "99001-1"}]},
                        valueRange={"low": {"value": 150}, "high": {"value": 300}},
                    ),
                    names=("range",),
                ),
            ),
            when="{observation: liverase, above: 100 U/L}",
        ),
        Rule(
            "Procedures",
            "*Completed, in-progress, stopped* were done (a stopped one was begun). *Preparation, on-hold* "
            "are plans. "
            "*Unknown* is not known. *Not-done* and *entered-in-error* never count.",
            "An operation that was broken off still had an anaesthetic.",
            tuple(
                met(status, f"{{procedure: surgery, id: s, on: 2026-06-20, status: {status}}}", names=("s",))
                for status in ("completed", "in-progress", "stopped")
            )
            + tuple(
                no(status, f"{{procedure: surgery, on: 2026-06-20, status: {status}}}")
                for status in ("preparation", "on-hold")
            )
            + (
                unknown("unknown", "{procedure: surgery, on: 2026-06-20, status: unknown}"),
                no("not done", "{procedure: surgery, on: 2026-06-20, status: not-done}", aside="not done"),
                no(
                    "entered in error",
                    "{procedure: surgery, on: 2026-06-20, status: entered-in-error}",
                    aside="entered in error",
                ),
                met("on the last day of the time", "{procedure: surgery, on: 2026-06-01}"),
                no("a day before", "{procedure: surgery, on: 2026-05-31}"),
                met(
                    "long ago, asked for ever",
                    "{procedure: surgery, on: 1999-01-01}",
                    when="{procedure: surgery, ever: true}",
                ),
            ),
            when="{procedure: surgery, within: 30 days}",
        ),
    ),
)
