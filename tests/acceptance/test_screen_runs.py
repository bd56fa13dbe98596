"""A run that is stopped, killed or out of room can go on; nothing stands under its name before all is done."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

import posology
from posology.errors import InputError, UsageError
from posology.screen import process, run
from posology.screen.run import Interrupted
from tests import exports
from tests.command import run as run_command
from tests.exports import PAIN, Asked, people, screened, tables
from tests.generative.bundles import ROOT

Json = dict[str, Any]
SIZE = 30_000


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return exports.scattered(tmp_path_factory.mktemp("source"), people())


@pytest.fixture(scope="module")
def whole(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The results of a run that nothing happened to."""
    out = tmp_path_factory.mktemp("whole") / "out"
    screened(source, out, size=SIZE)
    return out


def same(out: Path, whole: Path) -> None:
    """The results are byte for byte those of a run that nothing happened to."""
    names = sorted(path.name for path in whole.iterdir())
    assert sorted(path.name for path in out.iterdir() if path.name != "report.html") == names
    for name in names:
        assert (out / name).read_bytes() == (whole / name).read_bytes(), name
    assert not partial(out).exists()


def partial(out: Path) -> Path:
    return out.with_name(out.name + ".partial")


def finished(out: Path) -> dict[str, int]:
    """When the account of each finished unit and partition was written."""
    work = partial(out) / "work"
    return {
        str(path.relative_to(work)): path.stat().st_mtime_ns
        for step in ("map", "reduce")
        for path in (work / step).glob("[0-9]*.json")
    }


class Stop(Exception):
    """Something went wrong."""


def stopping(step: str, done: int, error: type[BaseException]) -> Any:
    """A progress that fails when so much is done."""

    def tell(at: str, number: int, total: int, patients: int) -> None:
        if at == step and number >= done:
            raise error

    return tell


# --- OUT and OUT.partial ------------------------------------------------------------------------------


