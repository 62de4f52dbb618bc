"""What OCSF 1.5.0 requires of the classes and objects that are exported, from https://schema.ocsf.io/1.5.0/."""

from typing import Any

BASE = ("activity_id", "category_uid", "class_uid", "metadata", "severity_id", "time", "type_uid")
REQUIRED: dict[int, tuple[str, ...]] = {
    0: (),
    2004: ("finding_info",),
    3002: ("user",),
    3004: ("entity",),
    4001: ("connection_info",),
    4002: ("http_request", "dst_endpoint"),
    4003: (),
    6002: ("app",),
    6003: ("actor", "api", "src_endpoint"),
}
AT_LEAST_ONE: dict[int, tuple[str, ...]] = {
    3002: ("service", "dst_endpoint"),
    4001: ("src_endpoint", "dst_endpoint"),
    4002: ("http_request", "http_response"),
    4003: ("src_endpoint", "dst_endpoint"),
}
ACTIVITIES: dict[int, set[int]] = {
    0: {0, 99},
    2004: {0, 1, 2, 3, 99},
    3002: {0, 1, 2, 99},
    3004: {0, 1, 2, 3, 4, 99},
    4001: {0, 1, 2, 3, 4, 5, 6, 99},
    4002: {0, 1, 2, 3, 4, 5, 6, 7, 8, 99},
    4003: {0, 1, 2, 6, 99},
    6002: {0, 1, 2, 3, 4, 5, 6, 7, 8, 99},
    6003: {0, 1, 2, 3, 4, 99},
}
OBJECTS: dict[str, tuple[str, ...]] = {
    "metadata": ("version", "product"),
    "cloud": ("provider",),
    "api": ("operation",),
    "http_response": ("code",),
    "connection_info": ("direction_id",),
    "tls": ("version",),
    "query": ("hostname",),
    "finding_info": ("uid", "title"),
}
ONE_OF: dict[str, tuple[str, ...]] = {
    "src_endpoint": ("ip", "uid", "name", "hostname", "svc_name", "interface_name"),
    "dst_endpoint": ("ip", "uid", "name", "hostname", "svc_name", "interface_name"),
    "actor": ("process", "user", "session", "app_name", "app_uid"),
    "user": ("account", "email_addr", "name", "uid"),
    "app": ("name", "uid"),
    "entity": ("name", "uid"),
    "url": ("url_string", "path"),
    "product": ("name", "uid"),
}


def broken_rules(event: dict[str, Any]) -> list[str]:
    """Return what an event lacks, or has of a wrong type or number."""
    uid = event.get("class_uid", -1)
    found = [f"lacks {name}" for name in (*BASE, *REQUIRED.get(uid, ("a known class",))) if name not in event]
    found += [f"{name} is {event[name]!r}" for name in BASE if name != "metadata" and type(event.get(name)) is not int]
    if not any(name in event for name in AT_LEAST_ONE.get(uid, ("time",))):
        found.append(f"lacks any of {AT_LEAST_ONE[uid]}")
    if event.get("activity_id") not in ACTIVITIES.get(uid, set()):
        found.append(f"activity {event.get('activity_id')} of {uid}")
    if event.get("type_uid") != uid * 100 + event.get("activity_id", -1) or event.get("category_uid") != uid // 1000:
        found.append("type or category of another class")
    if event.get("severity_id") not in {0, 1, 2, 3, 4, 5, 6, 99}:
        found.append("severity")
    if ("cloud" in event) != ("cloud" in event.get("metadata", {}).get("profiles", [])):
        found.append("cloud without its profile")
    return found + _broken_objects(event)


def _broken_objects(value: dict[str, Any]) -> list[str]:
    found = []
    for name, held in value.items():
        if name == "unmapped" or not isinstance(held, dict):
            continue
        found += [f"{name} lacks {one}" for one in OBJECTS.get(name, ()) if one not in held]
        if name in ONE_OF and not any(one in held for one in ONE_OF[name]):
            found.append(f"{name} lacks any of {ONE_OF[name]}")
        found += _broken_objects(held)
    return found
