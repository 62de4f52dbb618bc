"""Recognise resource identifiers in free text.

Feeds the `mentions` column: run it over the distinct values of a dictionary (messages, error texts), not over events.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

from .arn import MEMO_ENTRIES
from .aws_names import EC2_TYPES

_END: Final = r"""\s"'`<>\\,;(){}\[\]|"""
_SEGMENT: Final = rf"[^/?#&{_END}]{{1,256}}"
_MENTION: Final = re.compile(
    "|".join(
        (
            rf"arn:aws(?:-[a-z]{{2,10}}){{0,3}}:[a-z0-9-]{{1,64}}:[a-z0-9-]{{0,32}}:[0-9a-z]{{0,16}}:[^{_END}]{{1,2048}}",
            rf"/?\b(?i:subscriptions/[0-9a-f-]{{36}}(?:/resourcegroups/{_SEGMENT}))(?:/{_SEGMENT}){{0,20}}",
            rf"//[a-z0-9-]{{1,63}}\.googleapis\.com(?:/{_SEGMENT}){{1,20}}",
            rf"https://(?:www|[a-z]{{1,63}})\.googleapis\.com/(?:[a-z]{{1,63}}/)?(?:v\d\w{{0,15}}|beta)(?:/{_SEGMENT}){{1,20}}",
            rf"gs://{_SEGMENT}(?:/{_SEGMENT}){{0,20}}",
            rf"\bprojects/[a-z0-9_:.-]{{1,64}}(?:/{_SEGMENT}){{2,20}}",
            rf"k8s://[^/{_END}]{{1,256}}(?:/{_SEGMENT}){{3}}",
            rf"https://sqs\.[a-z0-9-]{{1,32}}\.amazonaws\.com(?:\.cn)?/\d{{12}}/{_SEGMENT}",
            rf"(?<![\w-])(?:{'|'.join(sorted(EC2_TYPES))})-(?:[0-9a-f]{{17}}|[0-9a-f]{{8}})(?![\w-])",
        )
    )
)
"""Every repetition is bounded, so that hostile text costs linear time."""

_TRAILING: Final = ".:!?"
_MAX_TEXT: Final = 65_536
"""Chosen: identifiers further into a text than this are a dump, not a mention."""


def find_identifiers(text: str) -> list[str]:
    """Return the ARNs, Azure ids, Google names and links, and EC2-style ids in a text, in order, each once.

    >>> find_identifiers("i-0123456789abcdef0 cannot assume arn:aws:iam::012345678901:role/app.")
    ['i-0123456789abcdef0', 'arn:aws:iam::012345678901:role/app']
    """
    return list(_find(text[:_MAX_TEXT]))


@lru_cache(MEMO_ENTRIES // 16)
def _find(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(match[0].rstrip(_TRAILING) for match in _MENTION.finditer(text)))
