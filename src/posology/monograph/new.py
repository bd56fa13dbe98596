"""Write the skeleton of a new monograph: a small one that already works.

The files under `skeleton/` are a monograph of a drug called "drugname"; what only an author can know
says TODO, which lint points out until it is filled in.
"""

from __future__ import annotations

import re
from pathlib import Path

from ..errors import UsageError

SKELETON = Path(__file__).parent / "skeleton"
_NAME = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


def write_skeleton(name: str, directory: Path) -> list[Path]:
    """Write a monograph folder `name` into `directory`, with its concepts and sources beside it.

    Returns the files written. Raises `UsageError` if the name is not lower-case words joined by
    hyphens, or if any of the files is there already (then nothing is written).
    """
    if not _NAME.fullmatch(name) or name in ("concepts", "drugname"):
        raise UsageError(
            f"'{name}' cannot name a monograph; use lower-case letters, digits and hyphens, such as new-drug"
        )
    templates = sorted(path for path in SKELETON.rglob("*") if path.is_file())
    targets = [directory / _named(str(path.relative_to(SKELETON)), name) for path in templates]
    for target in targets:
        if target.exists():
            raise UsageError(f"{target} is there already; choose another name or folder")
    for path, target in zip(templates, targets, strict=True):
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_named(path.read_text(encoding="utf-8"), name), encoding="utf-8")
    return targets


def _named(text: str, name: str) -> str:
    spoken = name.replace("-", " ")
    title = spoken[0].upper() + spoken[1:]
    return text.replace("drugname", name).replace("Drugname", title)
