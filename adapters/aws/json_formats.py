"""All JSON formats of AWS that carry little volume, in the order in which they are tried."""

from __future__ import annotations

from typing import Final

from ..parser import Parser
from .api_gateway_parser import API_GATEWAY_PARSER
from .eks_audit_parser import EksAuditParser
from .firelens_parser import FIRELENS_PARSER
from .security_formats import SECURITY_PARSERS
from .service_formats import SERVICE_PARSERS
from .waf_parser import WafParser

JSON_PARSERS: Final[tuple[Parser, ...]] = (
    WafParser(),
    EksAuditParser(),
    FIRELENS_PARSER,
    *SECURITY_PARSERS,
    *SERVICE_PARSERS,
    API_GATEWAY_PARSER,
)
"""Two parsers of one format read two spellings of it."""
