"""Peel what stands around any record, whatever carried it: JSON inside a JSON string, a byte order mark, compression.

Queues and consoles write a record as a JSON string; carriers hold compressed bytes in base64. See
https://www.rfc-editor.org/rfc/rfc8259#section-8.1 and https://www.rfc-editor.org/rfc/rfc1952.
"""

from __future__ import annotations

import codecs

import msgspec
import zstandard

from .envelope import carried
from .gzip_members import GZIP_MAGIC, unpacked
from .parser import Sample
from .records import Records

BOM = codecs.BOM_UTF8
_BEFORE_JSON = '\ufeff \t\r\n"\\'
_HEAD_BYTES = 256
"""Where JSON in a text must have begun."""

_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"

MAX_UNPACKED_BYTES = 64 * 1024 * 1024
"""Most that one record may unpack to."""


class EncodedRecord:
    r"""A record that is a JSON string around JSON, starts with a byte order mark, or is compressed.

    >>> from .records import Origin
    >>> EncodedRecord().peel(Records.of([b'"{\\"a\\":1}"'], Origin("x"))).bodies
    [b'{"a":1}']
    """

    name = "encoded"
    decodes = True

    def recognises(self, sample: Sample) -> bool:
        """Say whether something stands around a record."""
        return is_encoded(sample.body)

    def peel(self, records: Records) -> Records:
        """Return the records inside."""
        return carried(records, [[_decoded(body)] for body in records.bodies], [{"envelope": self.name}] * len(records))


def is_encoded(body: bytes) -> bool:
    r"""Say whether a record is a JSON string around JSON, starts with a byte order mark, or is compressed.

    >>> is_encoded(b'"{\\"a\\":1}"'), is_encoded(b'"plain"'), is_encoded(b'{"a":1}')
    (True, False, False)
    """
    return body.startswith((BOM, GZIP_MAGIC, _ZSTD_MAGIC)) or is_json_text(body)


def is_json_text(body: bytes) -> bool:
    r"""Say whether a record is a JSON string that holds an object or a list.

    >>> is_json_text(b' "[1]"'), is_json_text(b'"x"')
    (True, False)
    """
    text = body.strip()
    return text.startswith(b'"') and text.endswith(b'"') and holds_json(text[:_HEAD_BYTES].decode("utf-8", "replace"))


def holds_json(text: str) -> bool:
    r"""Say whether a text is JSON by its first character, behind blanks, a byte order mark, and quotes of its own.

    >>> holds_json(' {"a":1}'), holds_json(r'"\"[1]'), holds_json("plain")
    (True, True, False)
    """
    return text[:_HEAD_BYTES].replace("\\ufeff", "").lstrip(_BEFORE_JSON)[:1] in ("{", "[")


def _decoded(body: bytes) -> bytes:
    if body.startswith(BOM):
        return body.removeprefix(BOM)
    if body.startswith(GZIP_MAGIC):
        return unpacked(body, MAX_UNPACKED_BYTES)
    if body.startswith(_ZSTD_MAGIC):
        return zstandard.ZstdDecompressor().decompress(body, max_output_size=MAX_UNPACKED_BYTES)
    inner = msgspec.json.decode(body, type=str).strip("\ufeff \t\r\n")
    if not holds_json(inner):
        raise ValueError("a JSON string without JSON in it")
    return inner.encode("utf-8", "surrogatepass")
