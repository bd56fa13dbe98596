"""What a server is started with."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and one client, may take. A request beyond them is refused, and nothing else suffers."""

    body_bytes: int = 20_000_000
    depth: int = 100
    """Levels of nesting of a JSON body."""
    seconds: float = 20.0
    """Time to answer one request."""
    at_once: int = 32
    """Requests answered at the same time; more wait, as long as `seconds`."""
    per_second: float = 100.0
    """Requests of one client, on average over a burst of `burst`."""
    burst: int = 200


@dataclass(frozen=True, slots=True)
class Issuer:
    """An EHR whose signed requests are believed: its `iss`, and where its public keys are."""

    iss: str
    jwks_url: str
    """Address of its key set, or a file."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How the server answers. Immutable; one a process."""

    monographs: Path | None = None
    """A folder of further monographs."""
    results: Path | None = None
    """A folder that `posology screen` wrote, shown under /population."""
    region: str = "US"
    root_path: str = ""
    """The path under which a proxy shows this server."""
    public_url: str = ""
    """Address at which clients reach it: the audience of signed requests, and the base of links in cards."""
    insecure: bool = False
    """Believe unsigned CDS Hooks requests: for a sandbox only."""
    issuers: tuple[Issuer, ...] = ()
    feedback: Path | None = None
    """File to which feedback on cards is appended, without patient data."""
    fhir_servers: tuple[str, ...] = ()
    """Base URLs of FHIR servers that may be asked although they are http, private, or need no token."""
    smart_launch: str = ""
    """Launch URL of a SMART app to which cards link."""
    origins: tuple[str, ...] = ()
    """Origins of browser-based EHRs that may call CDS Hooks (CORS); none by default."""
    shared: Path | None = None
    """A private folder of the processes of this server, if there are several; made and removed by `run`."""
    limits: Limits = field(default_factory=Limits)
