"""Which addresses the server may be sent to: never into the network it stands in, unless that was allowed.

Whoever calls a service names the FHIR server. Without this check a caller could have the server fetch from
machines that only the server can reach. The address is resolved once, checked, and that very address is
connected to, so that a name cannot mean one machine when it is checked and another when it is used.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import NamedTuple
from urllib.parse import urlsplit

import anyio

from ..settings import Settings

_TRANSLATED = (ipaddress.IPv6Network("::/96"), ipaddress.IPv6Network("64:ff9b::/96"))
"""Networks whose addresses end in one of IPv4: "IPv4-compatible" (RFC 4291), and NAT64 (RFC 6052)."""


_LOCAL = (ipaddress.IPv6Network("fec0::/10"), ipaddress.IPv6Network("64:ff9b:1::/48"))
"""Of one site (RFC 3879), and translated as a network likes (RFC 8215): Python 3.11 takes both for global."""


class Forbidden(Exception):
    """An address that is not gone to; the message says why, without a path or a token."""


class Target(NamedTuple):
    """A base URL that may be used, its host, and the numeric address to connect to."""

    base: str
    host: str
    port: int
    secure: bool
    address: str


def same(one: str, other: str) -> bool:
    """Are two base URLs the same, but for a slash at the end?"""
    return one.rstrip("/") == other.rstrip("/")


def listed(server: str, settings: Settings) -> bool:
    """Is this FHIR server on the operator's list?"""
    return any(same(server, each) for each in settings.fhir_servers)


async def target(server: str, settings: Settings) -> Target:
    """Where a base URL leads. Raises `Forbidden` if it is no https address of a public machine.

    A server on the list, and any server with `insecure`, may be http and private.
    """
    try:
        parts = urlsplit(server)
        port = parts.port
    except ValueError:
        raise Forbidden("fhirServer is not an address") from None
    host = parts.hostname or ""
    if parts.scheme not in ("http", "https") or not host:
        raise Forbidden("fhirServer is not an https address")
    if parts.username or parts.password or parts.query or parts.fragment:
        raise Forbidden("fhirServer is a base address, without user, query or fragment")
    free = settings.insecure or listed(server, settings)
    secure = parts.scheme == "https"
    if not secure and not free:
        raise Forbidden("fhirServer is not https, and not on this server's list")
    port = port or (443 if secure else 80)
    addresses = await _resolved(host, port)
    if not free and not all(_public(each) for each in addresses):
        raise Forbidden("fhirServer is a machine of a private network, and not on this server's list")
    return Target(server.rstrip("/"), host, port, secure, addresses[0])


async def _resolved(host: str, port: int) -> list[str]:
    try:
        with anyio.fail_after(2):
            found = await anyio.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, TimeoutError, UnicodeError):
        raise Forbidden("fhirServer has a name that leads nowhere") from None
    addresses = [str(each[4][0]) for each in found]
    if not addresses:
        raise Forbidden("fhirServer has a name that leads nowhere")
    return addresses


def _public(address: str) -> bool:
    number = ipaddress.ip_address(address.partition("%")[0])
    if any(number in network for network in _LOCAL):
        return False
    return all(each.is_global and not each.is_multicast for each in (number, *_inner(number)))


def _inner(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """The addresses of IPv4 to which one of IPv6 may be translated on its way."""
    if isinstance(number, ipaddress.IPv4Address):
        return []
    found = [
        each for each in (number.ipv4_mapped, number.sixtofour, *(number.teredo or ())) if each is not None
    ]
    if any(number in network for network in _TRANSLATED):
        found.append(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
    return found
