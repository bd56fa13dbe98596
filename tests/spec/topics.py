"""The chapter, in the order in which it is read."""

from __future__ import annotations

from . import (
    as_of,
    duplicates,
    eligible_people,
    matching,
    medicine_changes,
    medicine_doses,
    medicines,
    numbers,
    partial_dates,
    planned,
    pregnancy,
    results_latest,
    results_words,
    status_findings,
    status_medicines,
    three_values,
    unreadable,
    verdicts,
    when_taken,
    worlds,
)
from .model import Example, Rule, Topic

TOPICS: tuple[Topic, ...] = tuple(
    module.TOPIC
    for module in (
        three_values,
        verdicts,
        worlds,
        as_of,
        status_findings,
        status_medicines,
        when_taken,
        medicines,
        matching,
        numbers,
        results_latest,
        results_words,
        partial_dates,
        planned,
        eligible_people,
        pregnancy,
        medicine_doses,
        medicine_changes,
        unreadable,
        duplicates,
    )
)


def examples() -> list[tuple[str, Rule, Example]]:
    """Every example with a name for it and the rule it belongs to."""
    return [
        (f"{topic.title} / {rule.title} / {example.says}", rule, example)
        for topic in TOPICS
        for rule in topic.rules
        for example in rule.examples
    ]
