"""The local file system: syncs reach the kernel, reads and writes are complete, locks exclude."""

import os
from pathlib import Path

import pytest

from cloudledger.store import Ledger, local_file_system
from cloudledger.store.local_file_system import LocalFileSystem
from tests.store.builders import STREAM, log_records
from tests.store.conftest import SYNCS


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of what the kernel is asked to sync."""
    names: list[str] = []
    monkeypatch.setattr(local_file_system, "_data_sync", SYNCS[0])
    monkeypatch.setattr(local_file_system, "_name_sync", SYNCS[1])
    for call in ("fsync", "fdatasync"):
        monkeypatch.setattr(os, call, lambda descriptor: names.append(os.readlink(f"/proc/self/fd/{descriptor}")))
    return names


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="names open files by /proc, which is Linux's")
def test_an_append_syncs_the_segment_and_a_new_file_its_directory(tmp_path: Path, synced: list[str]) -> None:
    with Ledger.open(tmp_path / "ledger") as ledger:
        ledger.append(STREAM, log_records(0, 1))
        folder = synced[-1].rpartition("/")[0]
        assert {str(tmp_path), str(tmp_path / "ledger"), folder} <= set(synced)

        synced.clear()
        ledger.append(STREAM, log_records(1, 1))

    assert synced == [f"{folder}/00000000000000000001.open"]


def test_a_range_is_read_and_mapped_at_any_offset(tmp_path: Path) -> None:
    content = os.urandom(3 * 4096 + 7)
    (tmp_path / "file").write_bytes(content)
    file = LocalFileSystem().open_readable(str(tmp_path / "file"))

    for offset, length in ((0, 10), (4095, 2), (5000, 4096), (12_000, 295)):
        assert file.read(offset, length) == content[offset : offset + length]
        assert bytes(file.view(offset, length)) == content[offset : offset + length]
    assert file.read(12_290, 100) == content[12_290:]


def test_a_new_name_is_never_taken_twice(tmp_path: Path) -> None:
    files = LocalFileSystem()
    for name in ("a", "b"):
        (tmp_path / name).write_bytes(name.encode())

    with pytest.raises(FileExistsError):
        files.link_new(str(tmp_path / "a"), str(tmp_path / "b"))
    with pytest.raises(FileExistsError):
        files.open_appendable(str(tmp_path / "b"), create=True)


def test_a_lock_excludes_within_a_process_too(tmp_path: Path) -> None:
    files, path = LocalFileSystem(), str(tmp_path / "LOCK")
    lock = files.lock(path)
    assert lock is not None
    assert files.lock(path) is None

    lock.release()
    again = files.lock(path)

    assert again is not None
    again.release()
