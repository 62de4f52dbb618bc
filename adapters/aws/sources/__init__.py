"""Sources of AWS: readers of its APIs, each run by an engine of `adapters.acquisition`; boto3 is imported here only."""

from .cloudwatch_logs import CloudWatchLogs
from .connection import AwsConnection, AwsCredentials
from .s3_objects import S3Objects

__all__ = ["AwsConnection", "AwsCredentials", "CloudWatchLogs", "S3Objects"]
