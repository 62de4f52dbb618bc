"""AwsReader: what all readers of AWS have in common: a connection, names, and the table of failures."""

from __future__ import annotations

from ...acquisition import SourceIdentity, Verdict
from .connection import AwsConnection
from .failures import classify


class AwsReader:
    """Reads through one connection; subclasses say what.

    >>> identity = SourceIdentity(stream="s", provider="aws")
    >>> AwsReader(AwsConnection("123456789012", "eu-west-1"), identity).classify(TimeoutError("slow")).failure.value
    'transient'
    """

    def __init__(self, connection: AwsConnection, identity: SourceIdentity) -> None:
        self.connection, self.identity = connection, identity

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of boto3 means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    @property
    def place(self) -> dict[str, str]:
        """What the connection says of every record: provider, account, region."""
        return {"provider": "aws", "account": self.connection.account, "region": self.connection.region}
