import json
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

import posology
from posology.check import compile as compiling
from posology.check.answer import Answer
from posology.check.engine import Engine
from posology.monograph.criterion import Criterion

from ...records import alt, bundle, condition, order, patient


class _Slow(dict):  # type: ignore[type-arg]
    """A dict that lets another thread in just before it takes a new key, as the interpreter may at any time."""

    def setdefault(self, key, default=None):  # type: ignore[no-untyped-def]
        BOTH.wait(timeout=5)
        return super().setdefault(key, default)


BOTH = threading.Barrier(2)


def test_two_threads_never_give_two_leaves_one_number(monkeypatch: pytest.MonkeyPatch) -> None:
    numbers = _Slow()
    monkeypatch.setattr(compiling, "_NUMBERS", numbers)
    keys = [(Criterion("age"), True), (Criterion("sex"), True)]
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda key: compiling._once(lambda case: Answer(True), key), keys))
    assert len(set(numbers.values())) == 2


@pytest.fixture
def hasty() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("hasty")
def test_threads_that_share_a_new_engine_answer_as_one_does() -> None:
    records = [
        json.dumps(bundle(patient(), *more)).encode()
        for more in ([], [order()], [condition()], [alt(900)], [order(), alt(), condition()])
    ]

    def ask(record: bytes, engine: Engine) -> object:
        return posology.check(record, drug="naltrexone", on="2026-06-30", monographs=engine).to_dict()

    library = posology.load_library()
    alone = [ask(record, Engine(library)) for record in records]
    shared = Engine(library)
    with ThreadPoolExecutor(5) as pool:
        together = list(pool.map(lambda record: ask(record, shared), records * 4))
    assert together == alone * 4
