"""Every category that no family knows: its time, place, severity, text, and all its fields.

See https://learn.microsoft.com/azure/azure-monitor/reference/logs-index.
"""

from __future__ import annotations

from typing import Final

from ...attribute_readers import host_port, number, url
from ...attribute_table import Names
from .family import LEVELS, family, own, shared_identity

_NAMES: Final[Names] = {
    "identity": shared_identity,
    "clientip": host_port("client"),
    "clientipaddress": host_port("client"),
    "useragent": "user_agent.original",
    "httpmethod": "http.request.method",
    "httpstatuscode": number("http.response.status_code"),
    "requesturi": url,
    "username": "user.name",
    "caller": "user.name",
    "computer": "host.name",
    "hostname": "host.name",
    "message": "log.record.body",
    "syslogmessage": "log.record.body",
    "rawdata": "log.record.body",
    "log": "log.record.body",
    "processname": "process.executable.name",
    "processid": number("process.pid"),
    "facility": "azure.syslog.facility",
}

_SYSLOG_WORDS: Final = {"emerg": 24, "alert": 22, "crit": 21, "err": 17, "notice": 10, "debug": 5}

PARSERS: Final = (
    family(
        "azure.generic",
        service=own("containerappname"),
        level=("level", "properties.level", *own("severity", "loglevel"), "severitylevel", "eventlevelname"),
        severities={**LEVELS, **_SYSLOG_WORDS},
        status=own("httpstatuscode", "statuscode"),
        error=own("errorcode"),
        message=(
            *own("message", "resultdescription", "log", "syslogmessage", "rawdata"),
            *("properties_text", "rendereddescription", "description"),
        ),
        names=_NAMES,
    ),
)
