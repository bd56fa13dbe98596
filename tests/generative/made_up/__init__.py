"""Random monographs and records about made-up medicines and diseases, the same for the same seed.

`world` writes a knowledge folder and gives records and questions to put to it; `tests.naive` says what the
answers should be.
"""
