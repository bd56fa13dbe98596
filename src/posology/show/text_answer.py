"""One answer's sections, as lines of a terminal."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from posology.check.result import Aside, EntryRef, Finding, Gap, Result

from . import words
from .escape import plain
from .layout import Page

REASONS, ENTRIES, GAPS, PRECAUTIONS, DUE, STEPS, DISPUTES, ASIDE = 6, 4, 8, 8, 6, 6, 4, 4
"""How many of each are shown; the rest are counted and stand in the JSON and HTML forms."""
CITED, VERSION_LETTERS = 4, 12
"""Sources named beside the evidence, and letters of a version."""


class Answer:
    """Writes answers on one page. What was said in full for one use is only named for the next."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said: set[Hashable] = set()

    def whole(self, result: Result, also: Sequence[Result] = ()) -> None:
        """Every section of the answer; `also` are other uses for which it is the same."""
        self.verdict(result, also)
        self.reasons(result)
        self.missing(result)
        parts = words.Parts.of(result)
        self.precautions(parts.precautions)
        self.due("Monitoring due", parts.monitoring)
        self.due("Work-up to consider", parts.work_up)
        self.next(result)
        self.evidence(result, also)

    def _new(self, thing: Hashable) -> bool:
        """Is this the first time that it is said?"""
        if thing in self._said:
            return False
        self._said.add(thing)
        return True

    def verdict(self, result: Result, also: Sequence[Result]) -> None:
        """The verdict, what it means, from when it might change, and what to know about the record."""
        page, rank = self._page, words.rank(result.verdict)
        page.say(f"{words.spoken(result.verdict).upper()}  -  {words.drug_for_use(result)}", f"rank{rank}")
        page.say(words.asked(result))
        if also:
            page.say(f"The same answer for: {'; '.join(each.use.name for each in also)}.")
        page.say(words.meaning(result), "bold")
        page.say(words.earliest(result), "bold")
        for notice in result.notices:
            if self._new(notice):
                page.say(notice, mark="!")

    def reasons(self, result: Result) -> None:
        """What decides, heaviest first: each with entries, basis, sources and the answer without it."""
        if not result.reasons:
            return
        self._page.heading("Reasons")
        shown: dict[tuple[EntryRef, ...], int] = {}
        for number, finding in enumerate(result.reasons[:REASONS], 1):
            head = f"{words.heading(finding)}: {words.imposes(finding)}"
            if not self._new(finding):
                self._page.say(f"{head} (as above)", mark=f"{number}.")
                continue
            self._page.say(head, f"rank{words.rank(finding.verdict)}", mark=f"{number}.")
            self._page.say(finding.says, indent=3)
            if finding.entries in shown:
                self._page.say(f"the same entries as in {shown[finding.entries]}", indent=3, mark="-")
            else:
                shown[finding.entries] = number
                self._entries(finding.entries, 3)
            if finding.note:
                self._page.say(f"Note: {finding.note}", indent=3)
            self._page.say(
                f"Basis: {words.BASIS.get(finding.basis, finding.basis)} [{words.citations(finding)}]. "
                f"{words.without(finding, result.verdict)}",
                "dim", 3,
            )  # fmt: skip
        self._page.more(len(result.reasons) - REASONS, 3)

    def _entries(self, entries: Sequence[EntryRef], indent: int, most: int = ENTRIES) -> None:
        for entry in entries[:most]:
            self._page.say(" · ".join(words.entry_parts(entry)), indent=indent, mark="-")
        self._page.more(len(entries) - most, indent + 2)

    def missing(self, result: Result) -> None:
        """What to find out: first what blocks the answer."""
        if not result.missing:
            return
        blocking = sum(gap.blocks for gap in result.missing)
        useful = len(result.missing) - blocking
        self._page.heading(f"Missing: {blocking} needed for an answer, {useful} useful")
        told: list[Gap] = []
        known: list[Gap] = []
        for gap in result.missing:
            (told if self._new(gap) else known).append(gap)
        groups = words.alike(told)
        for group in groups[:GAPS]:
            self._gaps(group)
        self._page.more(sum(map(len, groups[GAPS:])), 2)
        if known:
            names = [plain(gap.what) for gap in known]
            rest = f"; and {len(names) - GAPS} more" if len(names) > GAPS else ""
            self._page.say(f"As above: {'; '.join(names[:GAPS])}{rest}.", "dim", 2)

    def _gaps(self, group: Sequence[Gap]) -> None:
        gap = group[0]
        what = "; ".join(plain(each.what) for each in group)
        why = f": {plain(gap.why)}"
        self._page.say(f"{what}{why} ({words.either_way(gap)})", mark="?" if gap.blocks else "-")
        self._entries(gap.entries, 2, 2)

    def precautions(self, findings: Sequence[Finding]) -> None:
        """One line each, and what to do."""
        self._compact("Precautions", findings, PRECAUTIONS)

    def due(self, heading: str, findings: Sequence[Finding]) -> None:
        """What falls due, and when."""
        self._compact(heading, findings, DUE)

    def _compact(self, heading: str, findings: Sequence[Finding], most: int) -> None:
        new = [finding for finding in findings if self._new(finding)]
        if not findings:
            return
        self._page.heading(heading)
        for finding in new[:most]:
            due = f", {plain(finding.due)}" if finding.due else ""
            told = plain(finding.do) or plain(finding.says)
            judged = " (this project's judgement)" if finding.basis == "judgement" else ""
            self._page.say(
                f"{words.heading(finding)}{due}: {told} [{words.citations(finding, CITED)}]{judged}", mark="-"
            )
            if finding.entries and finding.entries[0].resource != "Patient":
                self._entries(finding.entries, 2, 1)
        self._page.more(len(new) - most, 2)
        if len(new) < len(findings):
            self._page.say(f"As above: {len(findings) - len(new)} more.", "dim", 2)

    def next(self, result: Result) -> None:
        """The first steps, numbered."""
        steps = [step for step in result.next if self._new(step)]
        if not result.next:
            return
        self._page.heading("Next steps")
        for number, step in enumerate(steps[:STEPS], 1):
            self._page.say(step, mark=f"{number}.")
        self._page.more(len(steps) - STEPS, 3)
        if not steps:
            self._page.say("As above.", "dim", 2)

    def evidence(self, result: Result, also: Sequence[Result]) -> None:
        """Does it work? Standing, grade and the first sentences, for each use that shares the answer."""
        self._page.heading("Evidence")
        for each in (result, *also):
            use = each.use
            name = f"{plain(use.name)}: " if also else ""
            cited = words.citations(use, CITED)
            self._page.say(f"{name}{words.evidence(use)}. {words.sentences(use.says, 2)} [{cited}]")


