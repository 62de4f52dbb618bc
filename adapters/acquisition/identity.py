"""SourceIdentity: what a source reads and how its entries are told apart."""

from __future__ import annotations

import msgspec

from ...domain.errors import InvalidArgumentError


class SourceIdentity(msgspec.Struct, frozen=True, kw_only=True):
    """Names a source: the stream that it writes, where it reads, and what makes its entries distinct.

    `api` is the family whose rate limit its requests share; `cursor` and `dedupe` say in words what is committed with
    the events, and which of the provider's own fields make an event id.

    >>> identity = SourceIdentity(stream="aws/1/eu-west-1/logs/pay", provider="aws", account="1", api="logs")
    >>> identity.limit_key
    ('aws', '1', '', 'logs')
    """

    stream: str
    provider: str
    account: str = ""
    region: str = ""
    api: str = ""
    cursor: str = "window"
    dedupe: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.stream or not self.provider:
            raise InvalidArgumentError(f"stream={self.stream!r}, provider={self.provider!r}: give both")

    @property
    def limit_key(self) -> tuple[str, ...]:
        """What shares one rate limit."""
        return (self.provider, self.account, self.region, self.api)
