"""All formats that the library knows, in the order in which they are tried.

Carriers first (they are told by their outermost keys), then formats from the most specific to the most general, then
lists of records. A new format is one module with a recogniser and a parser, and a line here or a call of
`Registry.with_parser`.
"""

from __future__ import annotations

from .aws.autoscaling_parser import AutoscalingParser
from .aws.cloudwatch_envelope import CloudWatchSubscription, CompressedRecords, FilterLogEventsPage
from .aws.container_parser import AwsContainerParser
from .azure.autoscale_parser import AutoscaleParser
from .azure.container_parser import AzureContainerParser
from .billing.aws_cur_parser import AwsCurParser
from .billing.azure_cost_parser import AzureCostParser
from .billing.focus_parser import FocusParser
from .billing.gcp_billing_parser import GcpBillingParser
from .envelope import Envelope
from .gcp.autoscaler_parser import AutoscalerParser
from .gcp.container_parser import GcpContainerParser
from .gcp.pubsub_envelope import PubSubPush
from .json_lists import JsonList
from .kubernetes.hpa_parser import HpaParser
from .parser import Parser
from .terraform.apply_log_parser import TerraformApplyLogParser
from .terraform.plan_parser import TerraformPlanParser
from .terraform.state_parser import TerraformStateParser

CARRIERS: tuple[Envelope, ...] = (CloudWatchSubscription(), CompressedRecords(), FilterLogEventsPage(), PubSubPush())
"""Envelopes around records of any format."""

CONTAINER_PARSERS: tuple[Parser, ...] = (AwsContainerParser(), AzureContainerParser(), GcpContainerParser())

DEPLOYMENT_PARSERS: tuple[Parser, ...] = (TerraformPlanParser(), TerraformApplyLogParser(), TerraformStateParser())

SCALING_PARSERS: tuple[Parser, ...] = (AutoscalingParser(), AutoscaleParser(), AutoscalerParser(), HpaParser())

BILLING_PARSERS: tuple[Parser, ...] = (FocusParser(), AwsCurParser(), AzureCostParser(), GcpBillingParser())

PARSERS: tuple[Parser, ...] = (*CONTAINER_PARSERS, *DEPLOYMENT_PARSERS, *SCALING_PARSERS, *BILLING_PARSERS)

LISTS: tuple[Envelope, ...] = (JsonList(),)
"""Envelopes tried after all parsers: a document with a list and a format of its own goes to that format."""
