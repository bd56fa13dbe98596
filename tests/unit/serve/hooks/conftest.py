"""The day on which calls are answered, and a server that believes unsigned ones."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

import pytest

from posology.serve.hooks import clock
from tests.hook_calls import DAY, Server


@pytest.fixture(autouse=True)
def _day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: date.fromisoformat(DAY))


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    return Server()
