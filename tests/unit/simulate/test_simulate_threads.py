"""DESIGN section 7, invariant 8: results do not depend on chunking or threads."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

_HASHES = """
from hashlib import sha256
import numpy as np
from posology.simulate.exposure import exposure
from posology.simulate.receptor import occupancy
from posology.simulate.system import System
from posology.simulate.timeline import Grid
from tests.unit.simulate.kinetic_models import Given, naltrexone, people
from tests.unit.simulate.simulating import library
from posology.simulate.run import simulate

model = naltrexone()
values, doses = people(model, 7), [Given(24.0 * day, 50) for day in range(2000)]
for kind in (np.float64, np.float32):
    # Long, so that one product of a subject would be large enough for several threads.
    for grid in (Grid(0, 0.25, 4 * 24 * 2000), Grid(0, 0.1, 999)):
        rows = np.empty((grid.count, 7), kind)
        system = System.of(model, ["po"], ["naltrexone"])
        exposure(system, values, doses, grid, ["naltrexone"], out={"naltrexone": rows.T})
        print(sha256(rows.tobytes()).hexdigest())
for accurate in (True, False):
    found = occupancy(System.of(model, ["po"], ["mu"]), values, doses[:20], Grid(0, 1, 480), ["mu"], accurate=accurate)
    print(sha256(found["mu"].tobytes()).hexdigest())
for block in (64, 77, None):
    found = simulate(library(), "plainol", rx=["10 mg po q24h x7"], population=150, seed=3, block=block)
    for curve in found.simulation.arms[0].curves:
        print(curve.output.id, sha256(curve.typical.tobytes() + curve.high.tobytes()).hexdigest())
"""


@pytest.mark.skipif((os.cpu_count() or 1) < 2, reason="one processor, so one thread anyway")
def test_threads_never_change_a_bit() -> None:
    root = Path(__file__).parents[3]

    def run(threads: str) -> list[str]:
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root / "src"), str(root)])}
        environment |= {"OPENBLAS_NUM_THREADS": threads, "OMP_NUM_THREADS": threads}
        done = subprocess.run(
            [sys.executable, "-c", _HASHES], check=True, env=environment, stdout=subprocess.PIPE
        )
        return done.stdout.decode().splitlines()

    one, two = run("1"), run("2")
    assert len(one) > 8
    assert one == two
    by_block = [line for line in one if " " in line]
    third = len(by_block) // 3
    assert by_block[:third] == by_block[third : 2 * third] == by_block[2 * third :]
