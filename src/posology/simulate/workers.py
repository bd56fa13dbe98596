"""Processes that compute blocks of people; they end when the one that started them is interrupted or fails."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
from collections.abc import Callable
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import cast

from posology.errors import PosologyError
from posology.interrupts import unheard
from posology.simulate.blockwise import Counted, Task, compute


class Workers:
    """So many processes, started when first needed; with one, the work is done in this one."""

    def __init__(self, count: int) -> None:
        self.count = count
        self._processes: list[SpawnProcess] = []
        self._pipes: list[Connection] = []

    def __enter__(self) -> Workers:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.terminate()
            process.join()

    def run(self, tasks: list[Task], tell: Callable[[int], None]) -> list[Counted]:
        """What was found of each task, in their order; `tell` is called with how many more people are done."""
        if len(tasks) == 1:
            return [compute(tasks[0], tell)]
        self._start(len(tasks))
        waiting = dict(zip(self._pipes, range(len(tasks)), strict=False))
        for pipe, number in waiting.items():
            pipe.send(tasks[number])
        found: dict[int, Counted] = {}
        while waiting:
            for ready in wait(list(waiting), timeout=0.5):
                pipe = cast(Connection, ready)
                try:
                    said = pipe.recv()
                except (EOFError, OSError):
                    raise PosologyError(
                        "a process of the simulation ended unexpectedly (out of memory?);"
                        " ask for fewer people, or for --workers 1"
                    ) from None
                if isinstance(said, int):
                    tell(said)
                elif isinstance(said, Counted):
                    found[waiting.pop(pipe)] = said
                else:
                    raise said
        return [found[number] for number in range(len(tasks))]

    def _start(self, many: int) -> None:
        context = multiprocessing.get_context("spawn")
        with unheard():
            while len(self._processes) < many:
                mine, theirs = context.Pipe()
                process = context.Process(target=_work, args=(theirs,), daemon=True)
                process.start()
                theirs.close()
                self._processes.append(process)
                self._pipes.append(mine)


def _work(pipe: Connection) -> None:
    """In a process of its own: compute task after task, until the pipe is closed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_end_with_parent, daemon=True).start()
    while True:
        try:
            task = pipe.recv()
        except EOFError:
            return
        try:
            pipe.send(compute(task, pipe.send))
        except Exception as error:  # sent to where it is told
            pipe.send(error)


def _end_with_parent() -> None:
    """End when the process that started this one is gone, even killed."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
