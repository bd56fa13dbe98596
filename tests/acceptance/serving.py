"""A server of this process for browser tests: the application behind uvicorn, on a free port, with its own headers."""

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn

from posology.serve.app import create_app
from posology.serve.settings import Limits, Settings


@contextmanager
def running(**settings) -> Iterator[str]:
    """The address of a server that stops at the end."""
    limits = Limits(per_second=10_000, burst=100_000)
    config = uvicorn.Config(
        create_app(Settings(limits=limits, **settings)), port=0, log_level="critical", access_log=False
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        if time.monotonic() > until:
            raise TimeoutError("the server did not start")
        time.sleep(0.02)
    port = server.servers[0].sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}{config.root_path}"
    finally:
        server.should_exit = True
        thread.join(10)
