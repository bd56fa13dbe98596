import os
from pathlib import Path

import pytest

from posology.errors import KnowledgeError
from posology.monograph.load import load_library
from posology.monograph.new import write_skeleton
from posology.monograph.snapshot import through_snapshot


@pytest.mark.parametrize("odd", ["folder", "dangling", "pipe", "device"])
@pytest.mark.parametrize("place", ["concepts", "new-drug"])
def test_what_is_no_file_is_named(tmp_path: Path, odd: str, place: str) -> None:
    write_skeleton("new-drug", tmp_path)
    path = tmp_path / place / "odd.yaml"
    match odd:
        case "folder":
            path.mkdir()
        case "dangling":
            path.symlink_to(tmp_path / "nowhere")
        case "pipe":
            os.mkfifo(path)
        case "device":
            path.symlink_to("/dev/zero")
    library = load_library(tmp_path)
    with pytest.raises(KnowledgeError, match=r"odd\.yaml:1: is not a file"):
        library.monograph("new-drug"), library.vocabulary


def test_a_pipe_in_the_cache_does_not_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSOLOGY_CACHE", str(tmp_path))
    through_snapshot("kind", int, "1", lambda: 5)
    (kept,) = tmp_path.iterdir()
    kept.unlink()
    os.mkfifo(kept)
    assert through_snapshot("kind", int, "1", lambda: 6) == 6
