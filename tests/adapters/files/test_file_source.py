"""Files of any form and damage become records; a cursor goes on exactly where it stands."""

import codecs
import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from cloudledger.adapters.files import FileSource
from cloudledger.adapters.files import framing as framing_module
from cloudledger.adapters.files.framing import frame
from cloudledger.adapters.source import SourceChunk
from cloudledger.domain.errors import SourceNotFoundError

LINES = [f'{{"n": {index}, "text": "{"x" * (index % 50)}"}}'.encode() for index in range(5000)]
CONTENT = b"\n".join(LINES) + b"\n"
COMPRESSIONS: dict[str, Callable[[bytes], bytes]] = {".log": bytes, ".gz": gzip.compress, ".zst": zstandard.compress}


def read(location: Path | str, cursor: bytes | None = None) -> list[SourceChunk]:
    return list(FileSource(location).chunks(cursor))


def bodies(chunks: list[SourceChunk]) -> list[bytes]:
    return [body for chunk in chunks for body in chunk.records.bodies]


def rejections(chunks: list[SourceChunk]) -> list[str]:
    return [event.reason for chunk in chunks for event in chunk.rejected]


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("a.ndjson", CONTENT),
        ("a.log", CONTENT.replace(b"\n", b"\r\n")),
        ("a.json", b"\xef\xbb\xbf" + CONTENT),
        ("a.little.json", codecs.BOM_UTF16_LE + CONTENT.decode().encode("utf-16-le")),
        ("a.big.log", codecs.BOM_UTF16_BE + CONTENT.decode().replace("\n", "\r\n").encode("utf-16-be")),
        ("a.ndjson.gz", gzip.compress(CONTENT)),
        ("members.gz", gzip.compress(CONTENT[:1000]) + gzip.compress(CONTENT[1000:]) + b"\0" * 512),
        ("a.zst", zstandard.compress(CONTENT)),
        ("frames.zst", zstandard.compress(CONTENT[:777]) + zstandard.compress(CONTENT[777:])),
        ("wrongly_named.txt", gzip.compress(CONTENT)),
        ("no_newline_at_end.log", CONTENT.rstrip(b"\n")),
        ("blank_lines.log", CONTENT.replace(b"\n", b"\n\n  \n")),
    ],
)
def test_a_file_of_any_form_gives_its_lines(tmp_path: Path, name: str, data: bytes) -> None:
    (tmp_path / name).write_bytes(data)

    chunks = read(tmp_path / name)

    assert bodies(chunks) == LINES
    assert rejections(chunks) == []


def test_a_gzip_file_cut_short_gives_what_is_readable_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "cut.log.gz"
    path.write_bytes(gzip.compress(CONTENT)[:-2000])

    chunks = read(path)

    assert len(bodies(chunks)) > 1000
    assert rejections(chunks) == ["gzip data ends early"]


def test_damage_inside_a_compressed_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.log.zst"
    data = bytearray(zstandard.ZstdCompressor(write_checksum=True).compress(os.urandom(500_000).hex().encode()))
    data[300_000] ^= 0xFF
    path.write_bytes(bytes(data))

    assert rejections(read(path))[0].startswith("broken zstd data")


