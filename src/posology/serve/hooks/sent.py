"""What was sent or fetched, as far as it can be told before it is read: a resource, or a Bundle of them."""

from __future__ import annotations

import msgspec

from posology.record.fhir_types import BundleEntry, Resource
from posology.record.shape import contains, held


class Link(msgspec.Struct):
    """A link of a Bundle, such as to its next page."""

    relation: str = ""
    url: str = ""


class Head(msgspec.Struct):
    """What can be told of a resource without reading what is in it."""

    resourceType: str = ""  # noqa: N815
    id: str | None = None
    link: list[Link] = []
    total: int | None = None

    @property
    def next(self) -> str:
        """Where the next page of a Bundle is; empty on the last."""
        return next((each.url for each in self.link if each.relation == "next"), "")


decode_head = msgspec.json.Decoder(Head).decode


class Sent(Resource):
    """A resource, or a Bundle of resources, decoded together with its head."""

    entry: list[BundleEntry] = msgspec.field(default_factory=list)
    link: list[Link] = msgspec.field(default_factory=list)
    total: int | None = None

    @property
    def head(self) -> Head:
        """Its head alone."""
        return Head(self.resourceType, self.id, self.link, self.total)

    @property
    def resources(self) -> int:
        """How many resources it holds, itself and those that are contained in others included."""
        return bool(self.resourceType) + contains(self) + held(self.entry)

    @property
    def plain(self) -> bool:
        """Is no Bundle inside this one?"""
        return not any(
            each.resource is not None and each.resource.resourceType == "Bundle" for each in self.entry
        )
