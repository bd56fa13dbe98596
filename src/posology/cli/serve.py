"""`posology serve`: the same answers over HTTP."""

from __future__ import annotations

import sys
from dataclasses import replace
from importlib.util import find_spec
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import typer

from posology.errors import UsageError

from . import serve_options as given
from .options import Monographs, Region

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
    fhir_server: Annotated[
        list[str] | None,
        typer.Option(
            "--fhir-server",
            metavar="URL",
            help="A FHIR server that may be asked though it is http, private, or needs no token; may be repeated.",
        ),
    ] = None,
    smart_launch: Annotated[
        str,
        typer.Option(
            "--smart-launch", metavar="URL", help="Launch address of a SMART app that cards link to."
        ),
    ] = "",
    origin: Annotated[
        list[str] | None,
        typer.Option(
            "--origin",
            metavar="ORIGIN",
            help="Origin of a browser-based EHR that may call CDS Hooks (CORS); may be repeated.",
        ),
    ] = None,
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
        results=given.folder(results),
        region=region_named(region),
        root_path=given.root(root_path),
        public_url=given.public(public_url),
        insecure=insecure,
        issuers=tuple([given.issuer(each) for each in issuer or ()]),
        feedback=given.feedback(feedback),
        fhir_servers=tuple([given.fhir_server(each) for each in fhir_server or ()]),
        smart_launch=given.smart_launch(smart_launch),
        origins=tuple([given.origin(each) for each in origin or ()]),
        limits=replace(
            Limits(),
            body_bytes=max_body * 1_000_000,
            per_second=given.rate(rate),
            burst=max(1, int(2 * rate)),
        ),
    )
    proxies = [given.proxy(each) for each in proxy or ()]
    if insecure:
        _warn(
            "WARNING: --insecure: anybody can ask the CDS Hooks services, unsigned. Never with data of real patients."
        )
    if not _loopback(host) and not proxies:
        _warn(
            f"WARNING: {host} can be reached from other machines, and what is sent there is not encrypted."
            " Put a proxy with TLS in front (--proxy ADDRESS), or listen on 127.0.0.1."
        )
    with listening(host, port) as bound:
        place = f"[{host}]" if ":" in host else host
        told = f"Posology answers on http://{place}:{bound.getsockname()[1]}{settings.root_path}/ (Ctrl+C ends it)"
        run(settings, bound, workers=workers, proxies=proxies, ready=lambda: _warn(told))


def _warn(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def _loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
