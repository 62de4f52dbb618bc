"""LiveTail: tells that a log group has new entries, within about a second.

Its entries have no `eventId`, 500 a second at most are shown, a slow reader loses the oldest, and nothing is given
again after a break: so it is a hint, and FilterLogEvents reads what is true. See
https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_StartLiveTail.html.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from botocore.exceptions import EventStreamError

from ...acquisition import Check, Delivery, Lost, Requests, SourceIdentity, Verdict
from .access import check_right
from .connection import TAIL_READ_TIMEOUT_S, AwsConnection
from .failures import classify

_MS = 1_000_000


class LiveTail:
    """Listens to one log group."""

    def __init__(self, connection: AwsConnection, arn: str, *, stream: str, pattern: str, prefix: str) -> None:
        self.connection = connection
        self._arguments: dict[str, Any] = {"logGroupIdentifiers": [arn]}
        if pattern:
            self._arguments["logEventFilterPattern"] = pattern
        if prefix:
            self._arguments["logStreamNamePrefixes"] = [prefix]
        self.identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="logs-tail",
            cursor="none",
        )

    def classify(self, error: Exception) -> Verdict:
        """Return what an exception of boto3 or of its stream means."""
        return classify(error)

    def refresh(self) -> None:
        """Get credentials anew."""
        self.connection.refresh()

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether a session may be opened."""
        return (check_right("logs:StartLiveTail", requests, lambda: self._open().close()),)

    def deliveries(self, positions: Mapping[str, str], requests: Requests) -> Iterator[Delivery]:
        """Yield a hint per update that has entries, with the span of time of which it shows only a sample."""
        session = requests.call(self._open)
        heard_ns = requests.runtime.now_ns()
        try:
            for event in session:
                yield self._delivery(event.get("sessionUpdate"), heard_ns, requests.runtime.now_ns())
                heard_ns = requests.runtime.now_ns()
        except EventStreamError as error:
            if error.response.get("Error", {}).get("Code") != "SessionTimeoutException":
                raise  # a session lasts three hours: its end is no trouble
        finally:
            session.close()

    def _open(self) -> Any:
        client = self.connection.client("logs", read_timeout_s=TAIL_READ_TIMEOUT_S)
        answer = client.start_live_tail(**self._arguments)
        return answer["responseStream"]

    def _delivery(self, update: Mapping[str, Any] | None, heard_ns: int, now_ns: int) -> Delivery:
        shown = (update or {}).get("sessionResults", [])
        if not (update or {}).get("sessionMetadata", {}).get("sampled"):
            return Delivery(hint=bool(shown))
        times = [int(entry["timestamp"]) * _MS for entry in shown if "timestamp" in entry]
        lost = Lost(min([heard_ns, *times]), max([now_ns, *times]) + _MS, "Live Tail showed a sample of its entries")
        return Delivery(hint=True, lost=(lost,))
