"""Operations that are planned."""

from __future__ import annotations

from .model import Fhir, Rule, Topic, fhir, met, no, raw, unknown


def _stay(status: str, day: str) -> Fhir:
    """An Encounter whose type names the operation."""
    return raw(
        resourceType="Encounter",
        id="stay",
        status=status,
        type=[{"text": "Spleenlet excision"}],
        period={"start": day},
    )


TOPIC = Topic(
    "Planned operations",
    "Requests, appointments and procedures in preparation are plans. `next: 30 days` looks ahead from the "
    "day.",
    (
        Rule(
            "Requests",
            "*Active* is planned. *Draft, on-hold, unknown* are not certain. *Revoked, completed, "
            "entered-in-error*, an "
            "*option* and what is not to be performed do not count.",
            "A plan that may fall through still has to be asked about before a long-acting medicine is "
            "given.",
            (
                met("active, within the time", "{planned: surgery, id: p, on: 2026-07-15}", names=("p",)),
                met("on the last day of the time", "{planned: surgery, on: 2026-07-30}"),
                no("a day later", "{planned: surgery, on: 2026-07-31}"),
                no("the planned day is past", "{planned: surgery, on: 2026-06-15}"),
                met("on the day itself", "{planned: surgery, on: 2026-06-30}"),
                unknown("no date", "{planned: surgery}", why="without a date"),
                unknown("draft", "{planned: surgery, on: 2026-07-15, status: draft}"),
                unknown("on hold", "{planned: surgery, on: 2026-07-15, status: on-hold}"),
                no("revoked", "{planned: surgery, on: 2026-07-15, status: revoked}", aside="revoked"),
                no("completed", "{planned: surgery, on: 2026-07-15, status: completed}", aside="completed"),
                no(
                    "entered in error",
                    "{planned: surgery, on: 2026-07-15, status: entered-in-error}",
                    aside="entered in error",
                ),
                met("a plan (intent)", "{planned: surgery, on: 2026-07-15, intent: plan}"),
                no(
                    "an option (intent)",
                    "{planned: surgery, on: 2026-07-15, intent: option}",
                    aside="an option",
                ),
                no(
                    "not to be performed",
                    fhir("{planned: surgery, on: 2026-07-15}", doNotPerform=True),
                    aside="not to be performed",
                ),
                met("only the month, which reaches into the time", "{planned: surgery, on: 2026-07}"),
                met(
                    "a month whose first day is in the time",
                    "{planned: surgery, on: 2026-07}",
                    on="2026-06-10",
                ),
                no("a month beyond the time", "{planned: surgery, on: 2026-09}"),
                met(
                    "a month that reaches into the time, the opposite asked",
                    "{planned: surgery, on: 2026-07}",
                    when="{not: {procedure: surgery, next: 10 days}}",
                ),
            ),
            when="{procedure: surgery, next: 30 days}",
        ),
        Rule(
            "Appointments and procedures in preparation",
            "*Booked, pending, arrived* count; *proposed* and *waitlist* are not certain; *cancelled, "
            "noshow, fulfilled, "
            "entered-in-error* do not count.",
            "Theatres often book by appointment only.",
            (
                met("booked", "{appointment: surgery, id: a, on: 2026-07-15}", names=("a",)),
                met("pending", "{appointment: surgery, on: 2026-07-15, status: pending}"),
                unknown("proposed", "{appointment: surgery, on: 2026-07-15, status: proposed}"),
                unknown("on the waiting list", "{appointment: surgery, on: 2026-07-15, status: waitlist}"),
                no(
                    "cancelled",
                    "{appointment: surgery, on: 2026-07-15, status: cancelled}",
                    aside="cancelled",
                ),
                no("did not come", "{appointment: surgery, on: 2026-07-15, status: noshow}", aside="noshow"),
                no(
                    "fulfilled",
                    "{appointment: surgery, on: 2026-07-15, status: fulfilled}",
                    aside="fulfilled",
                ),
                met(
                    "named in the description only",
                    fhir(
                        "{appointment: surgery, on: 2026-07-15}",
                        reasonCode=None,
                        description="Spleenlet excision",
                    ),
                ),
                met(
                    "a procedure in preparation", "{procedure: surgery, on: 2026-07-15, status: preparation}"
                ),
                unknown(
                    "a procedure in preparation without a date", "{procedure: surgery, status: preparation}"
                ),
                no("a procedure that was done", "{procedure: surgery, on: 2026-06-15}"),
                met("a planned stay for an operation", _stay("planned", "2026-07-15")),
                no("a stay that is over", _stay("finished", "2026-06-15")),
                no("a planned stay beyond the time", _stay("planned", "2026-09-15")),
            ),
            when="{procedure: surgery, next: 30 days}",
        ),
    ),
)
