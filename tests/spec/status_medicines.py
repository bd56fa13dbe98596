"""Which entries about medicines say that something was taken."""

from __future__ import annotations

from .model import Rule, Topic, fhir, met, no, unknown

NOW = "{medication: any-opioid}"
ORDER = "{medication: opexol tablet, from: 2026-06-20, status: %s}"
SAID = "{medication: opexol tablet, as: statement, from: 2026-06-20, recorded: 2026-06-25, status: %s}"
GIVEN = "{medication: opexol injection, as: administration, from: 2026-06-30, status: %s}"
HANDED = "{medication: opexol tablet, as: dispense, from: 2026-06-20, supply: 30 days, status: %s}"
LIST = ("{medications: none}",)

TOPIC = Topic(
    "Status of orders, statements, dispenses and administrations",
    "An entry about a medicine may say that it is taken, that it was, that it never was, or leave it open.",
    (
        Rule(
            "Orders: status",
            "*Active* is taken. *Completed* and *stopped* are over. *On-hold* stands on the list: it counts where "
            "taking it is the danger, and is not known where not taking it is. *Unknown*, or no status, is not "
            "known. *Draft*, *cancelled* and *entered-in-error* were never taken.",
            "On hold means suspended: it was taken, when last is not recorded, and it is meant to go on.",
            (
                met("active", ORDER % "active"),
                met("on hold", ORDER % "on-hold"),
                unknown(
                    "on hold, the opposite asked", ORDER % "on-hold", when="{not: {medication: any-opioid}}"
                ),
                unknown("stopped, the day not recorded", ORDER % "stopped", why="not recorded"),
                unknown("completed, the day not recorded", ORDER % "completed", why="not recorded"),
                unknown("unknown", ORDER % "unknown"),
                unknown("no status", fhir(ORDER % "active", status=None), why="not given"),
                unknown(
                    "unknown, though an end is written",
                    "{medication: opexol tablet, from: 2026-06-20, to: 2026-07-05, status: unknown}",
                ),
                unknown(
                    "on hold, an end written, the opposite asked",
                    "{medication: opexol tablet, from: 2026-06-20, to: 2026-07-05, status: on-hold}",
                    when="{not: {medication: any-opioid}}",
                ),
                no("draft", ORDER % "draft"),
                no("cancelled", ORDER % "cancelled", aside="cancelled"),
                no("entered in error", ORDER % "entered-in-error", aside="entered in error"),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "Orders: intent",
            "*Order* and its kinds are orders. *Proposal* and *option* were never taken, nor what is "
            "marked *do not "
            "perform*. A *plan* is not known.",
            "Some systems write what the patient says to take as a request with the intent plan.",
            (
                met("order", "{medication: opexol tablet, from: 2026-06-20, intent: order}"),
                met("filler order", "{medication: opexol tablet, from: 2026-06-20, intent: filler-order}"),
                met("intent not given", fhir(ORDER % "active", intent=None)),
                no(
                    "proposal",
                    "{medication: opexol tablet, from: 2026-06-20, intent: proposal}",
                    aside="a proposal",
                ),
                no(
                    "option",
                    "{medication: opexol tablet, from: 2026-06-20, intent: option}",
                    aside="an option",
                ),
                unknown("plan", "{medication: opexol tablet, from: 2026-06-20, intent: plan}"),
                unknown(
                    "a plan with an end",
                    "{medication: opexol tablet, from: 2026-06-20, to: 2026-07-05, intent: plan}",
                ),
                unknown(
                    "a completed plan",
                    "{medication: opexol tablet, from: 2026-06-20, to: 2026-07-05, intent: plan, "
                    "status: completed}",
                ),
                unknown(
                    "a plan to begin",
                    "{medication: opexol tablet, recorded: 2026-06-20, from: 2026-07-05, intent: plan}",
                    when="{medication: any-opioid, next: 30 days}",
                ),
                no("do not perform", fhir(ORDER % "active", doNotPerform=True), aside="do not perform"),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "Statements",
            "*Active* is taken. *Completed* and *stopped* are over. *Intended* and *on-hold* stand on the list, as "
            "for orders. *Unknown* is not known. "
            "*Not-taken* says no.",
            "What the patient says to take, or not to take, is the closest witness.",
            (
                met("active", SAID % "active"),
                unknown("stopped, some day up to the statement", SAID % "stopped", on="2026-06-25"),
                no("stopped before the statement", SAID % "stopped"),
                no("completed before the statement", SAID % "completed"),
                met("intended", SAID % "intended"),
                met("on hold", SAID % "on-hold"),
                unknown("unknown", SAID % "unknown"),
                no("not taken", SAID % "not-taken", aside="recorded as not taken"),
                no("entered in error", SAID % "entered-in-error", aside="entered in error"),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "Dispenses",
            "*Completed* was handed over, so was what was *stopped* later. *Unknown* is not known. "
            "*Preparation, "
            "in-progress, on-hold, cancelled, declined* were never handed over.",
            "A parcel on the pharmacy's shelf was not swallowed.",
            (
                met("completed", HANDED % "completed"),
                met("stopped, handed over before", HANDED % "stopped"),
                unknown("unknown", HANDED % "unknown"),
                no("preparation", HANDED % "preparation", aside="not handed over"),
                no("in progress", HANDED % "in-progress", aside="not handed over"),
                no("on hold", HANDED % "on-hold", aside="not handed over"),
                no("cancelled", HANDED % "cancelled", aside="cancelled"),
                no("declined", HANDED % "declined", aside="declined"),
                no("entered in error", HANDED % "entered-in-error", aside="entered in error"),
            ),
            when=NOW,
            given=LIST,
        ),
        Rule(
            "Administrations",
            "*Completed*, *in-progress* and *stopped* were given (a stopped one in part). *Unknown* is not "
            "known. "
            "*Not-done* was not given.",
            "Half an infusion is a dose.",
            (
                met("completed", GIVEN % "completed"),
                met("in progress", GIVEN % "in-progress"),
                met("stopped", GIVEN % "stopped"),
                unknown("unknown", GIVEN % "unknown"),
                no("not done", GIVEN % "not-done", aside="not done"),
                no("entered in error", GIVEN % "entered-in-error", aside="entered in error"),
                no(
                    "unknown, but long ago: one dose, long worn off",
                    "{medication: opexol injection, as: administration, from: 2025-06-30, status: unknown}",
                ),
            ),
            when=NOW,
            given=LIST,
        ),
    ),
)
