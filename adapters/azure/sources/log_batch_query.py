"""Several queries of Log Analytics in one request: each has an answer, a part of one, or an error of its own.

Under the reader of Log Analytics. See https://learn.microsoft.com/azure/azure-monitor/logs/api/batch-queries.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

import msgspec

from ....domain.errors import CloudledgerError
from ...acquisition import Failure, TruncatedAnswerError, Verdict, failure_of_status, retry_after_s
from .log_query import LogAnswer, read_answer


class BatchItemError(CloudledgerError):
    """One query of a batch failed; `verdict` says what that means."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.detail)
        self.verdict = verdict


class _Item(msgspec.Struct, gc=False):
    id: str
    body: msgspec.Raw = msgspec.Raw(b"null")
    status: int = 200
    headers: dict[str, str] = {}

    @property
    def answer(self) -> LogAnswer:
        """The answer, which at times is JSON in a text."""
        body = bytes(self.body)
        return read_answer(msgspec.json.decode(body, type=str).encode() if body.startswith(b'"') else body)

    @property
    def error(self) -> BatchItemError | None:
        """Why there is no answer."""
        if self.status == 200:
            return None
        detail = f"{self.status}: {bytes(self.body)[:300].decode('utf-8', 'replace')}"
        delay_s = retry_after_s(self.headers, time.time_ns())
        return BatchItemError(Verdict(failure_of_status(self.status), detail, delay_s))


class _Items(msgspec.Struct, gc=False):
    responses: list[_Item]


def read_batch(body: bytes, asked: Mapping[str, str]) -> dict[str, LogAnswer]:
    """Return the answers that a batch brought, by table.

    Args:
        body: as received.
        asked: the table that each query of the batch, by its id, was for.

    >>> body = b'{"responses":[{"id":"1","body":{"tables":[{"columns":[],"rows":[]}]}},{"id":"2","status":429}]}'
    >>> list(read_batch(body, {"1": "AppTraces", "2": "AppRequests"}))
    ['AppTraces']

    Raises:
        BatchItemError: a query will never be answered, or none was.
        TruncatedAnswerError: the answer is not whole.
    """
    try:
        items = msgspec.json.decode(body, type=_Items).responses
    except msgspec.MsgspecError as error:
        raise TruncatedAnswerError(f"the answer to a batch is not whole: {error}") from None
    known = [item for item in items if item.id in asked]
    errors = [refused for item in known if (refused := item.error) is not None]
    answers = {asked[item.id]: item.answer for item in known if item.status == 200}
    final = [one for one in errors if one.verdict.failure in (Failure.DENIED, Failure.FATAL)]
    if final or (errors and not answers):
        raise (final or errors)[0]
    if not answers:
        raise TruncatedAnswerError("a batch was answered without any of its queries")
    return answers
