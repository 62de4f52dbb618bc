"""UTF-16 files become UTF-8, wherever a read ends and whatever is broken in them."""

import codecs
import json
from pathlib import Path

import pytest

from cloudledger.adapters.files import FileSource, decompression
from cloudledger.adapters.files.decompression import DamagedStreamError, is_compressed, read_blocks

TEXT = "größe 😀 日本\r\n" * 2000


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("read_bytes", [1, 2, 3, 4096])
def test_a_character_may_lie_across_two_reads(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoding: str, read_bytes: int
) -> None:
    monkeypatch.setattr(decompression, "_READ_BYTES", read_bytes)
    (tmp_path / "a.txt").write_bytes(("\ufeff" + TEXT).encode(encoding))

    assert b"".join(read_blocks(tmp_path / "a.txt")).decode() == TEXT
    assert is_compressed(tmp_path / "a.txt")


def test_half_a_pair_of_surrogates_is_replaced(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_bytes(codecs.BOM_UTF16_LE + b"a\0\x00\xd8b\0\x00\xdcc\0")

    assert b"".join(read_blocks(tmp_path / "a.txt")).decode() == "a\ufffdb\ufffdc"


@pytest.mark.parametrize("rest", [b"b", b"\x3d\xd8"])
def test_a_text_that_ends_within_a_character_says_so(tmp_path: Path, rest: bytes) -> None:
    (tmp_path / "a.txt").write_bytes(codecs.BOM_UTF16_LE + b"a\0" + rest)
    blocks = read_blocks(tmp_path / "a.txt")

    assert next(blocks) == b"a"
    with pytest.raises(DamagedStreamError, match="within a character"):
        next(blocks)


def test_a_json_document_of_powershell_is_read(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_bytes(json.dumps([{"a": "ü"}], indent=2, ensure_ascii=False).encode("utf-16"))

    [body] = [body for chunk in FileSource(tmp_path / "x.json").chunks(None) for body in chunk.records.bodies]

    assert json.loads(body) == [{"a": "ü"}]


def test_a_utf_16_log_that_grows_goes_on_where_it_ended(tmp_path: Path) -> None:
    log = tmp_path / "a.log"
    log.write_bytes("ä one\nü two\n".encode("utf-16"))
    first = list(FileSource(log).chunks(None))
    with log.open("ab") as file:
        file.write("ö three\n".encode("utf-16-le"))

    second = list(FileSource(log).chunks(first[-1].cursor()))

    assert [body.decode() for chunk in first for body in chunk.records.bodies] == ["ä one", "ü two"]
    assert [body.decode() for chunk in second for body in chunk.records.bodies] == ["ö three"]
