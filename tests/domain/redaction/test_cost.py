"""Redaction finds every marker, and costs linear time whatever the text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.redaction import Redactor
from cloudledger.domain.redaction.markers import MarkerIndex
from tests.growth import grows_linearly

MARKERS = [b"token", b"pwd", b"sig=", b"api_key", b"\\u003d"]


def found_slowly(text: bytes) -> list[tuple[int, bytes]]:
    lowered = text.lower()
    return sorted((at, marker) for marker in MARKERS for at in range(len(text)) if lowered.startswith(marker, at))


@given(
    st.lists(st.sampled_from([*MARKERS, b"TOKEN", b"Pwd", b"to", b"ken", b" ", b"\x00", b"_", b"\x7f", b"p", b"\xff"]))
)
def test_the_index_finds_what_a_slow_search_finds(parts: list[bytes]) -> None:
    text = b"".join(parts)

    assert MarkerIndex(MARKERS).find(text) == found_slowly(text)


@pytest.mark.parametrize("shift", range(-8, 9))
def test_markers_across_blocks_are_found(shift: int) -> None:
    block = 256 * 1024
    text = b"." * (block + shift) + b"Token" + b"." * block + b"pwd"

    assert MarkerIndex(MARKERS).find(text) == [(block + shift, b"token"), (2 * block + shift + 5, b"pwd")]


def test_the_index_of_no_markers_finds_nothing() -> None:
    assert MarkerIndex([]).find(b"token") == []


@pytest.mark.parametrize(
    "unit",
    [
        b'"password":"',
        b"\\",
        b"password",
        b"://a:",
        b"eyJ",
        b"eyJaaaaaa.",
        b"cookie: ",
        b"sig=",
        b"private key-----",
        b'\\"password\\":\\"',
        b"token= ",
        b'"token":["a",',
        b'password" ',
        b"://a:@",
        b"authorization=bearer ",
        b"mysql ",
        b"mysql -u ",
        b"AKIAIOSFODNN7EXAMPLE/",
        b"pwd=/",
        b'"cookies":{',
        b'"cookies":{"a":"b',
        b"sshpass -p ",
        b'"password":{"value":',
        b"encryption_key=1",
        b"functions-key: a",
        b"Authorization: a",
    ],
)
def test_hostile_text_costs_linear_time(unit: bytes) -> None:
    redactor = Redactor()

    assert grows_linearly(lambda length: redactor.redact(unit * (length // len(unit))), 512 * 1024)


@pytest.mark.parametrize(
    "head", [b'"password":"', b"://a:", b"eyJ", b"cookie:", b"sig=", b"private key-----", b'\\"pwd\\":\\"']
)
@pytest.mark.parametrize("tail", [b"a", b"\\", b'\\"', b" ", b"@"])
def test_one_endless_secret_costs_linear_time(head: bytes, tail: bytes) -> None:
    redactor = Redactor()

    assert grows_linearly(lambda length: redactor.redact(head + tail * length), 500_000)
