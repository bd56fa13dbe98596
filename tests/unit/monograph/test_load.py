"""The library: what it finds, outside folders, snapshots."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from posology.errors import KnowledgeError, UsageError
from posology.monograph import folder, load
from posology.monograph.load import Library, load_library
from posology.monograph.model import Source, Until
from posology.monograph.snapshot import KEPT, cache_directory, through_snapshot
from tests.unit.monograph.conftest import Knowledge


def test_what_a_library_holds(knowledge: Knowledge) -> None:
    library = knowledge.library()
    monograph = library.monograph("xamab")
    assert library.names() == ["xamab"]
    assert monograph.identity.name == "Xamab"
    assert [statement.id for statement in monograph.statements] == [
        "yolol-taken",
        "liver-tests",
        "liver-hurt",
    ]
    assert monograph.statements[0].until == Until(days=10, after="last dose")
    assert [use.part_of for use in monograph.uses] == ["", "pain"]
    assert [dispute.id for dispute in monograph.disputes] == ["how-long"]
    assert set(library.sources) == {"x-label", "guide", "posology-judgement"}
    vocabulary = library.vocabulary
    assert [s.id for s in vocabulary.substances] == ["xamab", "yolol"]
    assert [c.id for c in vocabulary.concepts] == ["xamab-alone", "any-yolol", "gout", "alt"]
    assert [f.id for f in vocabulary.forms] == ["tablet", "patch"]
    assert [p.id for p in vocabulary.products] == ["yol-patch"]
    assert library.claims == ()


def test_an_unknown_drug_is_named_with_the_nearest_spelling(knowledge: Knowledge) -> None:
    with pytest.raises(UsageError, match=r"unknown drug 'xanab'\. Did you mean 'xamab'\?"):
        knowledge.library().monograph("xanab")


def test_statements_come_from_every_other_file(knowledge: Knowledge) -> None:
    knowledge.write(
        "xamab/anything.yaml",
        "- {id: more, kind: background, says: More., basis: label, sources: [x-label]}\n",
    )
    assert knowledge.library().monograph("xamab").statements[0].id == "more"


# --- an outside folder -----------------------------------------------------------------------------


@pytest.fixture
def packaged(knowledge: Knowledge, monkeypatch: pytest.MonkeyPatch) -> Knowledge:
    """The small folder stands in for the packaged knowledge."""
    monkeypatch.setattr(load, "PACKAGED", knowledge.path)
    return knowledge


def outside(tmp_path: Path, source: str = "z-label") -> Path:
    made = Knowledge(tmp_path / "outside")
    for path in sorted(made.path.rglob("*.yaml")):
        path.unlink()
    for name in ("monograph.yaml", "uses.yaml"):
        text = (tmp_path / "knowledge" / "xamab" / name).read_text()
        made.write(f"zumab/{name}", text.replace("xamab", "zumab").replace("x-label", source))
    return made.path


def test_an_outside_folder_adds_to_the_packaged_knowledge(packaged: Knowledge, tmp_path: Path) -> None:
    extra = outside(tmp_path)
    (extra / "sources-mine.yaml").write_text("- {id: z-label, title: Label of Z, kind: label}\n")
    (extra / "concepts").mkdir(exist_ok=True)
    (extra / "concepts" / "substances-mine.yaml").write_text(
        "- {id: zumab, name: zumab, sources: [z-label]}\n"
    )
    library = load_library(extra)
    assert library.names() == ["xamab", "zumab"]
    assert library.monograph("zumab").identity.id == "zumab"
    assert {"x-label", "z-label"} <= set(library.sources)
    assert [s.id for s in library.vocabulary.substances] == ["xamab", "yolol", "zumab"]
    assert load_library().names() == ["xamab"]


def test_an_outside_folder_may_hold_one_monograph_and_nothing_else(
    packaged: Knowledge, tmp_path: Path
) -> None:
    library = load_library(outside(tmp_path, "x-label"))
    assert library.monograph("zumab").identity.sources == ("x-label",)
    assert set(library.sources) == {"x-label", "guide", "posology-judgement"}


def test_an_outside_folder_that_is_not_there(packaged: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match="there is no such folder"):
        load_library(tmp_path / "nowhere")


def test_a_monograph_given_as_the_folder(packaged: Knowledge, tmp_path: Path) -> None:
    with pytest.raises(KnowledgeError, match=r"is one monograph; give the folder that holds it: .*outside"):
        load_library(outside(tmp_path) / "zumab")


def test_an_outside_monograph_may_not_take_a_packaged_name(packaged: Knowledge, tmp_path: Path) -> None:
    extra = outside(tmp_path)
    (extra / "zumab").rename(extra / "xamab")
    with pytest.raises(KnowledgeError, match="a monograph 'xamab' is already there"):
        load_library(extra).names()


def test_an_outside_concept_may_not_take_a_packaged_id(packaged: Knowledge, tmp_path: Path) -> None:
    extra = outside(tmp_path)
    (extra / "concepts").mkdir(exist_ok=True)
    (extra / "concepts" / "mine.yaml").write_text(
        "- {id: gout, kind: condition, name: gout, names: [gout], sources: [x-label]}\n"
    )
    with pytest.raises(KnowledgeError, match="concept ids given twice: gout"):
        _ = load_library(extra).vocabulary


# --- snapshots -------------------------------------------------------------------------------------


@pytest.fixture
def reads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the YAML files that are read, as it happens."""
    seen: list[str] = []
    real = folder.read_placed

    def spy(paths: list[Path]) -> list[folder.Placed]:
        seen.extend(path.name for path in paths)
        return real(paths)

    monkeypatch.setattr(folder, "read_placed", spy)
    return seen


