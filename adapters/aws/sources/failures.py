"""What the exceptions of boto3 mean: error codes of the services, and what botocore and urllib3 raise by themselves.

Codes are of the services' API references ("Common Errors" and each operation's). In event streams the exceptions of
urllib3 come through as they are.
"""

from __future__ import annotations

import time
from typing import Any, Final

from botocore.exceptions import ClientError

from ...acquisition import Failure, Verdict, failure_of_status, failure_of_type, retry_after_s

_CODES: Final = {
    **dict.fromkeys(
        (
            "BandwidthLimitExceeded",
            "LimitExceededException",
            "PriorRequestNotComplete",
            "ProvisionedThroughputExceededException",
            "RequestLimitExceeded",
            "RequestThrottled",
            "RequestThrottledException",
            "SlowDown",
            "ThrottledException",
            "Throttling",
            "ThrottlingException",
            "TooManyRequestsException",
            "TransactionInProgressException",
        ),
        Failure.THROTTLED,
    ),
    **dict.fromkeys(
        (
            "ExpiredToken",
            "ExpiredTokenException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "RequestExpired",
            "RequestTimeTooSkewed",
            "UnrecognizedClientException",
        ),
        Failure.EXPIRED,
    ),
    **dict.fromkeys(
        (
            "AccessDenied",
            "AccessDeniedException",
            "AuthFailure",
            "DataUnavailableException",
            "NoSuchBucket",
            "NoSuchKey",
            "OptInRequired",
            "ResourceNotFoundException",
            "UnauthorizedOperation",
        ),
        Failure.DENIED,
    ),
    **dict.fromkeys(
        ("ExpiredIteratorException", "InvalidNextToken", "InvalidNextTokenException", "RequestChangedException"),
        Failure.INVALID_TOKEN,
    ),
    **dict.fromkeys(
        (
            "InternalFailure",
            "InternalServerException",
            "RequestTimeout",
            "ServiceUnavailable",
            "SessionStreamingException",
        ),
        Failure.TRANSIENT,
    ),
}

_TYPES: Final = {
    "botocore.exceptions.ConnectionError": Failure.TRANSIENT,
    "botocore.exceptions.CredentialRetrievalError": Failure.EXPIRED,
    "botocore.exceptions.HTTPClientError": Failure.TRANSIENT,
    "botocore.exceptions.IncompleteReadError": Failure.TRUNCATED,
    "botocore.exceptions.NoCredentialsError": Failure.EXPIRED,
    "botocore.exceptions.PartialCredentialsError": Failure.EXPIRED,
    "botocore.exceptions.ProfileNotFound": Failure.DENIED,
    "botocore.exceptions.ResponseStreamingError": Failure.TRUNCATED,
    "botocore.exceptions.SSOError": Failure.EXPIRED,
    "botocore.exceptions.TokenRetrievalError": Failure.EXPIRED,
    "botocore.eventstream.ParserError": Failure.TRANSIENT,
    "botocore.parsers.ResponseParserError": Failure.TRUNCATED,
    "builtins.OSError": Failure.TRANSIENT,
    "urllib3.exceptions.HTTPError": Failure.TRANSIENT,
}


def classify(error: Exception) -> Verdict:
    """Return what an exception means.

    >>> answer = {"Error": {"Code": "ThrottlingException", "Message": "Rate exceeded"}}
    >>> classify(ClientError(answer, "FilterLogEvents")).failure.value
    'throttled'
    """
    if isinstance(error, ClientError):
        return _of_answer(error.response, error.operation_name)
    failure = failure_of_type(error, _TYPES) or Failure.FATAL
    return Verdict(failure, f"{type(error).__name__}: {error}")


def _of_answer(answer: Any, operation: str) -> Verdict:
    code, message = str(answer.get("Error", {}).get("Code", "")), str(answer.get("Error", {}).get("Message", ""))
    metadata = answer.get("ResponseMetadata", {})
    failure = _CODES.get(code)
    if failure is None and code == "InvalidParameterException" and "token" in message.lower():
        failure = Failure.INVALID_TOKEN
    if failure is None:
        failure = failure_of_status(int(metadata.get("HTTPStatusCode", 400)))
    delay_s = retry_after_s(metadata.get("HTTPHeaders", {}), time.time_ns())
    return Verdict(failure, f"{operation}: {code}: {message}", delay_s)