def test_results_that_are_there_are_kept(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    with pytest.raises(UsageError, match="is there already"):
        screened(source, out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert (out / "mine.txt").read_text() == "mine"
    (tmp_path / "file").write_text("x")
    with pytest.raises(UsageError, match="is there already"):
        screened(source, tmp_path / "file")


def test_results_do_not_go_where_the_input_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They would be read as input the next time, and a run could never go on, because its input has changed."""
    source = exports.mixed(tmp_path / "in", people())
    monkeypatch.chdir(source)
    for inside in (source / "results", Path("results"), source / ".." / "in" / "a" / "b"):
        with pytest.raises(UsageError, match="is in the folder of the input"):
            screened(Path(), inside)
    assert [path.name for path in source.iterdir()] == ["export.ndjson"]
    screened(source / "export.ndjson", source / "results")  # one file is no folder


@pytest.mark.parametrize("name", ["here", "link", "dangling"])
def test_odd_names_of_the_folder(
    name: str, source: Path, whole: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = tmp_path / "real"
    if name != "dangling":
        real.mkdir()
    if name == "here":
        monkeypatch.chdir(real)
        out = Path()
    else:
        out = tmp_path / "link"
        out.symlink_to(real)
    screened(source, out, size=SIZE)
    same(real, whole)
    with pytest.raises(UsageError, match="is there already"):
        screened(source, Path("/"))


def test_a_source_that_is_gone_in_the_middle_is_named(whole: Path, tmp_path: Path) -> None:
    source, out = exports.scattered(tmp_path / "in", people()), tmp_path / "out"
    file = min(source.rglob("*.ndjson.gz"))
    planned = run._map

    def gone(pool: Any, work: Any, plan: Any, tell: Any) -> Any:
        file.rename(tmp_path / "away")
        return planned(pool, work, plan, tell)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(run, "_map", gone)
        with pytest.raises(InputError) as wrong:
            screened(source, out, size=SIZE)
    assert f"{file}: cannot be read (No such file or directory); go on with --resume" in str(wrong.value)
    (tmp_path / "away").rename(file)
    screened(source, out, size=SIZE, resume=True)
    assert tables(out) == tables(whole)


def test_a_run_needs_a_worker(source: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="at least one worker"):
        posology.screen(source, drug=PAIN.drug, use=PAIN.use, out=tmp_path / "out", workers=-1)
    assert list(tmp_path.iterdir()) == []


def test_an_empty_folder_is_used(source: Path, whole: Path, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    screened(source, tmp_path / "out", size=SIZE)
    same(tmp_path / "out", whole)


@pytest.mark.parametrize(
    ("step", "done"), [("reading", 0), ("reading", 4), ("answering", 0), ("answering", 5)]
)
def test_a_run_that_was_stopped_goes_on_where_it_was(
    step: str, done: int, source: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Interrupted, match="go on with --resume") as wrong:
        screened(source, out, size=SIZE, progress=stopping(step, done, KeyboardInterrupt))
    assert wrong.value.exit_code == 130
    assert not out.exists()
    before = finished(out)
    assert len(before) > 10  # inline, all pieces of a step are done when the first is told of
    with pytest.raises(UsageError, match="an unfinished run is there; add --resume"):
        screened(source, out, size=SIZE)
    assert finished(out) == before
    seen: dict[str, int] = {}

    def look(at: str, number: int, total: int, patients: int) -> None:
        seen.update(finished(out))

    screened(source, out, size=SIZE, resume=True, progress=look)
    assert {name: seen[name] for name in before} == before
    same(out, whole)


def test_a_unit_or_partition_whose_account_is_missing_is_done_again(
    source: Path, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    with pytest.raises(Stop):
        screened(source, out, size=SIZE, progress=stopping("answering", 9, Stop))
    work = partial(out) / "work"
    (work / "map" / "000002.json").unlink()
    (work / "map" / "000003.json").write_bytes(b"{")
    (work / "reduce" / "000001.json").unlink()
    (work / "reduce" / "000002.verdicts.arrow.77.tmp").write_bytes(b"half")
    (work / "map" / "000001.arrow.77.tmp").write_bytes(b"half")
    screened(source, out, size=SIZE, resume=True)
    same(out, whole)


def test_resume_without_a_run_begins_one(source: Path, whole: Path, tmp_path: Path) -> None:
    screened(source, tmp_path / "out", size=SIZE, resume=True)
    same(tmp_path / "out", whole)


def test_a_folder_without_a_plan_begins_anew(source: Path, whole: Path, tmp_path: Path) -> None:
    """Killed in the very first moment."""
    (tmp_path / "out.partial" / "work" / "map").mkdir(parents=True)
    screened(source, tmp_path / "out", size=SIZE, resume=True)
    same(tmp_path / "out", whole)


OTHER = {
    "use": ({"asked": Asked("naltrexone", "alcohol-use-disorder", "US", "tablet")}, "the question"),
    "day": ({"on": "2026-06-29"}, "the question"),
    "region": ({"asked": PAIN._replace(region="EU")}, "the question"),
    "memory": ({"memory": 400_000_000}, "--memory"),
    "file": ("file", "the input"),
    "time": ("time", "the input"),
    "growth": ("growth", "the input"),
    "knowledge": ("knowledge", "the knowledge or the program"),
}


@pytest.mark.parametrize("name", OTHER)
def test_what_is_not_the_same_any_more_is_named(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    change, words = OTHER[name]
    source, out = exports.mixed(tmp_path / "in", people()), tmp_path / "out"
    with pytest.raises(Stop):
        screened(source, out, progress=stopping("answering", 0, Stop))
    before = finished(out)
    file = source / "export.ndjson"
    if change == "file":
        (source / "more.ndjson").write_bytes(b"{}\n")
    elif change == "time":
        os.utime(file, (1, 1))
    elif change == "growth":
        file.write_bytes(file.read_bytes() + b"{}\n")
    elif change == "knowledge":
        known = run.run
        monkeypatch.setattr(
            run, "run", lambda *given, knowledge, **more: known(*given, knowledge={"drug": "other"}, **more)
        )
    with pytest.raises(UsageError) as wrong:
        screened(source, out, resume=True, **(change if isinstance(change, dict) else {}))
    assert f"because {words}" in str(wrong.value) or words in str(wrong.value)
    assert "remove it to begin anew" in str(wrong.value)
    assert finished(out) == before
    assert not out.exists()


def test_the_files_of_a_run_are_for_its_user_only(source: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    before = os.umask(0)
    try:
        with pytest.raises(Stop):
            screened(source, out, progress=stopping("answering", 1, Stop))
    finally:
        os.umask(before)
    for folder in (partial(out) / "work", partial(out) / "work" / "map", partial(out) / "work" / "reduce"):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700, folder
    assert stat.S_IMODE(partial(out).stat().st_mode) == 0o700


def test_nothing_appears_before_all_is_done(source: Path, tmp_path: Path) -> None:
    out, seen = tmp_path / "out", []

    def look(*_: Any) -> None:
        seen.append(sorted(path.name for path in tmp_path.iterdir()))

    screened(source, out, progress=look)
    assert seen
    assert all(names == ["out.partial"] for names in seen)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    assert not (out / "work").exists()


# --- in processes -------------------------------------------------------------------------------------

RUN = """
import os, signal, sys, multiprocessing, resource
from posology.screen import run
from posology.show import screen as shown
run._LEAST, run._MOST = 30_000, 30_000
step, number, what = os.environ.get("STOP", "never 0 nothing").split()
limit = int(os.environ.get("FILE_SIZE", "0"))
if limit:
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

def tell(at, done, total, patients):
    if at != step or done < int(number):
        return
    workers = [each.pid for each in multiprocessing.active_children()]
    print("workers", *workers, flush=True)
    if what == "worker" and workers:  # the other one may be gone by the time that this is asked again
        os.kill(workers[0], signal.SIGKILL)
    elif what == "parent":
        os.kill(os.getpid(), signal.SIGINT)
    elif what == "group":
        os.killpg(os.getpgid(0), signal.SIGINT)
    elif what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)

class Bar:
    def __init__(self, stream): pass
    def __enter__(self): return tell
    def __exit__(self, *_): return None

shown.progress_bar = Bar
from posology.cli import main
sys.argv = ["posology", *sys.argv[1:]]
main()
"""
"""The command line with small pieces of input, and something that happens to it on the way."""


def command(source: Path, out: Path, *more: str, **environment: str) -> subprocess.Popen[str]:
    """Screen with two workers in a process group of its own."""
    return subprocess.Popen(
        [
            *(sys.executable, "-c", RUN, "screen", PAIN.drug, str(source), "--for", PAIN.use),
            *("--on", exports.ON.isoformat(), "--out", str(out), "--workers", "2", *more),
        ],
        env=os.environ | {"PYTHONPATH": str(ROOT / "src")} | environment,
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def left(group: int) -> list[str]:
    """Processes of a group that are alive."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, _, rest = path.read_text().rpartition(")")
        except OSError:
            continue
        state, _, its_group = rest.split()[:3]
        if int(its_group) == group and state != "Z":
            found.append(name)
    return found


