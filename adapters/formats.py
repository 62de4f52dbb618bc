"""All formats that the library knows, in the order in which they are tried.

Carriers first (they are told by their outermost keys), then formats from the most specific to the most general, then
lists of records. A new format is one module with a recogniser and a parser, and a line here or a call of
`Registry.with_parser`.
"""

from __future__ import annotations

from .arm.deployments_parser import DeploymentsParser
from .aws.autoscaling_parser import AutoscalingParser
from .aws.cloudfront_parser import CloudFrontHeader
from .aws.cloudtrail_envelopes import CloudTrailDigest, EventBridgeEvent, LookupEvent
from .aws.cloudwatch_envelope import CloudWatchSubscription, CompressedRecords, FilterLogEventsPage
from .aws.container_parser import AwsContainerParser
from .aws.log_parsers import AWS_PARSERS
from .aws.message_envelopes import ControlMessage, FirehoseBackup, MessageEnvelope
from .aws.metric_data_parser import MetricDataParser
from .aws.network_elb_parser import ElbTestFile
from .aws.s3_notification_parser import S3_NOTIFICATION_PARSER
from .azure.activity_parser import ActivityParser
from .azure.autoscale_parser import AutoscaleParser
from .azure.categories import DIAGNOSTICS_PARSERS
from .azure.container_parser import AzureContainerParser
from .azure.event_hub_envelope import CapturedEvent
from .azure.flow_parser import FLOW_PARSERS
from .azure.metrics_parser import MetricsParser as AzureMetricsParser
from .billing.aws_cost_explorer_parser import AwsCostExplorerParser
from .billing.aws_cur_parser import AwsCurParser
from .billing.azure_cost_parser import AzureCostParser
from .billing.focus_parser import FocusParser
from .billing.gcp_billing_parser import GcpBillingParser
from .cloudformation.stack_events_parser import StackEventsParser
from .envelope import Envelope
from .gcp.audit_parser import AuditParser
from .gcp.autoscaler_parser import AutoscalerParser
from .gcp.container_parser import GcpContainerParser
from .gcp.gke_events_parser import GkeEventsParser
from .gcp.load_balancer_parser import LoadBalancerParser
from .gcp.logentry_parser import LOG_ENTRY_PARSERS
from .gcp.metrics_parser import MetricsParser
from .gcp.network_parser import NETWORK_PARSERS
from .gcp.pubsub_envelope import PubSubPush
from .json_lists import JsonList
from .kubernetes.hpa_parser import HpaParser
from .kubernetes.runtime_parser import RuntimeLogParser
from .parser import Parser
from .terraform.apply_log_parser import TerraformApplyLogParser
from .terraform.plan_parser import TerraformPlanParser
from .terraform.state_parser import TerraformStateParser
from .text_envelopes import EncodedRecord

CARRIERS: tuple[Envelope, ...] = (
    CloudWatchSubscription(),
    CompressedRecords(),
    FilterLogEventsPage(),
    PubSubPush(),
    CapturedEvent(),
    LookupEvent(),
    MessageEnvelope(),
    FirehoseBackup(),
    ControlMessage(),
    EncodedRecord(),
)
"""Envelopes around records of any format."""

CONTAINER_PARSERS: tuple[Parser, ...] = (
    AwsContainerParser(),
    AzureContainerParser(),
    GcpContainerParser(),
    RuntimeLogParser(),
)

DEPLOYMENT_PARSERS: tuple[Parser, ...] = (
    *(TerraformPlanParser(), TerraformApplyLogParser(), TerraformStateParser()),
    *(StackEventsParser(), DeploymentsParser()),
)

SCALING_PARSERS: tuple[Parser, ...] = (
    AutoscalingParser(),
    AutoscaleParser(),
    AutoscalerParser(),
    GkeEventsParser(),
    HpaParser(),
)

BILLING_PARSERS: tuple[Parser, ...] = (
    *(FocusParser(), AwsCurParser(), AzureCostParser(), GcpBillingParser()),
    AwsCostExplorerParser(),
)

METRIC_PARSERS: tuple[Parser, ...] = (MetricsParser(), MetricDataParser(), AzureMetricsParser())

AZURE_PARSERS: tuple[Parser, ...] = (ActivityParser(), *FLOW_PARSERS, *DIAGNOSTICS_PARSERS)

GCP_PARSERS: tuple[Parser, ...] = (AuditParser(), LoadBalancerParser(), *NETWORK_PARSERS, *LOG_ENTRY_PARSERS)

CATCH_ALL = frozenset({"azure.generic", "gcp.generic"})
"""Formats of a cloud that take any of its records: what stands beside one may be of a format of its own."""

FACT_PARSERS: tuple[Parser, ...] = (*DEPLOYMENT_PARSERS, *SCALING_PARSERS, *METRIC_PARSERS, *BILLING_PARSERS)

PARSERS: tuple[Parser, ...] = (
    *(*CONTAINER_PARSERS, *FACT_PARSERS, S3_NOTIFICATION_PARSER),
    *(*AWS_PARSERS, *AZURE_PARSERS, *GCP_PARSERS),
)

LISTS: tuple[Envelope, ...] = (EventBridgeEvent(), CloudTrailDigest(), ElbTestFile(), CloudFrontHeader(), JsonList())
"""Envelopes tried after all parsers: a document with a list and a format of its own goes to that format."""
