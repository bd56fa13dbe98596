"""Random numbers of people, keyed by seed, name and person: how a run is cut up never changes them.

Philox is a counter-based generator (Salmon et al., SC 2011): its n-th number is a function of key and n. The
key is made of the seed and the name of what is drawn, the counter of the person (and of the dose, for what
differs between doses). So a block of people has the same numbers wherever it begins, in whatever order or
process it is drawn, and whatever else is drawn beside it.
"""

from __future__ import annotations

from hashlib import blake2b

import numpy as np
import numpy.typing as npt

from posology.errors import UsageError

Floats = npt.NDArray[np.float64]

_WORDS = 4
"""64-bit words that one step of Philox4x64 gives."""
LARGEST_SEED = 2**64 - 1


class Draws:
    """The random numbers of one seed. Raises `UsageError` for a seed that is not from 0 to 2**64 − 1."""

    def __init__(self, seed: int) -> None:
        if not 0 <= seed <= LARGEST_SEED:
            raise UsageError(f"seed {seed}: give a whole number from 0 to {LARGEST_SEED}")
        self.seed = seed
        self._keys: dict[str, int] = {}

    def uniform(self, name: str, start: int, stop: int, index: int = 0) -> Floats:
        """Numbers between 0 and 1, both excluded, one for each person from `start` to before `stop`.

        `index` counts what a person has several of, such as doses.
        """
        words = self._words(name, start, stop, index)
        return _open(words)

    def normal(self, name: str, start: int, stop: int, index: int = 0) -> Floats:
        """Standard normal numbers, one for each person from `start` to before `stop`.

        Box and Muller's transform (Ann. Math. Stat. 1958; 29: 610): two people share two uniforms, of which
        one gets the cosine and the other the sine. It always takes the same number of words, which rejection
        methods do not.
        """
        first = start - start % 2
        pairs = _open(self._words(name, first, stop + stop % 2, index)).reshape(-1, 2)
        radius = np.sqrt(-2.0 * np.log(pairs[:, 0]))
        angle = (2.0 * np.pi) * pairs[:, 1]
        drawn = np.empty_like(pairs)
        np.multiply(radius, np.cos(angle), out=drawn[:, 0])
        np.multiply(radius, np.sin(angle), out=drawn[:, 1])
        return drawn.reshape(-1)[start - first : stop - first]

    def _words(self, name: str, start: int, stop: int, index: int) -> npt.NDArray[np.uint64]:
        step = start // _WORDS
        # As an array: of a list with a number from 2**63 on NumPy makes floats, which round seeds and keys.
        key = np.array([self.seed, self._key(name)], np.uint64)
        generator = np.random.Philox(key=key, counter=[step, index, 0, 0])
        skipped = start - step * _WORDS
        words: npt.NDArray[np.uint64] = generator.random_raw(stop - start + skipped)
        return words[skipped:]

    def _key(self, name: str) -> int:
        if name not in self._keys:
            self._keys[name] = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "little")
        return self._keys[name]


def _open(words: npt.NDArray[np.uint64]) -> Floats:
    """53 bits of each word as the middle of one of 2**53 equal parts of (0, 1)."""
    return ((words >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53
