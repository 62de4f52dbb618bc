"""All formats that the library knows, in the order in which they are tried.

Envelopes first (they are told by their outermost keys), then formats from the most specific to the most general. A new
format is one module with a recogniser and a parser, and a line here or a call of `Registry.with_parser`.
"""

from __future__ import annotations

from .aws.cloudwatch_envelope import CloudWatchSubscription, CompressedRecords, FilterLogEventsPage
from .aws.container_parser import AwsContainerParser
from .azure.container_parser import AzureContainerParser
from .envelope import Envelope
from .gcp.container_parser import GcpContainerParser
from .gcp.pubsub_envelope import PubSubPush
from .json_lists import JsonList
from .parser import Parser

ENVELOPES: tuple[Envelope, ...] = (
    CloudWatchSubscription(),
    CompressedRecords(),
    FilterLogEventsPage(),
    PubSubPush(),
    JsonList(),
)

CONTAINER_PARSERS: tuple[Parser, ...] = (AwsContainerParser(), AzureContainerParser(), GcpContainerParser())

PARSERS: tuple[Parser, ...] = (*CONTAINER_PARSERS,)