def none_left(group: int) -> bool:
    """Has every process of the group ended, within a few seconds?"""
    end = time.monotonic() + 8
    while left(group) and time.monotonic() < end:
        time.sleep(0.05)
    return not left(group)


ENDS = {
    "a worker is killed while reading": ("reading 2 worker", 3, "a worker was ended from outside"),
    "a worker is killed while answering": ("answering 3 worker", 3, "a worker was ended from outside"),
    "Ctrl-C": ("reading 2 group", 130, "stopped; what is done is kept in"),
    "SIGINT to the parent": ("answering 3 parent", 130, "stopped; what is done is kept in"),
    "SIGKILL": ("answering 3 kill", -signal.SIGKILL, ""),
}


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="needs /proc")
@pytest.mark.parametrize("name", ENDS)
def test_a_run_that_ends_in_the_middle_leaves_no_process_and_goes_on(
    name: str, source: Path, whole: Path, tmp_path: Path
) -> None:
    stop, code, words = ENDS[name]
    out = tmp_path / "out"
    ran = command(source, out, STOP=stop)
    shown, errors = ran.communicate(timeout=90)
    assert ran.returncode == code, errors
    assert shown.startswith("workers ")
    assert none_left(ran.pid), left(ran.pid)
    if words:
        assert words in errors
        assert "--resume" in errors
        assert errors.count("\n") == 1
    else:
        assert all("resource_tracker" in each or each.startswith("  ") for each in errors.splitlines()), (
            errors
        )
    assert not out.exists()
    before = finished(out)
    least = int(stop.split()[1])
    assert len(before) >= least
    seen: dict[str, int] = {}
    screened(source, out, size=SIZE, resume=True, progress=lambda *_: seen.update(finished(out)))
    assert {each: seen[each] for each in before} == before
    same(out, whole)


