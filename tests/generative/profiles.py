"""How much is tried: ``POSOLOGY_FUZZ=long`` for a long run by hand, else a short one that always tries the same."""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings

LONG = os.environ.get("POSOLOGY_FUZZ") == "long"
FACTOR = int(os.environ.get("POSOLOGY_FUZZ_FACTOR", "20")) if LONG else 1
SEED = int(os.environ.get("POSOLOGY_FUZZ_SEED", "0"))


def tries(count: int) -> settings:
    """Settings for a property: `count` examples in the default profile."""
    return settings(
        max_examples=count * FACTOR,
        derandomize=not LONG,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=(Phase.explicit, Phase.generate, Phase.target, Phase.shrink),
        print_blob=LONG,
    )
