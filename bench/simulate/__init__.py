"""How fast regimens are simulated, beside ODE solvers; `python -m bench.simulate`."""
