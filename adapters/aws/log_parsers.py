"""All log formats of AWS, in the order in which they are tried: those told by content first, by log group last."""

from __future__ import annotations

from typing import Final

from ..parser import Parser
from .accelerator_parser import AcceleratorFlowParser
from .cloudfront_parser import CloudFrontParser
from .cloudtrail_parser import CloudTrailParser
from .elb_connection_parser import AlbConnectionParser
from .elb_parser import AlbParser
from .eventbridge_parser import EVENTBRIDGE_PARSER
from .json_formats import JSON_PARSERS
from .lambda_parser import LambdaParser
from .log_group_parser import LOG_GROUP_PARSERS
from .network_elb_parser import ClbParser, NlbParser
from .rds_parser import RdsParser
from .route53_parser import Route53PublicParser
from .s3_access_parser import S3AccessParser
from .vpcflow_parser import TransitGatewayFlowParser, VpcFlowParser

AWS_PARSERS: Final[tuple[Parser, ...]] = (
    CloudTrailParser(),
    AlbParser(),
    NlbParser(),
    ClbParser(),
    AlbConnectionParser(),
    AcceleratorFlowParser(),
    TransitGatewayFlowParser(),
    VpcFlowParser(),
    S3AccessParser(),
    CloudFrontParser(),
    Route53PublicParser(),
    *JSON_PARSERS,
    RdsParser(),
    LambdaParser(),
    EVENTBRIDGE_PARSER,
    *LOG_GROUP_PARSERS,
)
