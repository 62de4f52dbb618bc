"""Answers of a paged operation, one after another: the SDK's own paginators take a cut-off answer for the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ...acquisition import PageTokens, Requests, has


def answers(
    requests: Requests,
    send: Callable[..., Any],
    asked: Mapping[str, Any],
    *,
    whole: str,
    token: str = "NextToken",
) -> Iterator[Any]:
    """Yield an operation's answers until one has no token.

    Args:
        requests: sends, and sends again.
        send: the operation, with the client of the moment.
        asked: its arguments.
        whole: the list that every answer has.
        token: of the next page, in questions and answers alike.

    Raises:
        RequestFailedError: a token leads to a page that was read.

    >>> from ...acquisition import SourceIdentity
    >>> from .failures import classify
    >>> requests = Requests(SourceIdentity(stream="s", provider="aws"), classify)
    >>> [answer["Events"] for answer in answers(requests, lambda **asked: {"Events": [7]}, {}, whole="Events")]
    [[7]]
    """
    tokens = PageTokens()
    while True:
        answer = requests.call(lambda asked=asked: send(**asked), whole=has(whole))  # type: ignore[misc]
        yield answer
        following = tokens.following(answer.get(token))
        if not following:
            return
        asked = {**asked, token: following}