def test_a_full_disk_is_one_sentence_and_the_run_goes_on(source: Path, whole: Path, tmp_path: Path) -> None:
    """No file may be larger than some kilobytes: that is what a quota does, and nearly what a full disk does."""
    out = tmp_path / "out"
    ran = command(source, out, FILE_SIZE="9000")
    _, errors = ran.communicate(timeout=90)
    assert ran.returncode == 3, errors
    assert errors.count("\n") == 1, errors
    assert "cannot be written (File too large); make room and go on with --resume" in errors
    assert not out.exists()
    screened(source, out, size=SIZE, resume=True)
    same(out, whole)


def test_a_disk_without_room(source: Path, whole: Path, tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=200k", "tmpfs", str(small)], capture_output=True, check=False
    )
    if os.geteuid() != 0 or mounted.returncode:
        pytest.skip("a small disk needs root and mount")
    try:
        with pytest.raises(InputError) as wrong:
            screened(source, small / "out", size=SIZE)
        assert "No space left on device); make room and go on with --resume" in str(wrong.value)
        assert not (small / "out").exists()
        subprocess.run(["mount", "-o", "remount,size=40m", str(small)], check=True)
        screened(source, small / "out", size=SIZE, resume=True)
        same(small / "out", whole)
    finally:
        subprocess.run(["umount", "-l", str(small)], check=True)


def test_the_command_line_screens_and_explains(source: Path, whole: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    ran = command(source, out)
    shown, errors = ran.communicate(timeout=90)
    assert ran.returncode == 0, errors
    assert errors == ""
    assert f"{len(people())} patients answered" in shown
    assert "Quarantined, with text and place, in quarantine.ndjson" in shown
    assert (out / "report.html").read_text(encoding="utf-8").lower().startswith("<!doctype html")
    same(out, whole)


@pytest.mark.parametrize(
    ("options", "small", "exact"),
    [([], True, False), (["--no-suppress"], False, True), (["--threshold", "30"], True, False)],
)
def test_the_report_is_made_anew(
    options: list[str], small: bool, exact: bool, whole: Path, tmp_path: Path
) -> None:
    """Small counts are hidden unless asked for; the page goes where it is said."""
    page = tmp_path / "page.html"
    ran = run_command("screen", "report", whole, "--out", page, *options)
    assert (ran.code, ran.err) == (0, "")
    text = page.read_text(encoding="utf-8")
    least = options[1] if options[:1] == ["--threshold"] else "11"
    assert (f"&lt;{least}" in text) is small
    assert (f"{len(people())} people" in text) is exact


def test_the_results_are_whole(whole: Path) -> None:
    told = json.loads((whole / "run.json").read_bytes())
    rows = tables(whole)
    assert told["rows"] == {name: len(each) for name, each in rows.items()}
    assert told["patients"]["patients"] == len(people())
    assert told["program"].startswith("posology ")
    assert told["question"] == {"drug": PAIN.drug, "use": PAIN.use, "region": "US", "product": "low-dose"} | {
        "on": exports.ON.isoformat()
    }
    assert posology.explain(whole, "g3").patient == "Patient/g3"
    assert process._process is None
