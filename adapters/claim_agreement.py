"""What a source says about a fact, and when two agree although they do not say the same.

Used by `claims`. Clocks differ and delivery takes time; a zone lies in its region; a resource contains another.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from ..domain.events import Event
from ..domain.identity import same_resource

SECOND_NS: Final = 1_000_000_000


class Said(NamedTuple):
    """One source's word: a kind of source, the field, and the value as the column would hold it."""

    fact: str
    kind: str
    field: str
    value: Any

    @property
    def source(self) -> str:
        """Kind and field.

        >>> Said("region", "record", "awsRegion", "eu-west-1").source
        'record:awsRegion'
        """
        return f"{self.kind}:{self.field}" if self.field else self.kind


class Tolerance(NamedTuple):
    """How far times may lie apart.

    `skew_s`: clocks of two machines. Chosen: five minutes is what Kerberos and AWS Signature Version 4 allow.
    `delay_s`: what a carrier may hold a record back. Chosen: a day, since access logs come hours late.
    """

    skew_s: float = 300
    delay_s: float = 86_400


DEFAULT_TOLERANCE: Final = Tolerance()


def agree(event: Event, one: Said, other: Said, tolerance: Tolerance) -> bool:
    """Say whether two claims on one fact of an event are compatible.

    >>> a, b = Said("region", "record", "zone", "europe-west4"), Said("region", "identifier", "", "europe")
    >>> agree(Event(provider="gcp"), a, b, Tolerance())
    True
    """
    if one.fact == "time":
        return _times_agree(one, other, tolerance)
    if one.fact == "severity":
        return int(one.value - 1) // 4 == int(other.value - 1) // 4  # four numbers are one level in OpenTelemetry
    left, right = str(one.value).casefold(), str(other.value).casefold()
    if left == right:
        return True
    if one.fact == "account":
        # Google writes a project by its id or by its number; which belongs to which no record tells.
        return event.provider == "gcp" and left.isdecimal() != right.isdecimal()
    if one.fact == "resource":
        return _same_thing(left, right)
    return one.fact in ("region", "service") and (_contains(left, right) or _contains(right, left))


def _same_thing(left: str, right: str) -> bool:
    """Say whether two names mean one resource, one ends with the other, or one lies in the other."""
    if left.startswith("k8s://") != right.startswith("k8s://"):
        return True  # an object inside a cluster, and the cluster
    named = left.endswith(f"/{right}") or right.endswith(f"/{left}")
    return named or _contains(left, right) or _contains(right, left) or same_resource(left, right)


def _contains(whole: str, part: str) -> bool:
    """Say whether one lies in the other: `eu` and `eu-west1`, a group and its machine, an app and its function."""
    return part.startswith(whole) and part[len(whole) :][:1] in "-/:"


def _times_agree(one: Said, other: Said, tolerance: Tolerance) -> bool:
    """Carriers see a record after it was written, and may hold it back; all others differ by their clocks only."""
    carriers = ("envelope", "ingestion")
    if (one.kind in carriers) == (other.kind in carriers):
        return bool(abs(one.value - other.value) <= max(tolerance.skew_s, 0) * SECOND_NS)
    written, seen = (other, one) if one.kind in carriers else (one, other)
    lag = seen.value - written.value
    late = seen.kind == "envelope" and lag > tolerance.delay_s * SECOND_NS  # old files are brought in at any time
    return not late and lag >= -tolerance.skew_s * SECOND_NS
