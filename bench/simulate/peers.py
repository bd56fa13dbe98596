"""ODE solvers at the common task: SciPy, numbalsoda, diffrax. One that is not there is said not to be there."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib.util import find_spec
from time import process_time
from typing import Any

import numpy as np

from .common import DAYS, DOSE, HOURS, SUBJECTS, TOLERANCE, Floats, rates, values

os.environ.setdefault("XLA_FLAGS", "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1")


def all_peers(answer: Floats, scipy_subjects: int) -> list[dict[str, Any]]:
    """What each took for all subjects (CPU seconds), what compiling took, and how far it is from `answer`."""
    found = []
    for name, package, run in (
        ("SciPy solve_ivp, LSODA", "scipy", lambda: scipy_lsoda(scipy_subjects)),
        ("numbalsoda (LSODA, Numba)", "numbalsoda", numbalsoda),
        ("diffrax (Tsit5, JAX on CPU)", "diffrax", diffrax),
    ):
        found.append({"name": name, **_one(package, run, answer)})
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    there = (
        "installed, but has no run here" if find_spec("openpkpd") else f"not available for Python {python}"
    )
    return [*found, {"name": "openpkpd", "missing": there}]


def _one(package: str, run: Callable[[], dict[str, Any]], answer: Floats) -> dict[str, Any]:
    if find_spec(package) is None:
        return {"missing": "not installed"}
    try:
        found = run()
    except (ImportError, OSError) as error:  # a package whose own libraries are not there
        return {"missing": f"cannot be imported: {error}"}
    theirs = found.pop("answer")
    ours = answer[: len(theirs)]
    return {**found, "difference": float((np.abs(theirs - ours).max(axis=1) / ours.max(axis=1)).max())}


def scipy_lsoda(subjects: int) -> dict[str, Any]:
    """As one writes it: one subject at a time, from dose to dose. Measured on some subjects and scaled."""
    from scipy.integrate import solve_ivp

    def slope(
        _: float, y: Floats, ka: float, k: float, km: float, ke: float, per_litre: float
    ) -> list[float]:
        return [-ka * y[0], ka * y[0] - k * y[1], k * y[1] - km * y[2], ke * (y[1] * per_litre - y[3])]

    some = rates(values())[:subjects]
    answer = np.empty((subjects, DAYS * HOURS, 4))
    start = process_time()
    for number, each in enumerate(some):
        y = np.zeros(4)
        for day in range(DAYS):
            y[0] += DOSE
            hours = np.arange(HOURS + 1.0)
            solved = solve_ivp(
                slope, (0.0, 24.0), y, "LSODA", hours, args=tuple(each), rtol=TOLERANCE, atol=TOLERANCE
            )
            answer[number, day * HOURS : (day + 1) * HOURS] = solved.y[:, :-1].T
            y = solved.y[:, -1]
    seconds = (process_time() - start) * SUBJECTS / subjects
    return {"seconds": seconds, "measured_on": subjects, "answer": answer}


def numbalsoda() -> dict[str, Any]:
    """The whole loop compiled by Numba."""
    from numba import cfunc, njit
    from numbalsoda import lsoda, lsoda_sig

    @cfunc(lsoda_sig)
    def slope(_, y, dy, p):  # type: ignore[no-untyped-def]
        dy[0] = -p[0] * y[0]
        dy[1] = p[0] * y[0] - p[1] * y[1]
        dy[2] = p[1] * y[1] - p[2] * y[2]
        dy[3] = p[3] * (y[1] * p[4] - y[3])

    address = slope.address
    hours = np.arange(HOURS + 1.0)

    @njit
    def run(parameters):  # type: ignore[no-untyped-def]
        answer = np.empty((len(parameters), DAYS * HOURS, 4))
        for number in range(len(parameters)):
            y = np.zeros(4)
            for day in range(DAYS):
                y[0] += DOSE
                solved, _ = lsoda(address, y, hours, parameters[number], TOLERANCE, TOLERANCE)
                answer[number, day * HOURS : (day + 1) * HOURS] = solved[:-1]
                y = solved[-1].copy()
        return answer

    return _compiled(run, rates(values()))


def diffrax() -> dict[str, Any]:
    """All subjects as one batch (`vmap`), dose by dose (`scan`), in double precision."""
    import jax

    jax.config.update("jax_enable_x64", True)
    import diffrax as dx
    import jax.numpy as jnp

    def slope(_: Any, y: Any, p: Any) -> Any:
        return jnp.stack(
            [
                -p[0] * y[0],
                p[0] * y[0] - p[1] * y[1],
                p[1] * y[1] - p[2] * y[2],
                p[3] * (y[1] * p[4] - y[3]),
            ]
        )

    hours = jnp.arange(HOURS + 1.0)

    def one(p: Any) -> Any:
        def day(y: Any, _: Any) -> Any:
            y = y.at[0].add(DOSE)
            solved = dx.diffeqsolve(
                dx.ODETerm(slope),
                dx.Tsit5(),
                0.0,
                24.0,
                0.05,
                y,
                p,
                saveat=dx.SaveAt(ts=hours),
                stepsize_controller=dx.PIDController(rtol=TOLERANCE, atol=TOLERANCE),
            )
            return solved.ys[-1], solved.ys[:-1]

        return jax.lax.scan(day, jnp.zeros(4), None, length=DAYS)[1].reshape(-1, 4)

    batch = jax.jit(jax.vmap(one))
    return _compiled(lambda p: np.asarray(batch(p)), rates(values()))


def _compiled(run: Callable[[Floats], Floats], parameters: Floats) -> dict[str, Any]:
    """The first call compiles; the second is measured."""
    start = process_time()
    run(parameters)
    first = process_time() - start
    start = process_time()
    answer = run(parameters)
    seconds = process_time() - start
    return {"seconds": seconds, "compile_seconds": max(0.0, first - seconds), "answer": answer}
