"""`posology serve`: the same answers over HTTP."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import urlsplit

import typer

from posology.errors import UsageError

from .options import Monographs, Region

if TYPE_CHECKING:
    from posology.serve.settings import Issuer

_NEEDED = {
    "fastapi": "fastapi",
    "uvicorn": "uvicorn",
    "prometheus_client": "prometheus-client",
    "httpx": "httpx",
    "jwt": "pyjwt",
    "python_multipart": "python-multipart",
    "numpy": "numpy",
    "duckdb": "duckdb",
    "icalendar": "icalendar",
    "typst": "typst",
}
"""Modules, and what they are called where they are installed from."""


def serve(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; 0.0.0.0 is everywhere.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="0: any that is free.")] = 8000,
    monographs: Monographs = None,
    results: Annotated[
        Path | None,
        typer.Option("--results", metavar="DIR", help="A folder that 'posology screen' wrote, to be shown."),
    ] = None,
    region: Region = "US",
    root_path: Annotated[
        str,
        typer.Option("--root-path", metavar="PATH", help="The path under which a proxy shows this server."),
    ] = "",
    public_url: Annotated[
        str,
        typer.Option(
            "--public-url", metavar="URL", help="Where clients reach it: for links, and signed requests."
        ),
    ] = "",
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            "--proxy",
            metavar="ADDRESS",
            help="A proxy that is believed about for whom it asks (X-Forwarded-For); may be repeated.",
        ),
    ] = None,
    issuer: Annotated[
        list[str] | None,
        typer.Option(
            "--issuer",
            metavar="ISS=JWKS_URL",
            help="An EHR whose CDS Hooks requests are believed; may be repeated.",
        ),
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Believe unsigned CDS Hooks requests. Only for a sandbox.")
    ] = False,
    feedback: Annotated[
        Path | None,
        typer.Option(
            "--feedback", metavar="FILE", help="Append feedback on cards here, without patient data."
        ),
    ] = None,
    max_body: Annotated[
        int, typer.Option("--max-body", metavar="MB", min=1, max=100, help="The largest body that is taken.")
    ] = 20,
    rate: Annotated[
        float,
        typer.Option(
            "--rate", metavar="N", min=0, help="Requests a second of one address; 0: without limit."
        ),
    ] = 100.0,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes.")] = 1,
) -> None:
    """Answer over HTTP: pages, REST and CDS Hooks. Keeps no patient data; runs until it is ended."""
    for module, package in _NEEDED.items():
        if find_spec(module) is None:
            raise UsageError(f"serving needs {package}: pip install 'posology[serve]'")
    from posology.check.question import region_named
    from posology.serve.run import listening
    from posology.serve.run import serve as run
    from posology.serve.settings import Limits, Settings

    settings = Settings(
        monographs=monographs,
        results=_folder(results),
        region=region_named(region),
        root_path=_root(root_path),
        public_url=_address(public_url),
        insecure=insecure,
        issuers=tuple(_issuer(each) for each in issuer or ()),
        feedback=feedback,
        limits=replace(
            Limits(), body_bytes=max_body * 1_000_000, per_second=rate, burst=max(1, int(2 * rate))
        ),
    )
    if insecure:
        _warn(
            "WARNING: --insecure: anybody can ask the CDS Hooks services, unsigned. Never with data of real patients."
        )
    if not _loopback(host) and not proxy:
        _warn(
            f"WARNING: {host} can be reached from other machines, and what is sent there is not encrypted."
            " Put a proxy with TLS in front (--proxy ADDRESS), or listen on 127.0.0.1."
        )
    with listening(host, port) as bound:
        place = f"[{host}]" if ":" in host else host
        _warn(
            f"Posology answers on http://{place}:{bound.getsockname()[1]}{settings.root_path}/ (Ctrl+C ends it)"
        )
        run(settings, bound, workers=workers, proxies=proxy or ())


def _warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _folder(path: Path | None) -> Path | None:
    if path is not None and not path.is_dir():
        raise UsageError(f"--results {path}: there is no such folder; give one that 'posology screen' wrote")
    return path


def _root(path: str) -> str:
    path = path.rstrip("/")
    if path and not path.startswith("/"):
        raise UsageError(f"--root-path {path}: a path begins with a slash: /{path}")
    return path


def _address(url: str) -> str:
    parts = urlsplit(url)
    if url and (parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or parts.fragment):
        raise UsageError(f"--public-url {url}: give a whole address, such as https://posology.example.org")
    return url.rstrip("/")


def _issuer(text: str) -> Issuer:
    from posology.serve.settings import Issuer

    iss, equals, keys = text.partition("=")
    if not (equals and iss.strip() and keys.strip()):
        raise UsageError(f"--issuer {text}: write ISS=JWKS_URL, the issuer and the address of its keys")
    return Issuer(iss.strip(), keys.strip())
