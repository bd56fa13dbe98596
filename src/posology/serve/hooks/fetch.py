"""What was not sent along, fetched from the EHR's FHIR server with the token that came with the call.

httpx and not a FHIR client: those that are kept up decode into models, follow redirects and read answers of
any size. Here an answer stays bytes, has an upper size, comes from one machine, and its token goes nowhere else.
"""

from __future__ import annotations

from typing import NamedTuple
from urllib.parse import urljoin, urlsplit

import anyio
import httpx
import msgspec

from ..settings import Settings
from .address import Target
from .prefetch import Wanted
from .sent import Head, decode_head

PAGES = 10
"""Pages of one list that are read; the pages after them are told to be missing."""
SECONDS = 5.0
"""Time for all queries together: a prescriber waits."""
_JSON = ("application/fhir+json", "application/json")


class Fetched(NamedTuple):
    """The pages of one query, and why it is not whole; empty if it is."""

    pages: tuple[bytes, ...]
    lacking: str = ""


class _Failed(Exception):
    pass


async def fetch(
    target: Target, queries: list[Wanted], patient: str, token: str, settings: Settings
) -> dict[str, Fetched]:
    """The answers to these queries, all asked at once. What fails is told; nothing is raised."""
    found: dict[str, Fetched] = {}
    budget = [settings.limits.body_bytes]
    timeout = httpx.Timeout(min(SECONDS, settings.limits.seconds))
    transport = _pinned(target, httpx.AsyncHTTPTransport(retries=0, trust_env=False))
    headers = {"Accept": ", ".join(_JSON), "Accept-Encoding": "identity"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    async with httpx.AsyncClient(
        transport=transport, timeout=timeout, headers=headers, follow_redirects=False, trust_env=False
    ) as client:

        async def one(query: Wanted) -> None:
            found[query.key] = await _query(client, target, query, patient, budget)

        with anyio.move_on_after(min(SECONDS, settings.limits.seconds)):
            async with anyio.create_task_group() as group:
                for query in queries:
                    group.start_soon(one, query)
    return {each.key: found.get(each.key, Fetched((), "the FHIR server took too long")) for each in queries}


class _Pinned(httpx.AsyncBaseTransport):
    """Connects to the address that was checked; the name still goes into TLS and the Host header."""

    def __init__(self, target: Target, inner: httpx.AsyncHTTPTransport) -> None:
        self._target, self._inner = target, inner

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        target = self._target
        if request.url.host != target.host.lower() or (request.url.port or target.port) != target.port:
            raise httpx.UnsupportedProtocol("another machine than the FHIR server")
        request.extensions = {**request.extensions, "sni_hostname": target.host}
        request.url = request.url.copy_with(host=target.address)
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self._inner.aclose()


def _pinned(target: Target, inner: httpx.AsyncHTTPTransport) -> httpx.AsyncBaseTransport:
    return _Pinned(target, inner)


async def _query(
    client: httpx.AsyncClient, target: Target, query: Wanted, patient: str, budget: list[int]
) -> Fetched:
    pages: list[bytes] = []
    url = f"{target.base}/{query.query(patient)}"
    seen = set()
    try:
        while url:
            if len(pages) == PAGES or url in seen:
                raise _Failed(f"the FHIR server goes on after {len(pages)} pages")
            seen.add(url)
            page = await _page(client, url, budget)
            head = _head(page, query)
            pages.append(page)
            url = "" if query.limited else _next(head, url, target)
    except _Failed as failed:
        return Fetched(tuple(pages), str(failed))
    except httpx.TimeoutException:
        return Fetched(tuple(pages), "the FHIR server took too long")
    except (httpx.HTTPError, httpx.InvalidURL, OSError):
        return Fetched(tuple(pages), "the FHIR server could not be reached")
    return Fetched(tuple(pages))


async def _page(client: httpx.AsyncClient, url: str, budget: list[int]) -> bytes:
    parts: list[bytes] = []
    async with client.stream("GET", url) as response:
        if response.status_code != httpx.codes.OK:
            moved = " (it redirects, which is not followed)" if response.is_redirect else ""
            raise _Failed(f"the FHIR server answered {response.status_code}{moved}")
        kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind not in _JSON:
            raise _Failed("the FHIR server answered with something that is not FHIR JSON")
        if response.headers.get("content-encoding", "identity") != "identity":
            raise _Failed("the FHIR server packed its answer, which was not asked for")
        async for part in response.aiter_raw():
            budget[0] -= len(part)
            if budget[0] < 0:
                raise _Failed("the answers of the FHIR server are too large")
            parts.append(part)
    return b"".join(parts)


def _head(page: bytes, query: Wanted) -> Head:
    try:
        head = decode_head(page)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise _Failed("the FHIR server answered with something that is not FHIR JSON") from None
    right = "Bundle" if "?" in query.template else query.type
    if head.resourceType != right:
        raise _Failed(f"the FHIR server did not answer with a {right}")
    return head


def _next(head: Head, url: str, target: Target) -> str:
    """The address of the next page, which must be on the same server: the token goes nowhere else."""
    if not head.next:
        return ""
    following = urljoin(url, head.next)
    try:
        there, here = urlsplit(following), urlsplit(target.base)
        if (there.scheme, there.hostname, there.port) != (here.scheme, here.hostname, here.port):
            raise ValueError
    except ValueError:
        raise _Failed("the next page is on another server, which is not gone to") from None
    return following
