"""The body of a service call: what it must hold, and what is wrong with one that does not.

Everything that the specification requires is checked here, and each fault is told with its JSON path.
A call in which all is well is decoded once. In any other, what was sent along stays bytes until it is read.
"""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import msgspec
from msgspec import Raw, Struct

from posology.record.shape import HIDDEN, keyed, marks, repeats_a_key

from .faults import decoded, wrong
from .sent import Sent

HOOKS = ("patient-view", "order-select", "order-sign")
USERS = ("Practitioner", "PractitionerRole", "Patient", "RelatedPerson")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")
ORDERS_AT_MOST = 200


class Order(Struct, frozen=True):
    """One of the draft orders, where it stands, and whether it is one that the user is busy with."""

    place: str
    resource: dict[str, Any]
    selected: bool

    @property
    def ref(self) -> str:
        """``Type/id``; empty if it has no id."""
        id_ = self.resource.get("id")
        return f"{self.resource['resourceType']}/{id_}" if isinstance(id_, str) and id_ else ""


class HookRequest(Struct, frozen=True):
    """A service call that is as the specification wants it. `patient` is the id, without its type."""

    hook: str
    instance: str
    patient: str
    orders: tuple[Order, ...]
    prefetch: dict[str, Sent | bytes | None]
    """What was sent under each key, as bytes where it must be read with care; None for null: no such data."""
    server: str
    token: str


class _Authorization(Struct):
    access_token: str
    token_type: str
    expires_in: int
    scope: str
    subject: str


class _Context(Struct):
    userId: str  # noqa: N815
    patientId: str  # noqa: N815
    encounterId: str | None = None  # noqa: N815
    selections: list[str] | None = None
    draftOrders: Raw = Raw()  # noqa: N815


class _Call(Struct):
    hook: str
    hookInstance: str  # noqa: N815
    context: _Context
    fhirServer: str | None = None  # noqa: N815
    fhirAuthorization: _Authorization | None = None  # noqa: N815


class _Body(_Call):
    prefetch: dict[str, Raw] | None = None


class _Plain(_Call):
    prefetch: dict[str, Sent | None] | None = None


_decode = msgspec.json.Decoder(_Body).decode
_decode_plain = msgspec.json.Decoder(_Plain).decode


def parsed(body: bytes, hook: str) -> HookRequest:
    """The call that these bytes are, for the service of this hook. Raises `Refused` (400) with a JSON path."""
    try:
        body.isascii() or body.decode()
    except UnicodeDecodeError as error:
        raise wrong("$", f"is not JSON in UTF-8: byte {error.start} of {len(body)}") from None
    sent, prefetch = _plain(body) or _with_care(body)
    _required(sent, hook)
    patient = sent.context.patientId.removeprefix("Patient/")
    if not _ID.fullmatch(patient):
        raise wrong("$.context.patientId", "is the id of a Patient: 1 to 64 letters, digits, '-' and '.'")
    grant = sent.fhirAuthorization
    return HookRequest(
        hook=sent.hook,
        instance=sent.hookInstance,
        patient=patient,
        orders=_orders(sent, patient) if hook != "patient-view" else (),
        prefetch=prefetch,
        server=sent.fhirServer or "",
        token=grant.access_token if grant else "",
    )


def _plain(body: bytes) -> tuple[_Call, dict[str, Sent | bytes | None]] | None:
    """A call of which every resource was decoded; None where something is wrong-shaped, hidden or out of place."""
    try:
        call = _decode_plain(body)
    except (msgspec.DecodeError, RecursionError):
        return None
    sent = [each for each in (call.prefetch or {}).values() if each is not None]
    known = sum([each.resources for each in sent], marks(bytes(call.context.draftOrders)))
    all_told = marks(body)
    if all_told < 0 or all_told != known or not all(each.plain for each in sent):
        return None
    return call, {**(call.prefetch or {})}


def _with_care(body: bytes) -> tuple[_Call, dict[str, Sent | bytes | None]]:
    call = decoded(_decode, body)
    prefetch = {
        key: None if bytes(raw) == b"null" else bytes(raw) for key, raw in (call.prefetch or {}).items()
    }
    kept = sum(marks(value) for value in (*prefetch.values(), bytes(call.context.draftOrders)) if value)
    all_told = marks(body)
    if (all_told > kept or all_told < 0) and repeats_a_key(body):
        raise wrong("$", HIDDEN)
    return call, {**prefetch}