def test_an_empty_file_gives_nothing_and_no_error(tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_bytes(b"")

    chunks = read(tmp_path / "empty.log")

    assert bodies(chunks) == []
    assert rejections(chunks) == []


def test_a_binary_file_is_kept_as_rejected_pieces(tmp_path: Path) -> None:
    data = b"\x7fELF\x00\x01" + os.urandom(3_000_000)
    (tmp_path / "program").write_bytes(data)

    chunks = read(tmp_path / "program")

    pieces = [event for chunk in chunks for event in chunk.rejected]
    assert b"".join(event.payload for event in pieces) == data
    assert {event.reason for event in pieces} == {"binary data"}


def test_a_line_too_long_is_kept_in_pieces_and_the_next_line_is_read(tmp_path: Path) -> None:
    long = b"y" * (framing_module.MAX_RECORD_BYTES + 5_000_000)
    (tmp_path / "long.log").write_bytes(b"before\n" + long + b"\nafter\n")

    chunks = read(tmp_path / "long.log")

    assert bodies(chunks) == [b"before", b"after"]
    pieces = [event.payload for chunk in chunks for event in chunk.rejected]
    assert b"".join(pieces).rstrip(b"\n") == long


def test_a_pretty_printed_document_is_one_record(tmp_path: Path) -> None:
    document = {"Records": [{"eventVersion": "1.08", "n": index} for index in range(20)]}
    (tmp_path / "trail.json").write_text(json.dumps(document, indent=2))

    [body] = bodies(read(tmp_path / "trail.json"))

    assert json.loads(body) == document


@pytest.mark.parametrize("wrapper", ['{"Records":[%s]}', "[%s]", '{ "count": 3, "value": [ %s ]\n}\n'])
@pytest.mark.parametrize("separator", [",", ",\n "])
def test_a_document_too_large_to_hold_is_cut_into_its_records(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, wrapper: str, separator: str
) -> None:
    monkeypatch.setattr(framing_module, "MAX_DOCUMENT_BYTES", 50_000)
    monkeypatch.setattr(framing_module, "LIST_BLOCK_BYTES", 1000)
    records = [json.dumps({"n": n, "t": 'quo"ted \\ ]}' * (n % 9), "deep": [[{}], {"x": "["}]}) for n in range(900)]
    (tmp_path / "large.json").write_text(wrapper % separator.join(records))

    chunks = read(tmp_path / "large.json")

    assert bodies(chunks) == [record.encode() for record in records]
    assert rejections(chunks) == []
    for chunk in chunks[:: len(chunks) // 7]:
        again = read(tmp_path / "large.json", chunk.cursor())
        assert bodies(chunks)[-len(bodies(again)) or len(records) :] == bodies(again)


def test_what_stands_behind_a_large_list_is_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(framing_module, "MAX_DOCUMENT_BYTES", 100)
    (tmp_path / "a.json").write_text('{{"Records":[{}],"more":"facts"}}'.format(",".join(['{"n":1}'] * 50)))

    chunks = read(tmp_path / "a.json")

    assert len(bodies(chunks)) == 50
    assert rejections(chunks) == ["text behind a list of records"]


def test_a_csv_file_gives_rows_with_their_header_as_context(tmp_path: Path) -> None:
    rows = 'id,name,cost,note\n1,a,2.5,"two\nlines"\n2,b,3.5,plain\n'
    (tmp_path / "bill.csv").write_text(rows)

    [chunk, *_] = read(tmp_path / "bill.csv")

    assert chunk.records.bodies == [b'1,a,2.5,"two\nlines"', b"2,b,3.5,plain"]
    assert json.loads(chunk.records.context[0])["header"] == "id,name,cost,note"


def test_a_folder_is_read_recursively_in_a_stable_order_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.log", "a/z.log", ".git/config", "a/.hidden"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name)

    assert bodies(read(tmp_path)) == [b"a/z.log", b"b.log"]


def test_a_glob_is_followed(tmp_path: Path) -> None:
    for name in ("a.log", "b.txt"):
        (tmp_path / name).write_text(name)

    assert bodies(read(f"{tmp_path}/*.log")) == [b"a.log"]


def test_a_missing_path_says_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(SourceNotFoundError, match="check the path"):
        read(tmp_path / "missing")


@pytest.mark.parametrize("name", ["a.log", "a.log.gz", "a.log.zst"])
def test_reading_goes_on_after_any_chunk(tmp_path: Path, name: str) -> None:
    content = b"".join(b"%d %s\n" % (index, b"z" * 500) for index in range(16000))
    path = tmp_path / name
    path.write_bytes(COMPRESSIONS[path.suffix](content))
    whole = read(path)
    assert len(whole) > 3

    for index, chunk in enumerate(whole):
        rest = read(path, chunk.cursor())

        assert bodies(rest) == bodies(whole[index + 1 :])
        offsets = [int(at) for again in rest for at in again.records.offsets]
        assert offsets == [int(at) for again in whole[index + 1 :] for at in again.records.offsets]


def test_a_file_read_to_its_end_is_not_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(CONTENT)

    assert read(path, read(path)[-1].cursor()) == []


def test_a_grown_file_gives_only_what_is_new(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    cursor = read(path)[-1].cursor()
    with path.open("ab") as file:
        file.write(b"three\n")

    chunks = read(path, cursor)

    assert bodies(chunks) == [b"three"]
    assert chunks[0].records.offsets.tolist() == [8]


def test_a_replaced_file_is_read_anew_with_other_ids(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    path.write_bytes(b"one\ntwo\n")
    first = read(path)
    path.write_bytes(b"uno\ndue\ntre\n")

    second = read(path, first[-1].cursor())

    assert bodies(second) == [b"uno", b"due", b"tre"]
    assert not np.isin(second[0].records.event_ids()[:, 1], first[0].records.event_ids()[:, 1]).any()


@settings(max_examples=60)
@given(
    st.lists(st.binary(min_size=0, max_size=60).filter(lambda b: b"\n" not in b and b"\0" not in b), max_size=30),
    st.integers(1, 64),
)
def test_lines_do_not_depend_on_how_blocks_are_cut(lines: list[bytes], block_bytes: int) -> None:
    data = b"first line\n" + b"\n".join(lines)
    blocks = [data[at : at + block_bytes] for at in range(0, len(data), block_bytes)]

    framed = list(frame(iter(blocks), head=data))

    cut = [(body, int(at)) for chunk in framed for body, at in zip(chunk.bodies, chunk.offsets, strict=True)]
    assert all(data[at : at + len(body)] == body for body, at in cut)
    expected = [line.rstrip(b"\r") for line in data.split(b"\n")]
    assert [body for body, _ in cut] == [line for line in expected if line and not line.isspace()]
