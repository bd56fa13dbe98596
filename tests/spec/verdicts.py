"""From findings to a verdict."""

from __future__ import annotations

from .model import Rule, Topic, verdict

LIVERASE, SCORE = (
    "{observation: liverase, value: 20 U/L, on: 2026-06-01}",
    "{observation: ache-score, value: 5, on: 2026-06-01}",
)
LISTS = ("{conditions: none}", "{medications: none}", "{allergies: none}")
GOOD = (*LISTS, LIVERASE, SCORE)
OPIOID = "{medication: opexol 5 mg tablet, id: opioid, from: 2026-06-20, to: 2026-06-25, status: completed}"
POX, GLOOM = "{condition: liverpox, id: pox}", "{condition: gloomitis, id: gloom}"
HIGH = "{observation: liverase, id: high, value: 260 U/L, range-high: 40 U/L, on: 2026-06-10}"
TAKES = "{medication: examplol 50 mg tablet, id: own, from: 2026-06-01}"
MEDICINES_LIST = "the current medicines"

TOPIC = Topic(
    "The verdict",
    "The least permissive finding decides. For someone starting: *avoid*, then *not-now*, *cannot-tell*, "
    "*with-precautions*, *suitable*. For someone taking it: *stop*, *hold*, *cannot-tell*, "
    "*with-precautions*, "
    "*continue*. The statements of examplol: liverpox: avoid; an opioid within 10 days, or in the urine: "
    "not-now; "
    "liverase above 5 times the upper limit within 90 days: not-now; gloomitis: with-precautions; an ache "
    "score is "
    "asked for; the medicines must be known.",
    (
        Rule(
            "The least permissive finding decides",
            "Reasons are not weighed against each other or counted: the heaviest one is the verdict.",
            "Three cautions do not make a contraindication, and nothing good outweighs one.",
            (
                verdict("suitable", "nothing speaks against it", names=()),
                verdict("with-precautions", "a caution", GLOOM),
                verdict("not-now", "a reason that passes, and a caution", GLOOM, OPIOID, names=("opioid",)),
                verdict(
                    "avoid",
                    "a reason that does not pass outranks one that does",
                    OPIOID,
                    POX,
                    names=("opioid", "pox"),
                    earliest="none",
                ),
            ),
            given=GOOD,
        ),
        Rule(
            "What is not known counts against it",
            "If what is not known could make the verdict less permissive, the verdict is *cannot-tell*, "
            "and the "
            "answer lists what to find out and the verdict either way.",
            "An answer that silently assumes the best case is worse than no answer.",
            (
                verdict(
                    "cannot-tell",
                    "the liver was never looked at",
                    *LISTS,
                    SCORE,
                    either=(("liverase within the last 90 days", "not-now", "suitable"),),
                ),
                verdict(
                    "cannot-tell",
                    "the same in someone with gloomitis",
                    *LISTS,
                    SCORE,
                    GLOOM,
                    either=(("liverase within the last 90 days", "not-now", "with-precautions"),),
                ),
                verdict(
                    "not-now",
                    "the same after an opioid: worse than not knowing",
                    *LISTS,
                    SCORE,
                    OPIOID,
                    names=("opioid",),
                    either=(("liverase within the last 90 days", "not-now", "not-now"),),
                ),
                verdict("avoid", "a sure reason to avoid it is not softened by what is not known", POX),
                verdict(
                    "cannot-tell",
                    "an unconfirmed disease",
                    *GOOD,
                    "{condition: liverpox, verification: provisional}",
                    either=(("liverpox", "avoid", "suitable"),),
                ),
                verdict(
                    "with-precautions",
                    "an unconfirmed caution weighs no more than the caution",
                    *GOOD,
                    "{condition: gloomitis, verification: provisional}",
                    either=(("gloomitis", "with-precautions", "suitable"),),
                ),
            ),
        ),
        Rule(
            "An empty record is never good news",
            "With no entries the answer is *cannot-tell*.",
            "A new patient's empty chart must not read as 'suitable'.",
            (
                verdict("cannot-tell", "only a name and a date of birth"),
                verdict("cannot-tell", "not even these", patient="{sex: unknown}"),
            ),
        ),
        Rule(
            "Data that is asked for, and data without which there is no answer",
            "A statement may only ask for data (*with-precautions* until it is there) or block the answer.",
            "Some data make treatment better; without some others the answer would be a guess.",
            (
                verdict(
                    "with-precautions",
                    "the ache score is asked for",
                    *LISTS,
                    LIVERASE,
                    either=(("ache score within the last 90 days", "suitable", "suitable"),),
                ),
                verdict(
                    "cannot-tell",
                    "no list of medicines: no answer",
                    "{conditions: none}",
                    "{allergies: none}",
                    LIVERASE,
                    SCORE,
                    asks=MEDICINES_LIST,
                ),
            ),
        ),
        Rule(
            "Starting or taking is read from the record",
            "Who surely takes the medicine is asked whether to go on; what concerns only the first dose no "
            "longer "
            "applies.",
            "'Avoid starting' and 'stop at once' are different advice.",
            (
                verdict("suitable", "not taken", stage="starting"),
                verdict("continue", "taken", TAKES, stage="taking"),
                verdict(
                    "stop", "taken, and a reason to avoid it", TAKES, POX, stage="taking", names=("pox",)
                ),
                verdict(
                    "hold", "taken, and a reason that passes", TAKES, HIGH, stage="taking", names=("high",)
                ),
                verdict("with-precautions", "taken, and a caution", TAKES, GLOOM, stage="taking"),
                verdict("continue", "a rule for the start no longer applies", TAKES, OPIOID, stage="taking"),
                verdict(
                    "suitable",
                    "not certainly taken: asked as for starting, and said so",
                    "{medication: examplol 50 mg tablet, from: 2024-01-01}",
                    stage="starting",
                    note="It is not certain whether this person already takes",
                ),
                verdict(
                    "suitable",
                    "only a draft order",
                    "{medication: examplol 50 mg tablet, draft: true}",
                    stage="starting",
                ),
            ),
            given=GOOD,
        ),
        Rule(
            "The first day",
            "When every reason passes with time, the answer names the first day on which none is left, "
            "counted from "
            "the latest of them.",
            "It turns 'no' into a date that a patient can plan with.",
            (
                verdict("not-now", "ten days after the last dose", OPIOID, earliest="2026-07-05"),
                verdict(
                    "not-now",
                    "two opioids: the later one counts",
                    OPIOID,
                    "{medication: opexol tablet, id: later, from: 2026-06-27, to: 2026-06-28, status: "
                    "completed}",
                    names=("opioid", "later"),
                    earliest="2026-07-08",
                ),
                verdict(
                    "not-now",
                    "still taken: from today on",
                    "{medication: opexol tablet, id: now, from: 2026-06-01}",
                    earliest="2026-07-10",
                ),
                verdict(
                    "suitable", "on that day nothing is left", OPIOID, on="2026-07-05", earliest="2026-07-05"
                ),
                verdict("not-now", "the day before there is", OPIOID, on="2026-07-04", earliest="2026-07-05"),
                verdict(
                    "not-now",
                    "a positive test of nine days ago",
                    "{observation: urine-opexol, id: urine, value: positive, on: 2026-06-21}",
                    names=("urine",),
                    earliest="2026-07-01",
                ),
                verdict(
                    "suitable",
                    "ten days after the test nothing is left",
                    "{observation: urine-opexol, id: urine, value: positive, on: 2026-06-20}",
                    earliest="2026-06-30",
                ),
                verdict("not-now", "a reason without a date has no first day", OPIOID, HIGH, earliest="none"),
            ),
            given=GOOD,
        ),
    ),
)
