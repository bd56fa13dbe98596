"""`posology serve` as a process of its own, on a free port, for tests of what only a process has."""

from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Served:
    """A running server."""

    def __init__(self, process: subprocess.Popen[str], port: int, said: list[str]) -> None:
        self.process, self.port, self.said = process, port, said
        self.url = f"http://127.0.0.1:{port}"


@contextmanager
def served(*options: str) -> Iterator[Served]:
    command = [sys.executable, "-m", "posology.cli", "serve", "--port", "0", *options]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said: list[str] = []
    port = 0
    try:
        assert process.stderr is not None
        while not port:
            line = process.stderr.readline()
            assert line, said
            said.append(line)
            if found := re.search(r"http://\S+?:(\d+)", line):
                port = int(found[1])
        reader = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
        reader.start()
        for _ in range(300):
            with socket.socket() as probe:
                probe.settimeout(1)
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Served(process, port, said)
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(30)
        reader.join(5)
        for stream in (process.stdout, process.stderr):
            if stream is not None:
                stream.close()
