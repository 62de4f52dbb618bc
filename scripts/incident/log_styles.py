"""How services write a log line: Spring-like text, JSON, logfmt.

Under the container writers of the three clouds. Each style is a function of one line's facts, made once per service so
that a line costs one formatting.
"""

from __future__ import annotations

from collections.abc import Callable

from .clock import utc_text
from .services import Service

LineText = Callable[[int, str, str, str, str, str], str]
"""Instant, level, message, trace id, span id, parent span id (the ids in hexadecimal, or empty) to a line."""


def line_text(service: Service) -> LineText:
    """Return the function that writes a service's lines.

    >>> service = Service("payments", "aws", "logfmt", 1)
    >>> line_text(service)(0, "WARN", "slow", "", "", "")
    'time=1970-01-01T00:00:00.000Z level=warn service=payments msg="slow"'
    """
    return {"text": _text, "json": _json, "logfmt": _logfmt}[service.style](service)


def _text(service: Service) -> LineText:
    package = service.name.replace("-", ".")
    name = "".join(part.title() for part in service.name.split("-"))
    threads = [f"[http-nio-8080-exec-{number}] c.shop.{package}.{name}Controller" for number in range(1, 9)]

    def write(at_us: int, level: str, message: str, trace: str, span: str, parent: str) -> str:
        time = utc_text(at_us, 3)
        ids = f" TraceID: {trace} SpanID: {span}" if trace else ""
        return f"{time[:10]} {time[11:23]} {level:<5} {threads[at_us & 7]}{ids} {message}"

    return write


def _json(service: Service) -> LineText:
    logger = f"shop.{service.name}.http"
    keep_parent = service.logs_parent

    def write(at_us: int, level: str, message: str, trace: str, span: str, parent: str) -> str:
        ids = f',"trace_id":"{trace}","span_id":"{span}"' if trace else ""
        if parent and keep_parent:
            ids += f',"parent_span_id":"{parent}"'
        head = f'{{"ts":"{utc_text(at_us)}","level":"{level.lower()}","logger":"{logger}"'
        return f'{head},"message":"{message}"{ids},"version":"2026.11.3","env":"prod"}}'

    return write


def _logfmt(service: Service) -> LineText:
    def write(at_us: int, level: str, message: str, trace: str, span: str, parent: str) -> str:
        ids = f" trace_id={trace} span_id={span}" if trace else ""
        return f'time={utc_text(at_us, 3)} level={level.lower()} service={service.name} msg="{message}"{ids}'

    return write
