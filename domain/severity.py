"""Severity numbers of OpenTelemetry, and the tables that lead to them from every vocabulary in cloud logs.

Used by all parsers. The tables are plain dicts so that a parser can say `[SEVERITY_OF_TEXT.get(level, 0) for level in
levels]`. Three of Azure's numeric scales contradict each other: choose by category, never by value.
See https://opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber and
https://cloud.google.com/logging/docs/reference/v2/rest/v2/LogEntry#LogSeverity.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import IntEnum
from typing import Final


class Severity(IntEnum):
    """The OpenTelemetry numbers that have a name in some cloud.

    Each range of four (1-4 trace, ... 21-24 fatal) is one level.

    >>> Severity.ERROR >= Severity.WARN
    True
    """

    UNSET = 0
    TRACE = 1
    DEBUG = 5
    INFO = 9
    NOTICE = 10
    WARN = 13
    ERROR = 17
    CRITICAL = 21
    FATAL = 21
    ALERT = 22
    EMERGENCY = 24


_WORDS: Final[Mapping[Severity, str]] = {
    Severity.UNSET: "default notset unset none off",
    Severity.TRACE: "trace trc trce finest silly spam vrb v t trace1 trace2 trace3 trace4 trace5 trace6 trace7 trace8",
    Severity.DEBUG: "debug dbg dbug verbose finer fine config d debug1 debug2 debug3 debug4 debug5 d1 d2 d3 d4 d5",
    Severity.INFO: "info inf information informational log note system http success i",
    Severity.NOTICE: "notice",
    Severity.WARN: "warn warning wrn wrng w",
    Severity.ERROR: "error err eror severe fail failure e",
    Severity.CRITICAL: "critical crit ftl fatal panic dpanic c f",
    Severity.ALERT: "alert",
    Severity.EMERGENCY: "emergency emerg",
}
"""Words of GCP, Azure, syslog, Java (jul, log4j), Python, Node (winston, pino), .NET (console, Serilog), PostgreSQL,
MySQL, nginx, zap and klog."""


def _in_usual_cases(words: Mapping[Severity, str]) -> dict[str, int]:
    return {
        cased: int(number)
        for number, listed in words.items()
        for word in listed.split()
        for cased in (word, word.upper(), word.capitalize())
    }


SEVERITY_OF_TEXT: Final[Mapping[str, int]] = _in_usual_cases(_WORDS)
"""Level word (lower, UPPER or Capitalised) to number; what is missing is UNSET."""

SEVERITY_OF_GCP: Final[Mapping[str, int]] = {
    "DEFAULT": 0,
    "DEBUG": 5,
    "INFO": 9,
    "NOTICE": 10,
    "WARNING": 13,
    "ERROR": 17,
    "CRITICAL": 21,
    "ALERT": 22,
    "EMERGENCY": 24,
}
"""LogEntry.severity; an absent field means DEFAULT."""

SEVERITY_OF_AZURE_LEVEL: Final[Mapping[str, int]] = _in_usual_cases(
    {
        Severity.INFO: "informational information info",
        Severity.WARN: "warning",
        Severity.ERROR: "error",
        Severity.CRITICAL: "critical",
        Severity.DEBUG: "verbose",
    }
)
"""The word in `level` of Azure resource logs."""


def _scale(*numbers: int, start: int = 0, step: int = 1) -> dict[int | str, int]:
    keyed: dict[int | str, int] = {start + place * step: number for place, number in enumerate(numbers)}
    return keyed | {str(key): number for key, number in keyed.items()}


SEVERITY_OF_ETW_LEVEL: Final[Mapping[int | str, int]] = _scale(0, 21, 17, 13, 9, 5)
"""Numeric `Level` of Entra sign-in and API Management: 1 critical to 5 verbose, 0 "log always"."""

SEVERITY_OF_APP_INSIGHTS: Final[Mapping[int | str, int]] = _scale(5, 9, 13, 17, 21)
"""`SeverityLevel` of Application Insights, ascending: 0 verbose to 4 critical."""

SEVERITY_OF_DOTNET_LEVEL: Final[Mapping[int | str, int]] = _scale(1, 5, 9, 13, 17, 21, 0)
"""`levelId` of FunctionAppLogs (Microsoft.Extensions.Logging): 0 trace to 5 critical, 6 none."""

SEVERITY_OF_SYSLOG: Final[Mapping[int | str, int]] = _scale(24, 22, 21, 17, 13, 10, 9, 5)
"""RFC 5424 severity: 0 emergency to 7 debug; the same words get the same numbers as in GCP's table."""

SEVERITY_OF_PINO: Final[Mapping[int | str, int]] = _scale(1, 5, 9, 13, 17, 21, start=10, step=10)
"""`level` of pino and bunyan: 10 trace to 60 fatal."""

SEVERITY_OF_PYTHON_LEVEL: Final[Mapping[int | str, int]] = _scale(0, 5, 9, 13, 17, 21, step=10)
"""`levelno` of Python's logging: 10 debug to 50 critical. It contradicts pino's scale: choose by the field's name."""

SEVERITY_OF_GCP_NUMBER: Final[Mapping[int | str, int]] = _scale(0, 5, 9, 10, 13, 17, 21, 22, 24, step=100)
"""The LogSeverity enum as number: 0 default to 800 emergency."""

SEVERITY_OF_KLOG_LETTER: Final[Mapping[str, int]] = {"I": 9, "W": 13, "E": 17, "F": 21}
"""First letter of a klog line, as in `W0417 12:00:00.000000`."""

_KLOG_HEADER: Final = re.compile(r"([IWEF])\d{4} \d", re.ASCII)


def severity_of_text(text: str) -> int:
    """Return the number of a level word in any case and in its usual brackets, or of a klog header; 0 when unknown.

    >>> severity_of_text("[Warning]"), severity_of_text("E0417 12:00:00.1 x.go:1] no"), severity_of_text("?")
    (13, 17, 0)
    """
    known = SEVERITY_OF_TEXT.get(text)
    if known is None and (klog := _KLOG_HEADER.match(text)):
        return SEVERITY_OF_KLOG_LETTER[klog[1]]
    return known if known is not None else SEVERITY_OF_TEXT.get(text.strip(" \t\r\n[]<>():").casefold(), 0)
