"""S3Objects: the objects of a bucket, each read once: CloudTrail, load balancer and flow logs, Firehose, cost reports.

The days that may still get files are listed again at each poll, and compared with a manifest of what was read. Objects
are read by ranges, each of the listed version. See
https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html. Needs `s3:ListBucket` on the bucket and
`s3:GetObject` on its objects (with `versions` `s3:ListBucketVersions` and `s3:GetObjectVersion`), and `kms:Decrypt`
where a key encrypts them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Any

import boto3

from ....domain.errors import InvalidArgumentError
from ....domain.timestamps import to_instant_ns
from ...acquisition import (
    BreakerSettings,
    Check,
    ObjectInfo,
    ObjectSource,
    PageTokens,
    RateLimit,
    Requests,
    RetrySettings,
    SourceIdentity,
    has,
)
from ...acquisition.window import NS, Instant
from .access import check_identity, check_right
from .connection import AwsConnection, AwsCredentials
from .reader import AwsReader
from .s3_get import object_blocks, place_of_key, split_key
from .s3_prefixes import dated_prefixes

DAYS = 7
"""Of dated folders that are listed again. Chosen: CloudTrail delivers again what failed for up to 30 days, mostly
within hours; an older folder is read by `since`."""

POLL_S = 60.0

RATE = RateLimit(per_s=50.0, burst=50)
"""Far below the 5,500 reads a second of a prefix:
https://docs.aws.amazon.com/AmazonS3/latest/userguide/optimizing-performance.html."""


class BucketObjects(AwsReader):
    """Lists and reads the objects of one bucket."""

    def __init__(
        self,
        connection: AwsConnection,
        bucket: str,
        stream: str,
        *,
        prefixes: Sequence[str],
        since_ns: int | None,
        days: int,
        start_after: str,
        include: Sequence[str],
        exclude: Sequence[str],
        versions: bool,
    ) -> None:
        identity = SourceIdentity(
            stream=stream,
            provider="aws",
            account=connection.account,
            region=connection.region,
            api="s3",
            cursor="manifest of objects and their versions",
            dedupe=("bucket", "key", "versionId" if versions else "ETag", "offset"),
        )
        super().__init__(connection, identity)
        self.bucket, self.prefixes, self.versions = bucket, tuple(prefixes), versions
        self._since_ns, self._days, self._start_after = since_ns, days, start_after
        self._include, self._exclude = tuple(include), tuple(exclude)

    def listing(self, requests: Requests) -> Iterator[ObjectInfo]:
        """Yield the objects of all prefixes; a listing that was cut off is asked for again."""
        now_ns = requests.runtime.now_ns()
        since_ns = now_ns - self._days * 86_400 * NS if self._since_ns is None else self._since_ns
        for prefix in self.prefixes:
            for dated in dated_prefixes(prefix, since_ns=since_ns, now_ns=now_ns):
                pages = self._versions(dated, requests) if self.versions else self._objects(dated, requests)
                for found in pages:
                    if self._is_wanted(split_key(found)[1]):
                        yield found
                    else:
                        requests.tally["objects left out"] += 1

    def blocks(self, found: ObjectInfo, offset: int) -> Iterator[bytes]:
        """Yield an object's bytes, of the version that was listed."""
        asked = {"VersionId": found.version} if self.versions else {"IfMatch": f'"{found.version}"'}
        return object_blocks(self._client(), found, offset, asked)

    def metadata(self, found: ObjectInfo) -> Mapping[str, str]:
        """Return account and region: of the key where it says them, else of the source."""
        return {**self.place, **place_of_key(found.key)}

    def check(self, requests: Requests) -> tuple[Check, ...]:
        """Return whether the bucket may be listed, and its first object read."""
        first: list[dict[str, Any]] = []
        prefix = self.prefixes[0].partition("%")[0]

        def look() -> None:
            answer = self._client().list_objects_v2(Bucket=self.bucket, Prefix=prefix, MaxKeys=1)
            first[:] = answer.get("Contents", [])

        checks = [check_identity(self.connection, requests), check_right("s3:ListBucket", requests, look)]
        checks += [check_right("s3:GetObject", requests, partial(self._touch, one["Key"])) for one in first]
        return tuple(checks)

    def _client(self) -> Any:
        return self.connection.client("s3")

    def _list(self, asked: Mapping[str, Any]) -> Any:
        return self._client().list_objects_v2(**asked)

    def _list_versions(self, asked: Mapping[str, Any]) -> Any:
        return self._client().list_object_versions(**asked)

    def _touch(self, key: str) -> None:
        self._client().get_object(Bucket=self.bucket, Key=key)["Body"].close()

    def _is_wanted(self, key: str) -> bool:
        if key.endswith("/") or any(fnmatchcase(key, one) for one in self._exclude):
            return False
        return not self._include or any(fnmatchcase(key, one) for one in self._include)

    def _objects(self, prefix: str, requests: Requests) -> Iterator[ObjectInfo]:
        """Yield a prefix's objects; each page begins behind the last key, so that no token can be refused."""
        asked = {"Bucket": self.bucket, "Prefix": prefix, "StartAfter": self._start_after}
        tokens = PageTokens()
        while True:
            answer = requests.call(partial(self._list, asked), whole=has("KeyCount", "IsTruncated"))
            listed = answer.get("Contents", [])
            yield from [self._info(one, one["ETag"].strip('"')) for one in listed]
            if not answer["IsTruncated"]:
                return
            asked = {"Bucket": self.bucket, "Prefix": prefix}
            if listed:
                asked["StartAfter"] = tokens.following(listed[-1]["Key"])
            else:
                asked["ContinuationToken"] = tokens.following(answer["NextContinuationToken"])

    def _versions(self, prefix: str, requests: Requests) -> Iterator[ObjectInfo]:
        """Yield all versions of a prefix's objects."""
        asked, tokens = {"Bucket": self.bucket, "Prefix": prefix}, PageTokens()
        while True:
            answer = requests.call(partial(self._list_versions, asked), whole=has("IsTruncated"))
            yield from [self._info(one, one["VersionId"]) for one in answer.get("Versions", [])]
            if not answer["IsTruncated"]:
                return
            key, version = answer["NextKeyMarker"], answer["NextVersionIdMarker"]
            tokens.following(f"{version}@{key}")
            asked |= {"KeyMarker": key, "VersionIdMarker": version}

    def _info(self, listed: Mapping[str, Any], version: str) -> ObjectInfo:
        written_ns = int(listed["LastModified"].timestamp() * 1000) * 1_000_000
        return ObjectInfo(f"s3://{self.bucket}/{listed['Key']}", listed["Size"], version, written_ns)


