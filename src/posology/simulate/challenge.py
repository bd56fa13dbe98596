"""What an opioid would still do at receptors of which a share is blocked."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from posology.monograph.kinetics import Challenge

Floats = npt.NDArray[np.float64]


def effect_left(challenge: Challenge, slope: float, blockade: Floats | float) -> Floats:
    """The share of the opioid's effect that is left, e(x0·(1 − blockade))/e(x0), with e(x) = xⁿ/(1 + xⁿ)."""

    def effect(x: Floats | float) -> Floats:
        power = np.asarray(x, np.float64) ** slope
        return np.asarray(power / (1 + power))

    left = effect(challenge.x0 * np.clip(1 - blockade, 0, 1)) / effect(challenge.x0)
    return np.asarray(left, np.float64)
