"""Canaries: secret values that must appear nowhere, and a scanner that finds them in every form.

Each cloud's leak test puts one into every slot for credentials, runs its sources through success and failure with all
loggers at DEBUG, and scans whatever came to be. The scanner proves itself on what is planted.
"""

from __future__ import annotations

import base64
import gzip
import json
import pickle
import re
import secrets
import traceback
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote, quote_plus

import zstandard

_GZIP, _ZSTD = b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd"


class Canary:
    """A random value with characters that encodings change."""

    def __init__(self) -> None:
        self.value = f"cnry{secrets.token_hex(12)}/+={secrets.token_hex(8)}"

    def forms(self) -> Iterator[bytes]:
        """Yield the value as it may be written: raw, in URLs, in JSON, hexadecimal, base64 in three alignments."""
        raw = self.value.encode()
        yield from (raw, quote(self.value, safe="").encode(), quote_plus(self.value).encode(), raw.hex().encode())
        yield json.dumps(self.value)[1:-1].replace("/", "\\/").encode()
        for shift in range(3):
            yield base64.b64encode(b"\0" * shift + raw)[4:-4]


def found_in(content: bytes, canaries: Iterable[Canary]) -> bool:
    """Say whether any canary stands in some bytes, or in what is compressed within them."""
    forms = {form for canary in canaries for form in canary.forms()}
    return any(form in layer for layer in (content, *_unpacked(content)) for form in forms)


def leaking_files(folder: Path, canaries: Iterable[Canary]) -> list[str]:
    """Return the files below a folder that hold a canary."""
    known = list(canaries)
    return [path.name for path in sorted(folder.rglob("*")) if path.is_file() and found_in(path.read_bytes(), known)]


def shown(value: object) -> bytes:
    """Return all that an object shows of itself: repr, str, its fields, and its pickle where it has one."""
    parts = [repr(value), str(value), repr(getattr(value, "__dict__", ""))]
    try:
        return "\n".join(parts).encode() + pickle.dumps(value)
    except Exception:
        return "\n".join(parts).encode()


def with_locals(error: BaseException) -> bytes:
    """Return an error's traceback with the local variables of its frames, as crash reporters send it."""
    found = traceback.TracebackException.from_exception(error, capture_locals=True)
    ours = [frame for frame in found.stack if "/adapters/" in frame.filename and "site-packages" not in frame.filename]
    return "\n".join(
        [*traceback.format_exception(error), *(f"{frame.name}: {frame.locals}" for frame in ours)]
    ).encode()


def _unpacked(content: bytes) -> Iterator[bytes]:
    """Yield whatever is compressed within, wherever it begins."""
    for place in re.finditer(re.escape(_ZSTD), content):
        try:
            yield zstandard.ZstdDecompressor().decompressobj().decompress(content[place.start() :])
        except zstandard.ZstdError:
            continue
    for place in re.finditer(re.escape(_GZIP), content):
        try:
            yield zlib.decompressobj(31).decompress(content[place.start() :])
        except zlib.error:
            continue


def planted(folder: Path, canary: Canary) -> list[Path]:
    """Write a canary in each form that a leak may take; return the files."""
    raw = canary.value.encode()
    contents = {
        "raw": b"x" + raw,
        "url": quote(canary.value, safe="").encode(),
        "base64": base64.b64encode(b"ab" + raw + b"cd"),
        "gzip": b"head" + gzip.compress(raw),
        "zstd": b"head" + zstandard.compress(raw),
        "json": json.dumps({"a": canary.value}).encode(),
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in contents]