class S3Objects(ObjectSource):
    """The records of a bucket's objects, once each, whenever the objects come.

    Args:
        bucket: its name.
        prefixes: what to list; `%Y/%m/%d` (and `%H`) stand for the dated folders of the last days.
        account, region: where the bucket is; what the records are of, where neither they nor their keys say it.
        credentials: where they come from, or a ready `boto3.Session`.
        since: the first dated folder; by default `days` before now.
        days: dated folders that are listed at each poll.
        start_after: keys up to this one are never listed.
        include, exclude: patterns of whole keys (`*.csv.gz`, `*Manifest.json`).
        versions: read each version of an object that is overwritten, not only those that a listing meets.
        stream: the stream to write; by default named by bucket and first prefix.
        endpoint_url: another address than the public one.
        poll_s, retry, rate, circuit: see the settings.

    >>> S3Objects("trail", "AWSLogs/123456789012/CloudTrail/eu-west-1/%Y/%m/%d/", account="1", region="eu-west-1")
    S3Objects(stream='aws/1/eu-west-1/s3/trail/AWSLogs/123456789012/CloudTrail/eu-west-1')
    """

    def __init__(
        self,
        bucket: str,
        *prefixes: str,
        account: str,
        region: str,
        credentials: AwsCredentials | boto3.Session | None = None,
        since: Instant | None = None,
        days: int = DAYS,
        start_after: str = "",
        include: Sequence[str] = (),
        exclude: Sequence[str] = (),
        versions: bool = False,
        stream: str | None = None,
        endpoint_url: str | None = None,
        poll_s: float = POLL_S,
        retry: RetrySettings = RetrySettings(),  # noqa: B008 - frozen
        rate: RateLimit = RATE,
        circuit: BreakerSettings = BreakerSettings(),  # noqa: B008 - frozen
    ) -> None:
        if not bucket or days < 1:
            raise InvalidArgumentError(f"bucket={bucket!r}, days={days}: give the name of a bucket, and a day or more")
        listed = prefixes or ("",)
        reader = BucketObjects(
            AwsConnection(account, region, credentials=credentials, endpoint_url=endpoint_url),
            bucket,
            stream or "/".join(["aws", account, region, "s3", f"{bucket}/{listed[0].partition('%')[0]}".strip("/")]),
            prefixes=listed,
            since_ns=None if since is None else to_instant_ns(since),
            days=days,
            start_after=start_after,
            include=include,
            exclude=exclude,
            versions=versions,
        )
        super().__init__(reader, poll_s=poll_s, retry=retry, rate=rate, circuit=circuit)
