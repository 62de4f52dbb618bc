"""Sources of AWS: readers of its APIs, each run by an engine of `adapters.acquisition`; boto3 is imported here only."""

from .cloudformation import CloudFormationStacks
from .cloudtrail_lookup import CloudTrailLookup
from .cloudwatch_insights import CloudWatchInsights
from .cloudwatch_logs import CloudWatchLogs
from .cloudwatch_metrics import CloudWatchMetrics
from .connection import AwsConnection, AwsCredentials
from .cost_explorer import CostExplorer
from .kinesis import KinesisStream
from .metric_queries import MetricQuery
from .s3_notifications import S3Notifications
from .s3_objects import S3Objects
from .scaling_activities import ApplicationScalingActivities, AutoScalingActivities
from .sqs_queue import SqsMessages

__all__ = [
    "ApplicationScalingActivities",
    "AutoScalingActivities",
    "AwsConnection",
    "AwsCredentials",
    "CloudFormationStacks",
    "CloudTrailLookup",
    "CloudWatchInsights",
    "CloudWatchLogs",
    "CloudWatchMetrics",
    "CostExplorer",
    "KinesisStream",
    "MetricQuery",
    "S3Notifications",
    "S3Objects",
    "SqsMessages",
]
