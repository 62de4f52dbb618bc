"""Ask REST services of Google: one request, its answer as JSON, its error as google-api-core names it.

Under the sources that need no client of their own: Cloud Monitoring and BigQuery.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from google.api_core.exceptions import from_http_response

from ...acquisition import TruncatedAnswerError
from .connection import TIMEOUT_S, GcpConnection


def asked(
    connection: GcpConnection,
    scope: str,
    url: str,
    *,
    parameters: Mapping[str, Any] | None = None,
    body: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Return the answer of a GET, or with a body of a POST.

    Raises:
        GoogleAPICallError: the service said no.
        TruncatedAnswerError: what came is no JSON object: it was cut off, or something in between answered.
    """
    session = connection.session(scope)
    method = "GET" if body is None else "POST"
    answer = session.request(method, url, params=parameters, json=body, timeout=TIMEOUT_S, allow_redirects=False)
    if answer.status_code != 200:
        raise from_http_response(answer)
    try:
        return msgspec.json.decode(answer.content, type=dict[str, Any])
    except msgspec.MsgspecError as error:
        raise TruncatedAnswerError(f"an answer of {len(answer.content)} bytes is no JSON object") from error
