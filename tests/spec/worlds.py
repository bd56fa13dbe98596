"""What silence means."""

from __future__ import annotations

from .model import Rule, Topic, met, no, unknown

POX, MED, ALLERGY = "{condition: liverpox}", "{medication: any-opioid}", "{allergy: examplol-allergy}"

TOPIC = Topic(
    "What silence means",
    "A list that is kept is closed: what it does not hold is not so. What nobody listed is open: not known.",
    (
        Rule(
            "Problems, medicines and allergies: closed when there is a list",
            "What such a list does not hold is taken as absent, if the record has such a list at all. "
            "*None* is a list.",
            "Problem lists are kept in order to be complete; results are not.",
            (
                no("a problem list without it", "{condition: gloomitis}", when=POX),
                no("'no known problems' is a list", "{conditions: none}", when=POX),
                unknown("no problem list at all", when=POX, asks="the problem list"),
                unknown("a medicines list is no problem list", "{medications: none}", when=POX),
                no("a medicines list without it", "{medication: steadol tablet}", when=MED),
                no("'takes nothing' is a list", "{medications: none}", when=MED),
                unknown("no medicines list", when=MED, asks="the current medicines"),
                no("an allergy to something else", "{allergy: steadol allergy}", when=ALLERGY),
                no("'no known allergy' is a list", "{allergies: none}", when=ALLERGY),
                unknown("nobody asked about allergies", when=ALLERGY, asks="the allergy list"),
                unknown(
                    "an entry that was entered in error is no list",
                    "{condition: gloomitis, verification: entered-in-error}",
                    when=POX,
                ),
                unknown("nor is a family history", "{family_history: liverpox}", when=POX),
                unknown("nor is a draft order", "{medication: steadol tablet, draft: true}", when=MED),
            ),
        ),
        Rule(
            "Results: open",
            "A result that is not recorded is not known.",
            "No liver test does not mean a healthy liver.",
            (
                unknown("no result", when="{observation: liverase, above: 3 x ULN}", asks="liverase"),
                unknown("nor below", when="{observation: liverase, below: 3 x ULN}"),
                unknown("no test", when="{observation: urine-opexol, is: positive}", asks="urine opexol"),
            ),
        ),
        Rule(
            "The author of a rule may say otherwise",
            "`absent: no` closes what is open, `absent: unknown` opens what is closed.",
            "A urine test that was not done should not block every answer; a disease that must be excluded "
            "should.",
            (
                no("no test, closed", when="{observation: urine-opexol, is: positive, absent: no}"),
                unknown(
                    "not on the problem list, opened",
                    "{conditions: none}",
                    when="{condition: liverpox, absent: unknown}",
                    asks="liverpox",
                ),
                unknown(
                    "not on the medicines list, opened",
                    "{medications: none}",
                    when="{medication: any-opioid, absent: unknown}",
                ),
                unknown(
                    "not on the allergy list, opened",
                    "{allergies: none}",
                    when="{allergy: examplol-allergy, absent: unknown}",
                ),
                unknown("`absent: no` still needs a list", when="{condition: liverpox, absent: no}"),
                unknown("a procedure, opened", when="{procedure: surgery, ever: true, absent: unknown}"),
            ),
        ),
        Rule(
            "Operations: closed, with or without a list",
            "A procedure or plan that nobody recorded is taken as none.",
            "Unlike problems or medicines, records rarely say 'no operations'; a planned one is known to "
            "who plans it. "
            "A rule for which that is too much to assume says `absent: unknown`.",
            (
                no("nothing recorded", when="{procedure: surgery, next: 30 days}"),
                no(
                    "another operation",
                    "{procedure: hysterectomy, on: 2026-06-01}",
                    when="{procedure: surgery, within: 90 days}",
                ),
            ),
        ),
        Rule(
            "`recorded` asks whether something is there: it is never answered no",
            "Met when it is there (and recent enough), else unknown.",
            "Missing data is something to obtain, not a property of the patient.",
            (
                met(
                    "a result",
                    "{observation: liverase, id: l, value: 20 U/L, on: 2026-06-01}",
                    when="{recorded: liverase}",
                    names=("l",),
                ),
                unknown("no result", when="{recorded: liverase}", asks="liverase", why="not recorded"),
                met(
                    "recent enough, on the last day",
                    "{observation: liverase, value: 20 U/L, on: 2026-04-02}",
                    when="{recorded: liverase, within: 90 days}",
                ),
                unknown(
                    "one day too old",
                    "{observation: liverase, id: old, value: 20 U/L, on: 2026-04-01}",
                    when="{recorded: liverase, within: 90 days}",
                    why="the latest is of 2026-04-01",
                    names=("old",),
                ),
                unknown(
                    "a result without a usable number",
                    "{observation: liverase, value: haemolysed, on: 2026-06-01}",
                    when="{recorded: liverase}",
                ),
                met("a list that says none", "{allergies: none}", when="{recorded: allergies}"),
                unknown("no list", when="{recorded: allergies}", asks="the allergy list"),
                unknown("no medicines", "{allergies: none}", when="{recorded: medications}"),
                unknown("no problems", when="{recorded: conditions}", asks="the problem list"),
            ),
        ),
    ),
)
