"""RedactingFilter: keeps secrets out of log lines, of this library and of the SDKs alike.

Goes on *handlers*: a filter on a logger does not see the records of the loggers below it. Works on the finished text
with its traceback, so that no form of passing a secret to a log call gets around it.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable

from .without_secrets import KNOWN_SECRETS, KnownSecrets, without_secrets

SDK_LOGGERS = ("azure", "boto3", "botocore", "google", "grpc", "msal", "requests", "uamqp", "urllib3")
"""Measured: at DEBUG botocore prints session tokens, azure bearer tokens, urllib3 signatures in URLs."""


class RedactingFilter(logging.Filter):
    """Replaces secrets in a record's message and traceback, for this and all later handlers.

    >>> record = logging.LogRecord("x", logging.INFO, "f", 1, "password=%s", ("hunter2hunter2",), None)
    >>> RedactingFilter().filter(record), record.getMessage()
    (True, 'password=[REDACTED]')
    """

    def __init__(self, known: KnownSecrets = KNOWN_SECRETS) -> None:
        super().__init__()
        self._known = known

    def filter(self, record: logging.LogRecord) -> bool:
        """Take the secrets out of a record; let it pass."""
        record.msg, record.args = self._clean(record.getMessage()), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = logging.Formatter().formatException(record.exc_info)
        record.exc_info = None  # handlers that print local variables get none
        record.exc_text = record.exc_text and self._clean(record.exc_text)
        record.stack_info = record.stack_info and self._clean(record.stack_info)
        return True

    def _clean(self, text: str) -> str:
        return without_secrets(self._known.blanked(text))


def keep_secrets_out_of_logs(handlers: Iterable[logging.Handler] | None = None) -> None:
    """Put a filter on handlers (by default those of the root logger), and keep the SDKs from logging their details.

    >>> keep_secrets_out_of_logs([logging.NullHandler()])
    """
    for handler in logging.getLogger().handlers if handlers is None else handlers:
        if not any(isinstance(known, RedactingFilter) for known in handler.filters):
            handler.addFilter(RedactingFilter())
    for name in SDK_LOGGERS:
        logging.getLogger(name).setLevel(max(logging.WARNING, logging.getLogger(name).level))
