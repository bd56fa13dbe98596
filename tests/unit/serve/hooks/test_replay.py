"""A token is new once, for all that share the memory, and is forgotten when it would no longer be believed."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from posology.serve.hooks.replay import Full, Memory, Seen, SeenTogether

Make = Callable[[int], Memory]


@pytest.fixture(params=["one process", "several"])
def memory(request: pytest.FixtureRequest, tmp_path: Path) -> Make:
    """Makes a memory with room for so many tokens."""
    if request.param == "one process":
        return Seen
    return lambda room: SeenTogether(tmp_path / "tokens.sqlite", room)


def test_a_token_is_new_once_until_it_has_ended(memory: Make) -> None:
    seen = memory(2)
    assert seen.first("a", "1", 10, 0)
    assert not seen.first("a", "1", 10, 9)
    assert seen.first("b", "1", 20, 0), "of another issuer"
    with pytest.raises(Full):
        seen.first("a", "2", 30, 5)
    assert not seen.first("b", "1", 20, 6), "what is known is known also when there is no room"
    assert seen.first("a", "2", 30, 11), "the first has ended and made room"
    assert not seen.first("b", "1", 20, 12)
    assert not seen.first("a", "2", 30, 13), "a refusal for want of room left nothing half done"


def test_an_issuer_and_an_id_cannot_run_together(memory: Make) -> None:
    seen = memory(10)
    assert seen.first("ab", "c", 10, 0)
    assert seen.first("a", "bc", 10, 0)
    assert seen.first("a", "\ud800", 10, 0)


def test_what_one_process_has_seen_the_others_know(tmp_path: Path) -> None:
    """Eight at once, each with a connection of its own, as processes have."""
    file = tmp_path / "tokens.sqlite"
    processes = [SeenTogether(file) for _ in range(8)]
    assert len({each.since for each in processes}) == 1
    believed: list[str] = []

    def use(mine: SeenTogether) -> None:
        believed.extend(str(number) for number in range(100) if mine.first("a", str(number), 10, 0))

    threads = [threading.Thread(target=use, args=(each,)) for each in processes]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(believed, key=int) == [str(number) for number in range(100)]


def test_nothing_is_believed_that_cannot_be_noted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("posology.serve.hooks.replay._WAIT", 0.05)
    file = tmp_path / "tokens.sqlite"
    seen = SeenTogether(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Full):
        seen.first("a", "1", 10, 0)
    other.execute("ROLLBACK")
    other.close()
    assert seen.first("a", "1", 10, 0)


def test_only_digests_are_kept(tmp_path: Path) -> None:
    file = tmp_path / "tokens.sqlite"
    SeenTogether(file).first("https://ehr.example.org", "of Mrs Miller", 10, 0)
    kept = b"".join(each.read_bytes() for each in tmp_path.iterdir())
    assert b"Miller" not in kept
    assert b"ehr.example.org" not in kept
