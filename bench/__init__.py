"""Benchmarks with a peer beside them, measured in one run: `python -m bench` or `make bench`."""
