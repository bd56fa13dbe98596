"""Results made by hand, and text that a record could hold to do harm."""

from datetime import date

from msgspec.structs import replace

from posology.check.question import Question
from posology.check.result import (
    Aside,
    CitedSource,
    EntryRef,
    Finding,
    Gap,
    Result,
    ShownDispute,
    Survey,
    UseShown,
)

ON = date(2026, 11, 22)
ANSI = "\x1b[31mred\x1b[0m \x1b]0;title\x07 \x9b2J"
BIDI = "\u202egnol\u202c \u2066x\u2069 \u200f"
HTML = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'&amp;{{ 7*7 }}"
HOSTILE = f"{HTML} {ANSI} {BIDI} \x00\r\n\ud800 \u2028end"
FORBIDDEN = [
    chr(n)
    for n in (*range(0x20), *range(0x7F, 0xA0), *range(0x202A, 0x202F), *range(0x2066, 0x206A))
    if chr(n) != "\n"
] + ["\u200f", "\u2028", "\ud800"]
"""Characters that may stand in no form of an answer."""


def entry(ref="MedicationRequest/m1", title="opium tablet", **more) -> EntryRef:
    known = {
        "resource": ref.partition("/")[0],
        "code": "rxnorm 1",
        "date": "2026-11-20",
        "value": "",
        "how": "code",
    }
    return EntryRef(ref=ref, title=title, **{**known, **more})


def source(citation="label-a#4", url="https://example.org/label") -> CitedSource:
    name, _, place = citation.partition("#")
    return CitedSource(citation, f"Title of {name}", place, url)


def finding(statement="opioid-now", **more) -> Finding:
    known = {
        "kind": "contraindication",
        "title": "Opioid in use",
        "status": "met",
        "verdict": "not-now",
        "would_be": "suitable",
        "basis": "label",
        "says": "It brings on withdrawal.",
        "do": "Wait until 2026-12-02.",
        "note": "",
        "until": "2026-12-02",
        "due": "",
        "group": "",
        "entries": (entry(),),
        "missing": (),
        "sources": (source(), source("article#C10", "")),
    }
    return Finding(statement=statement, **{**known, **more})


def gap(what="ALT within the last 90 days", **more) -> Gap:
    known = {
        "why": "not recorded",
        "statements": ("alt",),
        "blocks": True,
        "if_so": "avoid",
        "if_not": "suitable",
        "entries": (),
    }
    return Gap(what=what, **{**known, **more})


PATIENT = finding(
    "older",
    kind="warning",
    title="65 years or older",
    verdict="with-precautions",
    basis="judgement",
    until=None,
    do="Start low.",
    entries=(entry("Patient/p1", "", date="", how="the patient"),),
    sources=(source("own-judgement"),),
)
DUE = finding(
    "alt-due",
    kind="monitoring",
    title="Liver tests",
    verdict=None,
    would_be=None,
    until=None,
    do="Test ALT.",
    due="week 12",
)
WORK_UP = finding(
    "symptoms",
    kind="warning",
    title="Two symptoms",
    verdict=None,
    would_be=None,
    until=None,
    do="Consider a work-up.",
    group="work-up",
)
NOT_MET = finding(
    "allergy", title="Allergy", status="not-met", verdict=None, would_be=None, entries=(), until=None
)
UNKNOWN = finding(
    "alt",
    title="ALT raised",
    status="unknown",
    verdict="cannot-tell",
    entries=(),
    until=None,
    missing=("ALT within the last 90 days",),
)


def use(id="chronic-pain", name="chronic pain", **more) -> UseShown:
    known = {
        "labelled": False,
        "indicated": True,
        "grade": "against",
        "says": "Two trials were negative. One was not.",
        "recorded": "met",
        "entries": (),
        "sources": (source("review-2024"),),
    }
    return UseShown(id=id, name=name, **{**known, **more})


