"""The floor: a bare endpoint of the same framework, on the same server, that parses the body and answers a card."""

from __future__ import annotations

import json
import socket
import sys

import msgspec
import uvicorn
from fastapi import FastAPI, Request, Response

from posology.serve.protocol import Http

CARD = json.dumps(
    {
        "cards": [
            {"summary": "Fixed.", "indicator": "info", "source": {"label": "The floor"}, "detail": "x" * 1000}
        ]
    }
).encode()


def application() -> FastAPI:
    """``/json`` parses as the framework does, ``/fast`` with the decoder that Posology uses."""
    app = FastAPI(openapi_url=None)

    @app.post("/json")
    async def as_usual(request: Request) -> Response:
        await request.json()
        return Response(CARD, media_type="application/json")

    @app.post("/fast")
    async def fast(request: Request) -> Response:
        msgspec.json.decode(await request.body())
        return Response(CARD, media_type="application/json")

    return app


def main() -> None:
    """Serve on a free port and print it."""
    # With its protocol named, or asyncio leaves Nagle's algorithm on and each answer waits 40 ms for an ACK.
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP) as bound:
        bound.bind(("127.0.0.1", 0))
        print(f"floor on http://127.0.0.1:{bound.getsockname()[1]}/", file=sys.stderr, flush=True)
        config = uvicorn.Config(application(), http=Http, log_level="warning", access_log=False)
        uvicorn.Server(config).run(sockets=[bound])


if __name__ == "__main__":
    main()
