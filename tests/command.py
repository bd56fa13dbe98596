"""Run the command line in process, as a shell would see it: exit code, standard output, standard error."""

from __future__ import annotations

import io
import sys
from typing import NamedTuple

from posology import cli


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class _Stream(io.TextIOWrapper):
    def __init__(self, data: bytes = b"") -> None:
        super().__init__(io.BytesIO(data), encoding="utf-8", newline="\n")

    def text(self) -> str:
        self.flush()
        return self.buffer.getvalue().decode("utf-8")  # type: ignore[attr-defined]


def run(*arguments: object, stdin: bytes = b"") -> Ran:
    """Run ``posology ARGUMENTS``; `stdin` is what is piped into it."""
    before = sys.argv, sys.stdin, sys.stdout, sys.stderr
    out, err = _Stream(), _Stream()
    sys.argv, sys.stdin = ["posology", *map(str, arguments)], _Stream(stdin)
    sys.stdout, sys.stderr = out, err
    try:
        cli.main()
        code = 0
    except SystemExit as end:
        code = end.code if isinstance(end.code, int) else int(bool(end.code))
    finally:
        sys.argv, sys.stdin, sys.stdout, sys.stderr = before
    return Ran(code, out.text(), err.text())
