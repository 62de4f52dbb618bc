"""Read the stack trace that one record holds: type, message and text of its exception.

For attributes decoded on demand, and for the error of a record whose logger did not name it. Java, Python, Go, Node,
.NET, Ruby, PHP and Rust. See https://opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs/.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

MAX_HEAD: Final = 16_384
"""Where a trace is looked for. Chosen: messages before a trace are short; frames may be many."""

_TYPE: Final = r"[A-Za-z_$][\w$]*(?:(?:\.|::|\\|/)[A-Za-z_$][\w$]*)*"
_FRAME: Final = re.compile(r"^[ \t]+at [^\n]", re.MULTILINE)
_PYTHON: Final = "Traceback (most recent call last):"
_PYTHON_END: Final = re.compile(rf"^(?:\s*\| )?({_TYPE})(?:: ?(.*))?$", re.MULTILINE)
_NAMED: Final = re.compile(
    r"(?:^|[\s(\"'])((?:[A-Za-z_$][\w$]*[./])*[A-Za-z_$][\w$]*(?:Exception|Error|Throwable|Fault|Failure|Interrupt)"
    r"(?:`\d|\$\w+)?)(?: \[\w+\])?(?:: ?([^\n]*))?(?=$|\n|\s)"
)
_AT_START: Final = re.compile(
    r"^(?:Exception in thread \"[^\"\n]*\" |Unhandled exception\. |Uncaught |Caused by: )?"
    rf"({_TYPE})(?:: ?([^\n]*))?\s*\Z"
)
_GO: Final = re.compile(r"^(panic|fatal error): ([^\n]*)(?=\n)", re.MULTILINE)
_GO_MARK: Final = re.compile(r"^goroutine \d+ \[", re.MULTILINE)
_RUST: Final = re.compile(
    r"^thread '[^'\n]*'(?: \(\d+\))? (panicked) at (?:'([^\n]*)', |[^\n]*:\n)?([^\n]*)", re.MULTILINE
)
_RUBY: Final = re.compile(
    r"^[^\s:]+:\d+:in [`'][^\n]{0,256}?': ([^\n]{0,2048}) \(([A-Z]\w*(?:::\w+)*)\)$", re.MULTILINE
)
_RUBY_FRAME: Final = re.compile(r"^\s+(?:from )?[^\s:]+:\d+:in ", re.MULTILINE)
_PHP: Final = re.compile(r"(?:Uncaught |exception ')([A-Za-z_\\]\w*(?:\\\w+)*)(?:: |' with message ')([^\n]*)")
_PHP_FRAME: Final = re.compile(r"^#0 ", re.MULTILINE)


class StackTrace(msgspec.Struct, frozen=True):
    """An exception as a record tells it; `text` is its trace, from the line of the exception on.

    >>> StackTrace("ValueError").message
    ''
    """

    type: str
    message: str = ""
    text: str = ""

    def attributes(self) -> dict[str, Any]:
        """Return it in OpenTelemetry names.

        >>> StackTrace("ValueError", "no").attributes()
        {'exception.type': 'ValueError', 'exception.message': 'no'}
        """
        named = {"exception.type": self.type, "exception.message": self.message, "exception.stacktrace": self.text}
        return {name: value for name, value in named.items() if value}


def read_stack_trace(text: str) -> StackTrace | None:
    r"""Return the stack trace that a text holds, None where it holds none.

    >>> read_stack_trace("failed\njava.io.IOException: closed\n\tat a.B.c(B.java:7)").message
    'closed'
    """
    if "\n" not in text:
        return None
    if _PYTHON in text:
        return _python(text)
    if frame := _FRAME.search(text):
        return _before_frames(text, frame.start())
    for read in (_go, _rust, _ruby, _php):
        if trace := read(text):
            return trace
    return None


def _python(text: str) -> StackTrace:
    """The last line that is not indented names the exception that was not handled."""
    begin = text.index(_PYTHON)
    last = text.rindex(_PYTHON)
    found = next(iter(_PYTHON_END.finditer(text, last + len(_PYTHON) + 1)), None)
    if found is None:
        return StackTrace("", "", text[begin:].rstrip())
    return StackTrace(found[1], (found[2] or "").strip(), text[begin:].rstrip())


def _before_frames(text: str, frames: int) -> StackTrace | None:
    """Java, Node, .NET: the exception stands in the lines before its frames."""
    head = text[max(0, frames - MAX_HEAD) : frames].rstrip()
    begin = max(0, frames - MAX_HEAD)
    line_start = head.rfind("\n") + 1
    if found := _AT_START.match(head[line_start:].lstrip()):
        start = begin + line_start
    elif found := next(iter(_NAMED.finditer(head)), None):
        start = begin + found.start(1)
    else:
        return None
    return StackTrace(found[1], (found[2] or "").strip(), text[start:].strip())


def _go(text: str) -> StackTrace | None:
    if not _GO_MARK.search(text) or not (found := _GO.search(text)):
        return None
    message = found[2].partition(" [recovered")[0]
    return StackTrace(found[1], message, text[found.start() :].rstrip())


def _rust(text: str) -> StackTrace | None:
    found = _RUST.search(text)
    if not found:
        return None
    return StackTrace("panic", (found[2] or found[3] or "").strip(), text[found.start() :].rstrip())


def _ruby(text: str) -> StackTrace | None:
    found = _RUBY.search(text)
    if not found or not _RUBY_FRAME.search(text, found.end()):
        return None
    return StackTrace(found[2], found[1], text[found.start() :].rstrip())


def _php(text: str) -> StackTrace | None:
    found = _PHP.search(text) if _PHP_FRAME.search(text) else None
    if not found:
        return None
    return StackTrace(found[1], found[2].partition(" in /")[0], text[found.start() :].rstrip())
