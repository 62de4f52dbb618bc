"""Acquisition: engines that read APIs without losing, doubling or inventing an entry, and say what they could not get.

A provider's folder implements a *reader*; an engine makes a source of it that `ingest` and `follow` take:

- windows of time (queries, lists, metrics, costs): `WindowReader.pages`, run by `WindowSource`; its cursor is the
  end of the last whole window, and the gaps;
- objects of a listing (exports): `ObjectReader.listing` and `.blocks`, run by `ObjectSource`; its cursor is a
  manifest of objects;
- messages (partitions, queues): `StreamReader.deliveries`, run by `StreamSource`; its cursor is a place per partition;
- a live tail beside a pull: also `StreamReader.deliveries`, run by `HintSource`; no cursor, the pull reconciles.

How to write a source, in the folder of its cloud (`adapters/aws/sources/cloudwatch_logs.py` is the example):

1. A reader with frozen configuration (what to read, how to get credentials), `identity` (stream, provider, account,
   region, API family, dedupe key), `classify` (the table of the cloud's failures), `refresh`, `check`. It connects when
   first asked, so that it can be pickled. The SDK's own retries are off, its timeouts are set.
2. Every request goes through `requests.call(send, whole=has("events"))`: rate limit, retries, circuit breaker and the
   check that the answer has its list happen there. Do not use the SDK's paginators: they take a cut-off answer for the
   last one. An empty page is not the end; only a missing token is.
3. Hand over native records: `page_of(bodies, origin, context=...)` where the record in an export has the same bytes
   (the registry finds its parser), else `Records` with `ids` made of the provider's own id, exactly as the parser of
   the exported form makes them. The test is that both give equal event ids.
4. What the provider gave only in part: raise `IncompleteWindowError(reason, page)`; the engine halves the window, and
   at the least span commits the part and records a gap, which later polls read again. A stream that was sampled says
   so in `Delivery.lost`.
5. A class that names the settings: `class CloudWatchLogs(WindowSource)` with defaults of overlap, rate and windows.
6. Tests: a wire fake in `tests/wire/` that the real SDK talks to; the contract suite of `tests/adapters/acquisition`;
   seeded fault schedules until every branch has run.

Time, waiting and chance come from the `Runtime`; nothing here or in a reader sleeps or reads a clock by itself.
"""

from .api_source import ApiSource
from .check import Check, missing
from .circuit_breaker import CircuitBreaker
from .failure import (
    Classify,
    Failure,
    RequestFailedError,
    StoppedError,
    TruncatedAnswerError,
    Verdict,
    failure_of_status,
    failure_of_type,
)
from .hint_source import HintSource
from .identity import SourceIdentity
from .object_read import ObjectRead
from .object_source import ObjectSource
from .observation import SourceState, observed
from .open_gaps import OpenGap, open_gaps
from .page import Page, page_of
from .page_tokens import PageTokens
from .ports import (
    Delivery,
    IncompleteWindowError,
    Lost,
    ObjectInfo,
    ObjectReader,
    Reader,
    StreamReader,
    WindowReader,
)
from .pulled_source import PulledSource
from .redacting_filter import RedactingFilter, keep_secrets_out_of_logs
from .requests import Requests, has
from .retry_after import retry_after_s
from .runtime import Runtime
from .secret_reference import SecretNotFoundError, SecretReference, secret
from .settings import BreakerSettings, Overlap, RateLimit, RetrySettings, WindowSettings
from .stream_source import StreamSource
from .token_bucket import TokenBucket
from .window import Gap, Window
from .window_source import WindowSource
from .without_secrets import KNOWN_SECRETS, KnownSecrets, without_secrets

__all__ = [
    "KNOWN_SECRETS",
    "ApiSource",
    "BreakerSettings",
    "Check",
    "CircuitBreaker",
    "Classify",
    "Delivery",
    "Failure",
    "Gap",
    "HintSource",
    "IncompleteWindowError",
    "KnownSecrets",
    "Lost",
    "ObjectInfo",
    "ObjectRead",
    "ObjectReader",
    "ObjectSource",
    "OpenGap",
    "Overlap",
    "Page",
    "PageTokens",
    "PulledSource",
    "RateLimit",
    "Reader",
    "RedactingFilter",
    "RequestFailedError",
    "Requests",
    "RetrySettings",
    "Runtime",
    "SecretNotFoundError",
    "SecretReference",
    "SourceIdentity",
    "SourceState",
    "StoppedError",
    "StreamReader",
    "StreamSource",
    "TokenBucket",
    "TruncatedAnswerError",
    "Verdict",
    "Window",
    "WindowReader",
    "WindowSettings",
    "WindowSource",
    "failure_of_status",
    "failure_of_type",
    "has",
    "keep_secrets_out_of_logs",
    "missing",
    "observed",
    "open_gaps",
    "page_of",
    "retry_after_s",
    "secret",
    "without_secrets",
]