def everything(library: Library) -> tuple[object, object, object]:
    return library.monograph("xamab"), library.vocabulary, library.sources


def test_the_second_load_reads_no_yaml_and_gives_the_same(knowledge: Knowledge, reads: list[str]) -> None:
    first = everything(knowledge.library())
    assert "safety.yaml" in reads
    reads.clear()
    assert everything(knowledge.library()) == first
    assert reads == []


def test_a_changed_file_is_read_again(knowledge: Knowledge, reads: list[str]) -> None:
    before = knowledge.library()
    everything(before)
    reads.clear()
    knowledge.replace("xamab/safety.yaml", "title: Yolol taken", "title: Changed")
    library = knowledge.library()
    assert library.monograph("xamab").statements[0].title == "Changed"
    _ = library.vocabulary
    assert sorted(reads) == ["disputes.yaml", "monograph.yaml", "safety.yaml", "uses.yaml"]
    assert library.versions["xamab"] != before.versions["xamab"]
    assert library.versions["vocabulary"] == before.versions["vocabulary"]


def test_a_renamed_file_is_read_again(knowledge: Knowledge) -> None:
    before = knowledge.library().versions
    (knowledge.path / "xamab" / "safety.yaml").rename(knowledge.path / "xamab" / "safe.yaml")
    assert knowledge.library().versions["xamab"] != before["xamab"]


@pytest.mark.parametrize("damage", [b"", b"\xc1nonsense", b"\x80", b"\x91" * 100_000])
def test_a_damaged_snapshot_is_made_anew(
    knowledge: Knowledge, cache_dir: Path, reads: list[str], damage: bytes
) -> None:
    first = everything(knowledge.library())
    kept = sorted(cache_dir.glob("*.msgpack"))
    assert len(kept) == 3
    for path in kept:
        path.write_bytes(damage)
    reads.clear()
    assert everything(knowledge.library()) == first
    assert "safety.yaml" in reads
    reads.clear()
    assert everything(knowledge.library()) == first
    assert reads == []


def test_a_snapshot_of_the_wrong_shape_is_not_believed(knowledge: Knowledge, cache_dir: Path) -> None:
    knowledge.library().monograph("xamab")
    (path,) = cache_dir.glob("monograph-*.msgpack")
    data = msgspec.msgpack.decode(path.read_bytes())
    data["statements"][0]["kind"] = "advertisement"
    path.write_bytes(msgspec.msgpack.encode(data))
    assert knowledge.library().monograph("xamab").statements[0].kind == "contraindication"


def test_a_snapshot_that_others_may_write_is_not_believed(knowledge: Knowledge, cache_dir: Path) -> None:
    knowledge.library().monograph("xamab")
    (path,) = cache_dir.glob("monograph-*.msgpack")
    data = msgspec.msgpack.decode(path.read_bytes())
    data["statements"] = []
    path.write_bytes(msgspec.msgpack.encode(data))
    assert knowledge.library().monograph("xamab").statements == ()
    path.chmod(0o666)
    assert len(knowledge.library().monograph("xamab").statements) == 3


def test_snapshots_are_for_their_owner_only(knowledge: Knowledge, cache_dir: Path) -> None:
    everything(knowledge.library())
    assert {path.stat().st_mode & 0o777 for path in cache_dir.iterdir()} == {0o600}


def test_without_a_cache_directory_it_still_answers(
    knowledge: Knowledge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("POSOLOGY_CACHE", str(tmp_path / "file" / "cache"))
    assert knowledge.library().monograph("xamab").identity.id == "xamab"


def test_old_snapshots_go(cache_dir: Path) -> None:
    for number in range(KEPT + 5):
        through_snapshot("sources", tuple[Source, ...], str(number), tuple)
    assert len(list(cache_dir.iterdir())) == KEPT


def test_wrong_knowledge_leaves_no_snapshot(knowledge: Knowledge, cache_dir: Path) -> None:
    knowledge.replace("xamab/safety.yaml", "basis: guideline", "basis: rumour")
    with pytest.raises(KnowledgeError):
        knowledge.library().monograph("xamab")
    assert not cache_dir.exists()


def test_where_snapshots_are_kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("POSOLOGY_CACHE", "/one")
    assert cache_directory() == Path("/one")
    monkeypatch.delenv("POSOLOGY_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", "/two")
    assert cache_directory() == Path("/two/posology")
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/three")
    assert cache_directory() == Path("/three/.cache/posology")


def test_a_warm_load_imports_neither_yaml_nor_pydantic(knowledge: Knowledge) -> None:
    everything(knowledge.library())
    code = (
        "import sys; from pathlib import Path; from posology.monograph.load import Library;"
        f"library = Library((Path({str(knowledge.path)!r}),));"
        "library.monograph('xamab'), library.vocabulary, library.sources;"
        "sys.exit(' '.join({'yaml', 'pydantic'} & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
