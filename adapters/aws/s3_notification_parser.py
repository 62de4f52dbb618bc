"""Parse notifications of S3 buckets: that an object was created, removed or restored.

A pointer to an object, not its content. It looks like CloudTrail (`eventVersion`, `eventSource`, `awsRegion`), and is
told by `s3` and the source `aws:s3`. See https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ..field_map import FieldMap
from ..field_paths import Row, as_text, value_at
from ..mapped_parser import MappedParser


def _bucket(row: Row, context: Mapping[str, Any]) -> str:
    return as_text(value_at(row, "s3.bucket.arn")) or f"arn:aws:s3:::{as_text(value_at(row, 's3.bucket.name'))}"


S3_NOTIFICATION_PARSER: Final = MappedParser(
    FieldMap(
        format="aws.s3.notification",
        provider="aws",
        time=("eventTime",),
        name=("eventName",),
        service=("s3.bucket.name",),
        region=("awsRegion",),
        resource_of=_bucket,
        names=("userIdentity.principalId", "requestParameters.sourceIPAddress"),
        attributes={
            "awsRegion": "cloud.region",
            "eventName": "aws.s3.event",
            "userIdentity.principalId": "user.id",
            "requestParameters.sourceIPAddress": "client.address",
            "responseElements.x-amz-request-id": "aws.request_id",
            "s3.bucket.name": "aws.s3.bucket",
            "s3.object.key": "aws.s3.key",
            "s3.object.size": "aws.s3.object.size",
        },
        prefix="aws.s3",
    ),
    {"eventSource": "aws:s3", "s3.bucket": dict},
)