def _required(sent: _Call, hook: str) -> None:
    if sent.hook != hook:
        raise wrong(
            "$.hook", f"is not '{hook}', the hook of this service; GET /cds-services lists the services"
        )
    try:
        UUID(sent.hookInstance)
    except ValueError:
        raise wrong("$.hookInstance", "is a UUID, such as d1577c69-dfbe-44ad-ba6d-3e05e953b2ea") from None
    kind, _, name = sent.context.userId.partition("/")
    if kind not in USERS or not _ID.fullmatch(name):
        raise wrong(
            "$.context.userId", f"is a type and an id, such as Practitioner/123; types: {', '.join(USERS)}"
        )
    if sent.context.encounterId == "":
        raise wrong("$.context.encounterId", "is empty; leave out what has no value")
    grant = sent.fhirAuthorization
    if grant is not None:
        if not sent.fhirServer:
            raise wrong("$.fhirServer", "is required where there is a fhirAuthorization")
        if grant.token_type.lower() != "bearer":
            raise wrong("$.fhirAuthorization.token_type", "is 'Bearer'")
        if not grant.access_token or not grant.access_token.isascii() or not grant.access_token.isprintable():
            raise wrong("$.fhirAuthorization.access_token", "is a token of printable ASCII")


def _orders(sent: _Call, patient: str) -> tuple[Order, ...]:
    """The draft orders. One resource in place of a Bundle is read as one order."""
    raw = bytes(sent.context.draftOrders)
    if not raw:
        raise wrong("$.context.draftOrders", f"is required by {sent.hook}: a Bundle of the unsigned orders")
    try:
        bundle = msgspec.json.decode(raw)
    except msgspec.MsgspecError as error:
        what = str(error).partition(" - at")[0]
        raise wrong("$.context.draftOrders", f"cannot be read: {what}") from None
    if not isinstance(bundle, dict) or not isinstance(bundle.get("resourceType"), str):
        raise wrong("$.context.draftOrders", "is a FHIR Bundle of the unsigned orders")
    at = "$.context.draftOrders"
    if marks(raw) != keyed(bundle) and repeats_a_key(raw):
        raise wrong(at, HIDDEN)
    if bundle["resourceType"] == "Bundle":
        entries = bundle.get("entry", [])
        if not isinstance(entries, list):
            raise wrong(f"{at}.entry", "is an array")
        found = [
            (f"{at}.entry[{number}].resource", _resource(at, number, each))
            for number, each in enumerate(entries)
        ]
    else:
        found = [(at, bundle)]
    if len(found) > ORDERS_AT_MOST:
        raise wrong(f"{at}.entry", f"holds more than {ORDERS_AT_MOST} orders")
    for place, order in found:
        _same_patient(place, order, patient)
    selections = sent.context.selections
    if sent.hook == "order-select" and selections is None:
        raise wrong("$.context.selections", "is required by order-select: ids of the orders just selected")
    chosen = (
        {each.removeprefix("urn:uuid:") for each in selections or ()}
        if sent.hook == "order-select"
        else set()
    )
    orders = [(place, order, _is_among(order, chosen)) for place, order in found]
    # A selection that names none of the orders must not make all of them pass unseen.
    everything = not any(selected for _, _, selected in orders)
    return tuple([Order(place, order, selected or everything) for place, order, selected in orders])


def _resource(at: str, number: int, entry: Any) -> dict[str, Any]:
    resource = entry.get("resource") if isinstance(entry, dict) else None
    if not isinstance(resource, dict) or not isinstance(resource.get("resourceType"), str):
        raise wrong(f"{at}.entry[{number}].resource", "is a FHIR resource")
    return resource


def _is_among(order: dict[str, Any], chosen: set[str]) -> bool:
    id_ = order.get("id")
    return isinstance(id_, str) and (id_ in chosen or f"{order['resourceType']}/{id_}" in chosen)


def _same_patient(place: str, order: dict[str, Any], patient: str) -> None:
    """An order that names another Patient is no order for this one, and mixing two people is refused."""
    subject = order.get("subject") or order.get("patient")
    reference = subject.get("reference") if isinstance(subject, dict) else None
    if isinstance(reference, str):
        *_, kind, name = ["", *reference.partition("/_history/")[0].split("/")][-2:]
        if kind.lower() == "patient" and name != patient:
            raise wrong(f"{place}.subject", "names another Patient than $.context.patientId")
