"""What the form of a line says: one small record per line that has a form.

Made by the readers of each form (access logs, klog, syslog, logfmt), read into columns by the text parsers.
"""

from __future__ import annotations

import msgspec


class LineFacts(msgspec.Struct, gc=False):
    """What the form of a line says; zero or empty where it does not. `flags` are those of `domain.events`.

    >>> LineFacts(severity=17).status
    0
    """

    instant_ns: int = 0
    severity: int = 0
    status: int = 0
    duration_us: int = -1
    name: str = ""
    service: str = ""
    peer: str = ""
    error: str = ""
    flags: int = 0
