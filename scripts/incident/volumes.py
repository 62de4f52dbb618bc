"""Bytes of log that each service is billed for, counted as its cloud counts them.

The hidden parameters of the story's bills:
- AWS: UTF-8 bytes of the message plus 26 per event; a GB is 2**30 bytes.
- Azure: the text of the stored columns without the system columns (also written as `_BilledSize`); a GB is 10**9 bytes.
- GCP: bytes of the log entry; a GiB is 2**30 bytes; audit logs of administration are free.
A second delivery of a record is not billed again.
"""

from __future__ import annotations

from collections import defaultdict

from .story import Story

AWS_EVENT_OVERHEAD = 26
"""PutLogEvents counts 26 bytes per event towards a batch."""

Group = tuple[str, str]
"""A cloud's billing pool (log group, workspace, project) and a service in it."""


class Volumes:
    """Billed bytes per pool and service, in all and before debug logging was switched on."""

    def __init__(self, story: Story) -> None:
        self._debug_at, self._share = story.debug_at, (story.debug_at - story.start) / story.duration
        self.total: dict[Group, int] = defaultdict(int)
        self._early: dict[Group, int] = defaultdict(int)

    def add(self, group: Group, at_us: int, size: int) -> None:
        """Count one record."""
        self.total[group] += size
        if at_us < self._debug_at:
            self._early[group] += size

    def ordinary(self, group: Group) -> int:
        """Return what the group writes on a day without incident: what it wrote before, stretched to the whole time."""
        return int(self._early[group] / self._share) or self.total[group]
