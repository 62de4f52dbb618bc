"""PageTokens: each token of a list's pages leads on once; one that comes again would lead round for ever.

Between a reader and a paged operation. See https://google.aip.dev/158, and
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html: only an answer without a
token is the last, however many were empty, so that nothing but a repetition tells a ring of pages.
"""

from __future__ import annotations

from typing import TypeVar

from .failure import Failure, RequestFailedError, Verdict

Token = TypeVar("Token", bound=str | None)


class PageTokens:
    """The tokens that led to the pages of one list.

    >>> tokens = PageTokens()
    >>> tokens.following("page-2")
    'page-2'
    """

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def following(self, token: Token) -> Token:
        """Return the token of the next page; empty where there is none.

        Raises:
            RequestFailedError: it was given before: what the list holds cannot be read to its end.
        """
        if token:
            # Hashes, since tokens have up to kilobytes and a window may have thousands of pages.
            if hash(token) in self._seen:
                raise RequestFailedError(Verdict(Failure.TRUNCATED, "the token of the next page is that of one before"))
            self._seen.add(hash(token))
        return token
