"""Write CloudWatch Logs subscription envelopes: several events of one log stream per line.

Under the AWS writers. See https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html.
"""

from __future__ import annotations

from collections import defaultdict
from random import Random

from .delivery import Delivery
from .native_file import FileSet, NativeFile
from .places import AWS_ACCOUNT

EVENTS_PER_ENVELOPE = 24
"""Chosen: subscriptions deliver some dozens of events at once on a busy group."""


class CloudWatchFiles:
    """The envelopes of all log groups, in one gzip file per hour."""

    def __init__(self, files: FileSet, seed: int) -> None:
        self._files, self._file = files, files.open("aws/cloudwatch/logs-00.ndjson.gz")
        self._bits = Random(f"cloudwatch {seed}").getrandbits
        self._delivery = Delivery(f"cloudwatch delivery {seed}")
        self._streams: dict[str, list[str]] = defaultdict(list)
        self._written = 0

    def start_hour(self, hour: int) -> None:
        """Write what waits and go on in the file of the next hour."""
        self._flush_all()
        self._file = self._files.open(f"aws/cloudwatch/logs-{hour:02d}.ndjson.gz")

    def write(self, stream: str, at_us: int, message: str) -> None:
        """Add an event.

        Args:
            stream: what `stream_head` gave for the log stream.
            at_us: the event's time.
            message: the message as the inside of a JSON string.
        """
        # 56 digits as in CloudWatch: leading time, then what makes it unique.
        event = (
            f'{{"id":"3{at_us // 1000:014d}{self._bits(130):041d}","timestamp":{at_us // 1000},"message":"{message}"}}'
        )
        self._written += 1
        if self._delivery.deliver(f"{stream}\n{event}"):
            self._add(stream, event)
        for held, is_duplicate in self._delivery.release(self._written):
            self._add(*held.split("\n"))
            self._file.duplicates += is_duplicate

    def close(self) -> None:
        """Write all that waits."""
        self._flush_all()

    def _add(self, stream: str, event: str) -> None:
        events = self._streams[stream]
        events.append(event)
        if len(events) >= EVENTS_PER_ENVELOPE:
            self._flush(stream)

    def _flush_all(self) -> None:
        for held, is_duplicate in self._delivery.release(-1):
            self._add(*held.split("\n"))
            self._file.duplicates += is_duplicate
        for stream in list(self._streams):
            self._flush(stream)

    def _flush(self, stream: str) -> None:
        events = self._streams.pop(stream, [])
        if events:
            self._file.write(f"{stream}{','.join(events)}]}}", len(events))


def stream_head(group: str, stream: str) -> str:
    """Return the beginning of a log stream's envelopes, up to its events.

    >>> stream_head("g", "s").startswith('{"messageType":"DATA_MESSAGE","owner":"')
    True
    """
    return (
        f'{{"messageType":"DATA_MESSAGE","owner":"{AWS_ACCOUNT}","logGroup":"{group}","logStream":"{stream}",'
        '"subscriptionFilters":["ledger"],"logEvents":['
    )


def write_control_message(file: NativeFile) -> None:
    """Write the envelope with which CloudWatch tests a destination; it holds no record."""
    file.write(
        '{"messageType":"CONTROL_MESSAGE","owner":"CloudwatchLogs","logGroup":"","logStream":"",'
        '"subscriptionFilters":[],"logEvents":[{"id":"","timestamp":1763629200000,'
        '"message":"CWL CONTROL MESSAGE: Checking health of destination Kinesis stream."}]}',
        0,
    )
