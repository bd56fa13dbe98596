"""A Spark session: the one that is there, or one of our own; and what its failures mean, in a sentence."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from posology.errors import InputError, PosologyError, UsageError

from .spark_tasks import MARK

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

JAVA = 17
_JAVA_MISSING = (
    f"--engine spark needs a Java runtime, {JAVA} or newer, and there is none here: install one (Debian, Ubuntu: "
    f"apt-get install openjdk-{JAVA}-jre-headless) or set JAVA_HOME; without Java there is --engine local"
)
_PYSPARK_MISSING = "--engine spark needs PySpark, which is not installed: pip install 'posology[spark]'"
_FIXED = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.execution.arrow.maxRecordsPerBatch": "10000",
    "spark.sql.execution.arrow.maxBytesPerBatch": "16m",
}
"""Settings of our session only; the cluster's own stay as they are."""
_ALONE = {
    "spark.ui.enabled": "false",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
    "spark.driver.defaultJavaOptions": "-XX:TieredStopAtLevel=1",
}
"""Besides these, when Spark runs on this machine only: nothing of it can be reached from outside, and Java does
not spend more time on compiling what it runs than that could ever save here."""
_SPARK_ENVIRONMENT = (
    "SPARK_HOME",
    "SPARK_CONF_DIR",
    "SPARK_MASTER",
    "MASTER",
    "PYSPARK_SUBMIT_ARGS",
    "PYSPARK_GATEWAY_PORT",
)
_MARKED = re.compile(re.escape(MARK[0]) + "(.*?)" + re.escape(MARK[1]), re.DOTALL)
_MEANT = {
    "Could not parse Master URL": "--master is not one that Spark knows: local[2], spark://HOST:7077, yarn, k8s://…",
    "All masters are unresponsive": "no Spark master answers there",
    "JAVA_GATEWAY_EXITED": "Java could not run it",
    "No module named 'posology": "the executors have no posology: send the environment along (docs/SCALE.md)",
    "No module named 'pyarrow": "the executors have no pyarrow: send the environment along (docs/SCALE.md)",
    "PYTHON_VERSION_MISMATCH": "the executors run another version of Python than this machine: set PYSPARK_PYTHON",
    "Cannot run program": "the executors cannot start Python: set PYSPARK_PYTHON to one that they have",
    "OutOfMemory": "memory ran out; go on with --resume, and more memory for the executors or less --memory",
    "ExecutorLost": (
        "an executor was ended from outside, as happens when memory runs out; go on with --resume, and more "
        "memory for the executors (spark.executor.memoryOverhead) or less --memory"
    ),
    "No space left": "a disk is full; make room (spark.local.dir, the results) and go on with --resume",
}


def check(master: str | None) -> None:
    """Raises `UsageError` if there is no PySpark, or no Java to start Spark with, or no such way to Spark."""
    try:
        import pyspark.sql  # noqa: F401
    except ImportError:
        raise UsageError(_PYSPARK_MISSING) from None
    if master is not None and master.startswith("sc:"):
        raise UsageError("--master: Spark Connect (sc://) is not supported; use spark://, yarn or k8s://")
    if _active() is None and not any(name in os.environ for name in _SPARK_ENVIRONMENT) and not _java():
        raise UsageError(_JAVA_MISSING)


def _java() -> str | None:
    home = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")


def _active() -> SparkSession | None:
    from pyspark.sql import SparkSession

    return SparkSession.getActiveSession()


@contextmanager
def session(master: str | None, scratch: Path, workers: int | None = None) -> Iterator[SparkSession]:
    """A session with our settings. One that we start is stopped again; `scratch` is for its temporary files.

    Raises `UsageError` if Spark cannot be started, `InputError` for what fails in it.
    """
    active = _active()
    if active is None:
        with _own(_settings(master, scratch, workers)) as started, _said(started):
            yield _set(started)
    else:
        with _said(active):
            yield _set(active.newSession())


def _set(spark: SparkSession) -> SparkSession:
    for name, value in _FIXED.items():
        spark.conf.set(name, value)
    spark.sparkContext.setLogLevel("OFF")
    return spark


@contextmanager
def _own(settings: dict[str, str]) -> Iterator[SparkSession]:
    """Spark, started here and stopped in the end. What it says meanwhile goes to a file that is then removed."""
    from pyspark import SparkConf, SparkContext
    from pyspark.java_gateway import launch_gateway
    from pyspark.sql import SparkSession

    interrupt = signal.getsignal(signal.SIGINT)
    log = tempfile.NamedTemporaryFile(prefix="posology-spark-", suffix=".log", delete=False)  # noqa: SIM115
    try:
        with log, _environment(settings):
            conf = SparkConf(loadDefaults=False).setAll(list(settings.items()))
            launch: Any = launch_gateway
            gateway = SparkContext._gateway or launch(conf, {"stderr": log, "stdout": log})
            context = SparkContext(
                gateway=gateway, conf=SparkConf(_jvm=gateway.jvm).setAll(list(settings.items()))
            )
    except Exception as wrong:
        words = Path(log.name)
        told = f"; its own words are in {words}" if words.stat().st_size else ""
        if not told:
            words.unlink()
        raise UsageError(
            f"Spark did not start: {meaning(wrong)}; it needs Java {JAVA} or newer{told}"
        ) from None
    try:
        yield SparkSession(context)
    finally:
        with suppress(Exception):
            context.stop()
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, interrupt)
        Path(log.name).unlink(missing_ok=True)


def _settings(master: str | None, scratch: Path, workers: int | None) -> dict[str, str]:
    settings = {"spark.app.name": "posology screen", "spark.ui.showConsoleProgress": "false"}
    if master is not None:
        settings["spark.master"] = master
    elif not any(name in os.environ for name in _SPARK_ENVIRONMENT):
        settings["spark.master"] = f"local[{workers or '*'}]"
    if re.match(r"local(\[|$)", settings.get("spark.master", "")):
        settings |= {**_ALONE, "spark.local.dir": str(scratch)}
    return settings


@contextmanager
def _environment(settings: dict[str, str]) -> Iterator[None]:
    """On this machine executors use the Python that runs this."""
    alone = "spark.local.dir" in settings and "PYSPARK_PYTHON" not in os.environ
    if alone:
        os.environ["PYSPARK_PYTHON"] = sys.executable
    try:
        yield
    finally:
        if alone:
            del os.environ["PYSPARK_PYTHON"]


@contextmanager
def _said(spark: SparkSession) -> Iterator[None]:
    """Errors of Spark as a sentence without anybody's data; ours pass."""
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    try:
        yield
    except (PySparkException, Py4JError, ConnectionError) as wrong:
        raise InputError(f"Spark could not go on: {meaning(wrong)}") from None


def meaning(wrong: BaseException) -> str:
    """What an error of Spark means, in words that hold nobody's data."""
    text = str(wrong)
    if (marked := _MARKED.search(text)) is not None:
        return marked[1]
    for sign, means in _MEANT.items():
        if sign in text:
            return means
    condition = getattr(wrong, "getCondition", lambda: None)()
    return str(condition or type(wrong).__name__)


def raised(problem: str) -> PosologyError:
    """An error of this program from `Kind: sentence`, as an executor told it."""
    from posology import errors

    kind, _, says = problem.partition(": ")
    found = getattr(errors, kind, PosologyError)
    return (
        found(says) if isinstance(found, type) and issubclass(found, PosologyError) else PosologyError(says)
    )
