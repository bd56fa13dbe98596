"""Yes, no and not known."""

from __future__ import annotations

from itertools import product

from .model import MET, NOT_MET, UNKNOWN, Example, Rule, Topic, met, no, unknown

# One question of each answer about a man whose date of birth is not recorded.
YES, NO, OPEN = "{sex: male}", "{sex: female}", "{age: {from: 18 years}}"
WORDS = {YES: "yes", NO: "no", OPEN: "not known"}


def _table(kind: str, answers: dict[frozenset[str], str]) -> tuple[Example, ...]:
    return tuple(
        Example(
            f"{WORDS[left]} and {WORDS[right]}",
            (),
            answers[frozenset((left, right))],
            when=f"{{{kind}: [{left}, {right}]}}",
        )
        for left, right in product((YES, NO, OPEN), repeat=2)
    )


def _pair(left: str, right: str) -> frozenset[str]:
    return frozenset((left, right))


ALL = {
    _pair(YES, YES): MET,
    _pair(YES, NO): NOT_MET,
    _pair(NO, NO): NOT_MET,
    _pair(YES, OPEN): UNKNOWN,
    _pair(NO, OPEN): NOT_MET,
    _pair(OPEN, OPEN): UNKNOWN,
}
ANY = {
    _pair(YES, YES): MET,
    _pair(YES, NO): MET,
    _pair(NO, NO): NOT_MET,
    _pair(YES, OPEN): MET,
    _pair(NO, OPEN): UNKNOWN,
    _pair(OPEN, OPEN): UNKNOWN,
}


def _count(count: int, *of: str) -> str:
    return f"{{at-least: {{count: {count}, of: [{', '.join(of)}]}}}}"


TOPIC = Topic(
    "Yes, no and not known",
    "Every question has three answers. What is not known is never taken for a no.",
    (
        Rule(
            "All of several",
            "One *no* settles it; else one *not known* leaves it open.",
            "If one of two conditions is surely absent, the other need not be looked for.",
            _table("all", ALL),
            patient="{sex: male}",
        ),
        Rule(
            "Any of several",
            "One *yes* settles it; else one *not known* leaves it open.",
            "One reason is enough; but two reasons are excluded only when both are.",
            _table("any", ANY),
            patient="{sex: male}",
        ),
        Rule(
            "Not",
            "The opposite of not known is not known.",
            "Reading an absent result as 'not raised' is the commonest way in which rules go wrong.",
            (
                no("of a yes", when=f"{{not: {YES}}}"),
                met("of a no", when=f"{{not: {NO}}}"),
                unknown("of what is not known", when=f"{{not: {OPEN}}}", asks="date of birth"),
                unknown("twice of what is not known", when=f"{{not: {{not: {OPEN}}}}}", asks="date of birth"),
            ),
            patient="{sex: male}",
        ),
        Rule(
            "At least so many of several",
            "Met when enough are surely so, not met when too few could be, else unknown.",
            "With two of five signs present a rule 'at least two' is settled, whatever the other three are.",
            (
                met("enough are so", when=_count(2, YES, YES, OPEN)),
                unknown("it hangs on the one not known", when=_count(2, YES, NO, OPEN), asks="date of birth"),
                no("even the one not known would not make enough", when=_count(2, NO, NO, OPEN)),
                no("none is so", when=_count(1, NO, NO)),
                met("one suffices", when=_count(1, NO, YES, OPEN)),
                unknown("all are needed and one is not known", when=_count(3, YES, YES, OPEN)),
            ),
            patient="{sex: male}",
        ),
        Rule(
            "An open answer says what to find out",
            "Everything that leaves the answer open is listed, and nothing that could no longer change it.",
            "A clinician can act on a list of gaps, not on 'insufficient data'.",
            (
                unknown("one gap", when=OPEN, asks="date of birth", why="not recorded"),
                unknown(
                    "two gaps in one question",
                    when=f"{{all: [{OPEN}, {{recorded: liverase}}]}}",
                    asks="liverase",
                ),
                no(
                    "a gap that no longer matters is not asked for", when=f"{{all: [{NO}, {OPEN}]}}", names=()
                ),
                met("nor behind a yes", when=f"{{any: [{YES}, {OPEN}]}}", names=("case",)),
            ),
            patient="{sex: male}",
        ),
        Rule(
            "The use asked about",
            "A criterion may depend on what the medicine is asked for.",
            "Some doses and cautions belong to one use only. The question itself is the evidence.",
            (
                met("asked for ache", when="{use: ache}"),
                no("asked for ache, the rule is for itch", when="{use: itch}"),
            ),
        ),
    ),
)
