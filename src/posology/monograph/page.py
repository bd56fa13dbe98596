"""A whole monograph as a page of Markdown: every fact with its citations, every source in a list."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from .model import Citation, Dispute, Identity, Monograph, Product, Source, Statement, Use, Vocabulary
from .plan_prose import plan_sentences
from .prose import Teller, statement_text

SECTIONS = (
    ("Indications", ("indication",)),
    ("Contraindications", ("contraindication",)),
    ("Warnings", ("warning",)),
    ("Interactions", ("interaction",)),
    ("Undesirable effects", ("undesirable-effect",)),
    ("Dosage", ("dosage",)),
    ("Monitoring", ("monitoring",)),
    ("Mechanism and kinetics", ("mechanism", "kinetics")),
    ("Background", ("background",)),
    ("Limits", ("limit",)),
)
"""Headings of the page after identity, products and uses, and the kinds of statement under each."""


def monograph_page(monograph: Monograph, vocabulary: Vocabulary, sources: Mapping[str, Source]) -> str:
    """The monograph as Markdown, ending in a newline."""
    page = _Page(monograph, Teller.of(vocabulary, monograph.uses), sources)
    return "\n".join(page.lines()) + "\n"


class _Page:
    """Writes one page and remembers which sources it cites."""

    def __init__(self, monograph: Monograph, teller: Teller, sources: Mapping[str, Source]) -> None:
        self.monograph, self.teller, self.sources = monograph, teller, sources
        self.cited: set[str] = set()

    def lines(self) -> Iterator[str]:
        yield from self.head(self.monograph.identity)
        yield from self.uses(self.monograph.uses)
        for title, kinds in SECTIONS:
            found = [s for s in self.monograph.statements if s.kind in kinds]
            yield from self.statements(title, found)
        yield from self.disputes(self.monograph.disputes)
        yield from self.source_list()

    def cite(self, keys: Iterable[str]) -> str:
        keys = tuple(keys)
        self.cited.update(Citation.parse(key).source for key in keys)
        return f"[{'; '.join(keys)}]"

    def head(self, identity: Identity) -> Iterator[str]:
        yield f"# {identity.name}"
        yield from ("", f"{identity.says} {self.cite(identity.sources)}", "")
        yield f"Class: {identity.drug_class}. Regions: {', '.join(identity.regions)}."
        if identity.codes:
            codes = (f"{code.system} {code.code} ({code.display})" for code in identity.codes)
            yield from ("", f"Codes: {'; '.join(codes)}.")
        yield from ("", "## Products", "")
        for product in identity.products:
            yield self.product(product)

    def product(self, product: Product) -> str:
        made = [*product.ingredients, product.strength, product.form, product.route]
        facts = [
            ", ".join(part for part in made if part),
            product.legal,
            ", ".join(product.regions),
            product.market,
        ]
        text = f"- **{product.name}** (`{product.id}`): {_sentences(facts)} {product.says}".rstrip()
        brands = f" Brands: {', '.join(product.brands)}." if product.brands else ""
        return f"{text}{brands} {self.cite(product.sources)}"

    def uses(self, uses: tuple[Use, ...]) -> Iterator[str]:
        if not uses:
            return
        yield from ("", "## Uses", "")
        for use in uses:
            labelled = f"labelled in {', '.join(use.labelled)}" if use.labelled else "off-label"
            facts = [labelled if use.indicated else "no place in this use", f"evidence: {use.grade}"]
            if use.part_of:
                facts.append(f"part of `{use.part_of}`")
            reason = f" Reason to ask: {self.teller.criterion(use.when)}." if use.when else ""
            head = f"- **{use.name}** (`{use.id}`; {'; '.join(facts)})"
            yield f"{head}: {use.says}{reason} {self.cite(use.sources)}"

    def statements(self, title: str, statements: list[Statement]) -> Iterator[str]:
        if not statements:
            return
        yield from ("", f"## {title}", "")
        groups = list(dict.fromkeys(statement.group for statement in statements))
        # Facts without a heading of their own come first.
        for group in sorted(groups, key=bool):
            if group:
                yield from ("", f"### {group[0].upper()}{group[1:]}", "")
            for statement in statements:
                if statement.group == group:
                    yield from self.statement(statement)

    def statement(self, statement: Statement) -> Iterator[str]:
        title = f"**{statement.title}**: " if statement.title else ""
        facts = list(plan_sentences(statement))
        facts += [f"Due: {statement.due}"] if statement.due else []
        facts += [f"Evidence: {statement.grade}"] if statement.grade else []
        facts += ["This project's own judgement"] if statement.basis == "judgement" else []
        told = f"{statement_text(statement, self.teller)} {_sentences(facts)}".rstrip()
        yield f"- {title}{told} {self.cite(statement.sources)} (`{statement.id}`)"
        for frequency in statement.frequencies:
            versus = f" against {frequency.versus}" if frequency.versus else ""
            cited = f" {self.cite(frequency.sources)}" if frequency.sources else ""
            yield f"  - {frequency.rate}{versus}: {frequency.where}{cited}"

    def disputes(self, disputes: tuple[Dispute, ...]) -> Iterator[str]:
        if not disputes:
            return
        yield from ("", "## Where sources disagree", "")
        for dispute in disputes:
            yield f"- **{dispute.about}** (`{dispute.id}`)"
            for position in dispute.positions:
                yield f"  - {position.says} {self.cite(position.sources)}"
            yield f"  - Followed here: {dispute.follows} Because: {dispute.because}"

    def source_list(self) -> Iterator[str]:
        yield from ("", "## Sources", "")
        for key in sorted(self.cited):
            source = self.sources.get(key)
            if source is None:
                yield f"- `{key}`: not in the list of sources."
                continue
            read = f"read: {source.read}" if source.read else ""
            facts = [source.title, source.edition, read, source.remarks, source.url]
            yield f"- `{key}` ({source.kind}): {_sentences(facts)}"


def _sentences(parts: Iterable[str]) -> str:
    """Parts that are not empty, each ending in one full stop (addresses end in none)."""
    return " ".join(part if "://" in part else f"{part.rstrip('.')}." for part in parts if part)
