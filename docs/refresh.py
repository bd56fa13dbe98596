"""Write the generated blocks of the pages anew: what a command prints, the columns of a table, and what scale costs.

A block stands between `<!-- generated: posology ... -->` (or `columns of NAME`, or `bench.scale`) and
`<!-- end generated -->`. `--check` writes nothing and ends with 1 when a block is stale.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGES = ("README.md", "examples/README.md", "docs/SCREEN.md", "docs/SCALE.md", "docs/SIMULATE.md")
_BLOCK = re.compile(r"(<!-- generated: (posology [^\n]+?) -->\n).*?(<!-- end generated -->)", re.DOTALL)


_COLUMNS = re.compile(r"(<!-- generated: columns of (\w+) -->\n).*?(<!-- end generated -->)", re.DOTALL)


_KINDS = re.compile(r"(<!-- generated: kinds of summary -->\n).*?(<!-- end generated -->)", re.DOTALL)


_SCALE = re.compile(r"(<!-- generated: bench\.scale -->\n).*?(<!-- end generated -->)", re.DOTALL)


def refreshed(text: str) -> str:
    """The page with every generated block as the program has it now."""
    text = _COLUMNS.sub(lambda found: f"{found[1]}{_columns(found[2])}\n{found[3]}", text)
    text = _KINDS.sub(lambda found: f"{found[1]}{_kinds()}\n{found[2]}", text)
    text = _SCALE.sub(lambda found: f"{found[1]}{_scale()}\n{found[2]}", text)
    return _BLOCK.sub(lambda found: f"{found[1]}```text\n{_output(found[2])}\n```\n{found[3]}", text)


def _columns(name: str) -> str:
    """The columns of a table of a screening run or of a simulation, as Markdown."""
    from posology.screen.tables import TABLES
    from posology.simulate.tables import TABLES as SIMULATED

    rows = ["| column | type | what it says |", "|---|---|---|"]
    if name in SIMULATED:
        rows += [f"| `{column.name}` | {column.type} | {column.says} |" for column in SIMULATED[name]]
        return "\n".join(rows)
    for column in TABLES[name]:
        kind = str(column.type).replace("list<item: string>", "list of string").replace("[day]", "")
        rows.append(f"| `{column.name}` | {kind}{', or null' if column.null else ''} | {column.says} |")
    return "\n".join(rows)


def _kinds() -> str:
    """The kinds of summary of a simulation, as Markdown."""
    from posology.simulate.summaries import KINDS

    return "\n".join(
        ["| kind | meaning |", "|---|---|", *(f"| `{kind}` | {says} |" for kind, says in KINDS.items())]
    )


def _scale() -> str:
    """What a large population costs, from `bench/scale.json`."""
    done = subprocess.run([sys.executable, "-m", "bench.scale"], cwd=ROOT, capture_output=True, check=True)
    return done.stdout.decode("utf-8").strip("\n")


def _output(command: str) -> str:
    program = str(Path(sys.executable).with_name("posology"))
    done = subprocess.run(
        [program, *shlex.split(command)[1:]],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | {"COLUMNS": "88"},
    )
    if done.returncode:
        sys.exit(f"{command} ended with {done.returncode}:\n{done.stderr}")
    # Content hashes change with every edit of the knowledge and tell a reader of the page nothing.
    text = re.sub(r"\b[0-9a-f]{12}\b", "............", done.stdout.strip("\n"))
    return "\n".join(line.rstrip() for line in text.splitlines())


def main() -> None:
    """Refresh the pages, or with `--check` say which are stale."""
    stale = []
    for name in PAGES:
        page = ROOT / name
        old = page.read_text(encoding="utf-8")
        new = refreshed(old)
        if new == old:
            continue
        stale.append(name)
        if "--check" not in sys.argv[1:]:
            page.write_text(new, encoding="utf-8")
            print(f"wrote {name}")
    if stale and "--check" in sys.argv[1:]:
        sys.exit(f"stale: {', '.join(stale)}; run `make docs`")


if __name__ == "__main__":
    main()