def footer(page: Page, results: Sequence[Result]) -> None:
    """Where sources disagree, what was not counted or not read, versions, and what this is."""
    disputes = {dispute.id: dispute for result in results for dispute in result.disputes}
    if disputes:
        page.heading("Where sources disagree")
        for dispute in list(disputes.values())[:DISPUTES]:
            page.say(f"{dispute.about}: follows {dispute.follows}", mark="-")
        page.more(len(disputes) - DISPUTES, 2)
    result = results[0]
    if result.other_medicines:
        page.heading("Other current medicines (none of those that matter here: check the names)")
        page.say("; ".join(plain(name, words.VALUE_LIMIT) for name in result.other_medicines))
    _aside(page, "Set aside (read, and does not count)", result.set_aside)
    _aside(page, "Could not be read (treated as unknown)", result.unreadable)
    page.gap()
    tally = {status: sum(f.status == status for f in result.findings) for status in words.STATUSES}
    told = ", ".join(f"{count} {words.STATUSES[status].lower()}" for status, count in tally.items())
    page.say(f"{len(result.findings)} statements put to the record: {told}.", "dim")
    known = ", ".join(f"{name} {version[:VERSION_LETTERS]}" for name, version in result.versions.items())
    page.say(f"Versions: {known}.", "dim")
    page.say(words.DISCLAIMER.format(drug=result.question.drug), "dim")


def _aside(page: Page, heading: str, asides: Sequence[Aside]) -> None:
    if not asides:
        return
    page.heading(f"{heading}: {len(asides)}")
    for aside in words.listed(asides)[:ASIDE]:
        parts = (plain(aside.ref), plain(aside.title, words.VALUE_LIMIT), plain(aside.place))
        page.say(f"{' · '.join(part for part in parts if part)}: {plain(aside.reason)}", mark="-")
    page.more(len(asides) - ASIDE, 2)