def result(**more) -> Result:
    reason = finding()
    shown = {
        "verdict": "not-now",
        "stage": "starting",
        "question": Question("somedrug", "chronic-pain", ON, "US", "low-dose", "starting"),
        "use": use(),
        "earliest": "2026-12-02",
        "earliest_note": "if no further dose is taken",
        "reasons": (reason,),
        "patient": "Patient/p1",
        "missing": (gap(), gap("a pain score", blocks=False, if_so="suitable")),
        "precautions": (PATIENT, WORK_UP),
        "monitoring": (DUE,),
        "next": ("Wait until 2026-12-02.", "Find out: ALT."),
        "notices": ("1 entry could not be read; what it could have said is treated as unknown.",),
        "disputes": (
            ShownDispute(
                "interval",
                "How long to wait",
                (
                    {"says": "7 days.", "sources": ["article#C10"]},
                    {"says": "10 days.", "sources": ["label-a#4"]},
                ),
                "the labels",
                "They are stricter.",
                ("opioid-now",),
            ),
        ),
        "other_medicines": ("lisinopril 10 MG Oral Tablet",),
        "set_aside": (
            Aside("Condition/b", "gout", "refuted"),
            Aside("Condition/a", "gout", "entered in error"),
        ),
        "unreadable": (Aside("entry 7", "", "not an object", "Bundle.entry[7]"),),
        "findings": (reason, PATIENT, WORK_UP, DUE, UNKNOWN, NOT_MET),
        "counts": {"read": 9, "matched": 4},
        "versions": {"posology": "0.1.0", "monograph": "abcdef0123456789"},
    }
    return Result(**{**shown, **more})


def fine() -> Result:
    """Nothing to say: every section is empty."""
    return result(
        verdict="suitable",
        earliest="2026-11-22",
        earliest_note="",
        reasons=(),
        missing=(),
        precautions=(),
        monitoring=(),
        next=(),
        notices=(),
        disputes=(),
        set_aside=(),
        unreadable=(),
        findings=(NOT_MET,),
    )


def cannot_tell() -> Result:
    return result(
        verdict="cannot-tell",
        earliest=None,
        earliest_note="not before what is missing is known",
        reasons=(),
        findings=(UNKNOWN, NOT_MET),
    )


def taking() -> Result:
    made = result(verdict="hold", stage="taking")
    return replace(made, question=replace(made.question, stage="taking"))


def hostile() -> Result:
    """A record that holds the worst text in every place that a result takes from a record."""
    bad = entry(f"Observation/{HOSTILE}", HOSTILE, value=HOSTILE, code=HOSTILE, date=HOSTILE, how=HOSTILE)
    reason = finding(entries=(bad, entry()), note=HOSTILE)
    open_ = gap(HOSTILE, why=HOSTILE, entries=(bad,))
    return result(
        reasons=(reason,),
        missing=(open_,),
        notices=(HOSTILE,),
        next=(HOSTILE,),
        set_aside=(Aside(HOSTILE, HOSTILE, HOSTILE),),
        unreadable=(Aside(HOSTILE, "", HOSTILE, HOSTILE),),
        findings=(reason, finding("alt", status="unknown", missing=(HOSTILE,), entries=(bad,))),
        earliest_note=HOSTILE,
    )


def survey() -> Survey:
    first = result()
    same = replace(first, use=use("fibromyalgia", "fibromyalgia"))
    other = replace(
        first,
        use=use("migraine", "migraine"),
        verdict="avoid",
        reasons=(*first.reasons, finding("never", title="Never", verdict="avoid", until=None)),
    )
    absent = replace(fine(), use=use("gout", "gout", recorded="not-met"))
    return Survey("somedrug", (first, same, other, absent))


ALL = {
    "not-now": result(),
    "fine": fine(),
    "cannot-tell": cannot_tell(),
    "taking": taking(),
    "hostile": hostile(),
    "survey": survey(),
}
"""Every kind of answer."""
