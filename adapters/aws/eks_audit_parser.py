"""Parse audit logs of EKS clusters: what was asked of the Kubernetes API server, by whom, and what came of it.

Delivered to `/aws/eks/<cluster>/cluster`; the same records come from any API server's audit file. See
https://kubernetes.io/docs/reference/config-api/apiserver-audit.v1/.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
import numpy as np
import numpy.typing as npt

from ...domain.batch import EventBatch
from ...domain.columns import NO_DURATION
from ...domain.event_id import event_ids
from ...domain.message_template import template_column
from ...domain.timestamps import rfc3339_column
from ..described import Description, described
from ..kubernetes.audit_record import audit_attributes, audited_object
from ..log_batch import Times, log_batch
from ..number_columns import status_column
from ..parser import Sample, UnreadableRecordError
from ..records import Records
from ..tolerant_json import read_json
from ..typed_records import TypedRecords

_VERSIONS: Final = frozenset({"audit.k8s.io/v1", "audit.k8s.io/v1beta1"})


class _Object(msgspec.Struct, gc=False):
    resource: str | None = None
    namespace: str | None = None
    name: str | None = None


class _Status(msgspec.Struct, gc=False):
    code: int | None = None
    reason: str | None = None


class _User(msgspec.Struct, gc=False):
    username: str | None = None


class _Audit(msgspec.Struct, gc=False):
    kind: str
    apiVersion: str
    verb: str | None = None
    stage: str | None = None
    auditID: str | None = None
    stageTimestamp: str | None = None
    requestReceivedTimestamp: str | None = None
    user: _User | None = None
    objectRef: _Object | None = None
    responseStatus: _Status | None = None


_AUDITS: Final = TypedRecords(_Audit)

_Key = tuple[str, str, str, str, int]


class EksAuditParser:
    """Audit records of Kubernetes API servers.

    >>> from ..records import Origin
    >>> text = b'''{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","responseStatus":{"code":404},
    ... "objectRef":{"resource":"pods","namespace":"shop","name":"cart-1"},"user":{"username":"eve"}}'''
    >>> event = EksAuditParser().parse(Records.of([b" ".join(text.split())], Origin("audit.log")))[0]
    >>> event.name, event.status, event.mentions
    ('get', 404, ('eve',))
    """

    format = "aws.eks.audit"

    def recognises(self, sample: Sample) -> bool:
        """Say whether a record is an event of the audit API."""
        version = sample.fields.get("apiVersion")
        return sample.fields.get("kind") == "Event" and isinstance(version, str) and version in _VERSIONS

    def parse(self, records: Records) -> EventBatch:
        """Return one LogRecorded per stage of a request."""
        audits, flags = _AUDITS.decode(records)
        if not all(audit.kind == "Event" and audit.apiVersion in _VERSIONS for audit in audits):
            raise UnreadableRecordError("a record is no audit event")
        verbs = [audit.verb or "" for audit in audits]
        statuses = [audit.responseStatus or _NO_STATUS for audit in audits]
        errors = [status.reason or "" for status in statuses]
        times, durations = _times(audits)
        codes = records.context.codes.tolist()
        keys = [_key(audit, code) for audit, code in zip(audits, codes, strict=True)]
        contexts = records.contexts()
        return log_batch(
            records,
            format=self.format,
            provider="aws",
            times=times,
            flags=flags,
            name=verbs,
            error=errors,
            status=status_column([status.code for status in statuses]),
            duration_us=durations,
            template=template_column([f"{verb} {error}" for verb, error in zip(verbs, errors, strict=True)]),
            **_ids(audits),
            **described(keys, lambda key: _describe(key, contexts[key[4]])),
        )

    def attributes(self, body: bytes, context: Mapping[str, Any]) -> dict[str, Any]:
        """Return a record's attributes in OpenTelemetry names."""
        return audit_attributes(read_json(body))


_NO_STATUS: Final = _Status()
_NO_OBJECT: Final = _Object()


def _times(audits: Sequence[_Audit]) -> tuple[Times, npt.NDArray[np.int64]]:
    """Return when each stage was reached, and how long after the request it was."""
    reached, told = rfc3339_column([audit.stageTimestamp or "" for audit in audits])
    asked, known = rfc3339_column([audit.requestReceivedTimestamp or "" for audit in audits])
    took = np.where(told & known & (reached >= asked), (reached - asked) // 1000, NO_DURATION)
    completed = np.array([audit.stage == "ResponseComplete" for audit in audits], np.bool_)
    return (np.where(told, reached, asked), told | known), np.where(completed, took, NO_DURATION)


def _ids(audits: Sequence[_Audit]) -> dict[str, Any]:
    """Return ids by request and stage: each stage of a request is a record."""
    if not all(audit.auditID for audit in audits):
        return {}
    return {"event_id": event_ids([f"k8s.audit\0{audit.auditID}\0{audit.stage or ''}" for audit in audits])}


def _key(audit: _Audit, context: int) -> _Key:
    subject = audit.objectRef or _NO_OBJECT
    user = (audit.user.username or "") if audit.user else ""
    return subject.resource or "", subject.namespace or "", subject.name or "", user, context


def _describe(key: _Key, context: Mapping[str, Any]) -> Description:
    resource, namespace, name, user, _ = key
    subject = {"objectRef": {"resource": resource, "namespace": namespace, "name": name}}
    return Description(
        service="kube-apiserver", resource=audited_object(subject, context), mentions=(user,) if user else ()
    )
