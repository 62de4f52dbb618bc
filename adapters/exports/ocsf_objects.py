"""The objects of OCSF that several classes share: endpoints, requests, actors, cloud, traffic.

Each takes attributes out of `Attributes`, which remembers what was used, so that the rest can be kept as `unmapped`.
An object that would lack what OCSF requires of it is not given. See https://schema.ocsf.io/1.5.0/objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from ...domain.events import Event
from .nested_fields import is_ip, present
from .ocsf_classes import PROTOCOL_NUMBERS, RESPONSE_CODES, VENDORS

Fields = dict[str, Any]


class Attributes:
    """The attributes of an event; what is asked for counts as mapped.

    >>> attributes = Attributes({"client.port": 80, "odd": 1})
    >>> attributes.first("x", "client.port"), attributes.unmapped
    (80, {'odd': 1})
    """

    def __init__(self, held: Mapping[str, Any]) -> None:
        self._held = held
        self._used: set[str] = set()

    def first(self, *names: str) -> Any:
        """Return the value of the first name that there is; all that have the same value are mapped by it."""
        found = next((self._held[name] for name in names if self._held.get(name) not in (None, "")), None)
        self._used.update(name for name in names if name in self._held and self._held[name] == found)
        return found

    def text(self, *names: str) -> str:
        """Return the first value as text."""
        found = self.first(*names)
        return "" if found is None else str(found)

    def holds(self, name: str, value: Any) -> bool:
        """Say whether an attribute has a value, without mapping it."""
        return bool(self._held.get(name) == value)

    @property
    def unmapped(self) -> Fields:
        """What nobody asked for."""
        return {name: value for name, value in self._held.items() if name not in self._used}


def endpoint(attributes: Attributes, *sides: str, service: str = "") -> Fields:
    """Return one side of a connection: its address as `ip` or `hostname`, else the service that stands there.

    >>> endpoint(Attributes({"client.address": "192.0.2.9", "client.port": 80}), "client")
    {'ip': '192.0.2.9', 'port': 80}
    """
    address = attributes.text(*[f"{side}.address" for side in sides])
    side = next((side for side in sides if attributes.holds(f"{side}.address", address)), sides[0])
    port = attributes.first(f"{side}.port")
    interface = attributes.text("network.interface.name") if "source" in sides and not address else ""
    named = {"ip": address} if is_ip(address) else {"hostname": address}
    found = present({**named, "interface_name": interface, "svc_name": service if not address else ""})
    return found | present({"port": port}) if found else {}


def actor(attributes: Attributes, event: Event) -> Fields:
    """Return who acted: a user, else the service on whose behalf; OCSF requires one of them.

    >>> actor(Attributes({"user.name": "eve"}), Event())
    {'user': {'name': 'eve'}}
    """
    user = user_of(attributes)
    invoker = attributes.text("aws.user_identity.invoked_by", "azure.identity.application.id")
    if not user and not invoker:
        invoker = event.service or "unknown"
    session = {"uid": attributes.text("aws.access_key.id")}
    if session["uid"]:
        session["issuer"] = attributes.text("aws.user_identity.session_context.issuer.arn")
    return present({"user": user, "app_name": invoker, "session": session})


def user_of(attributes: Attributes) -> Fields:
    """Return the user that a record names; an address is its name and its email.

    >>> user_of(Attributes({"user.name": "eve@example.com"}))
    {'name': 'eve@example.com', 'email_addr': 'eve@example.com'}
    """
    name = attributes.text("user.name", "user.full_name", "enduser.id")
    email = attributes.text("user.email") or (name if "@" in name else "")
    uid = attributes.text("user.id", "aws.user_identity.principal.arn", "aws.user_identity.principal.id")
    account = attributes.text("aws.user_identity.account_id")
    kind = attributes.text("aws.user_identity.principal.type")
    found = present({"name": name, "uid": uid, "email_addr": email})
    return found | present({"type": kind, "account": {"uid": account}}) if found else {}


def http_request(attributes: Attributes) -> Fields:
    """Return a request.

    >>> http_request(Attributes({"http.request.method": "GET", "url.path": "/cart"}))
    {'http_method': 'GET', 'url': {'path': '/cart'}}
    """
    referrer = attributes.first("http.request.header.referer")
    return present(
        {
            "http_method": attributes.text("http.request.method"),
            "url": _url(attributes),
            "user_agent": attributes.text("user_agent.original"),
            "version": attributes.text("network.protocol.version"),
            "length": attributes.first("http.request.size", "http.request.body.size"),
            "referrer": referrer[0] if isinstance(referrer, list) and referrer else referrer,
            "uid": attributes.text("aws.request_id", "azure.service.request.id"),
        }
    )


def _url(attributes: Attributes) -> Fields:
    """Return a URL; OCSF requires the whole or its path."""
    whole, path = attributes.text("url.full", "url.original"), attributes.text("url.path")
    if not whole and not path:
        return {}
    return {
        "url_string": whole,
        "path": path,
        "hostname": attributes.text("url.domain"),
        "port": attributes.first("url.port"),
        "query_string": attributes.text("url.query"),
        "scheme": attributes.text("url.scheme"),
    }


def http_response(attributes: Attributes, event: Event) -> Fields:
    """Return a response; OCSF requires its code.

    >>> http_response(Attributes({"http.response.size": 5}), Event(status=404, duration_us=2500))
    {'code': 404, 'length': 5, 'latency': 2}
    """
    code = attributes.first("http.response.status_code") or event.status
    length = attributes.first("http.response.size", "http.response.body.size")
    latency = None if event.duration_us is None else event.duration_us // 1000
    return present({"code": code, "length": length, "latency": latency}) if code else {}


def connection(attributes: Attributes) -> Fields:
    """Return what is known of a connection; OCSF requires its direction.

    >>> connection(Attributes({"network.transport": "tcp"}))
    {'direction_id': 0, 'direction': 'Unknown', 'protocol_name': 'tcp', 'protocol_num': 6}
    """
    told = attributes.text("network.io.direction")
    number, name = {"receive": (1, "Inbound"), "transmit": (2, "Outbound")}.get(told, (0, "Unknown"))
    protocol = attributes.text("network.transport", "network.protocol.name")
    version = {"ipv4": 4, "ipv6": 6}.get(attributes.text("network.type").lower())
    more = {"protocol_name": protocol, "protocol_num": PROTOCOL_NUMBERS.get(protocol), "protocol_ver_id": version}
    return {"direction_id": number, "direction": name} | present(more)


_VOLUMES: Final = {
    "bytes_out": ("http.request.size", "gcp.vpc.flow.bytes_sent"),
    "bytes_in": ("http.response.size",),
    "bytes": ("aws.vpc.flow.bytes",),
    "packets": ("aws.vpc.flow.packets",),
    "packets_out": ("gcp.vpc.flow.packets_sent",),
}


def traffic(attributes: Attributes) -> Fields:
    """Return how much went from the source to the destination (out) and back (in).

    >>> traffic(Attributes({"aws.vpc.flow.bytes": 4249, "aws.vpc.flow.packets": 20}))
    {'bytes': 4249, 'packets': 20}
    """
    return present({name: attributes.first(*names) for name, names in _VOLUMES.items()})


def tls(attributes: Attributes) -> Fields:
    """Return what is known of TLS; OCSF requires its version.

    >>> tls(Attributes({"tls.protocol.version": "1.3", "tls.cipher": "X"})), tls(Attributes({"tls.cipher": "X"}))
    ({'version': '1.3', 'cipher': 'X'}, {})
    """
    if not (version := attributes.text("tls.protocol.version")):
        return {}
    return {"version": version} | present({"cipher": attributes.text("tls.cipher")})


def cloud(attributes: Attributes, event: Event) -> Fields:
    """Return where in which cloud; nothing outside of one.

    >>> cloud(Attributes({}), Event(provider="gcp", account="shop", region="europe-west4"))
    {'provider': 'GCP', 'account': {'uid': 'shop'}, 'region': 'europe-west4'}
    """
    attributes.first("cloud.provider")
    account = attributes.text("cloud.account.id") or event.account
    region = attributes.text("cloud.region") or event.region
    zone = attributes.text("cloud.availability_zone")
    if not event.provider:
        return {}
    name = VENDORS.get(event.provider, ("", event.provider))[1]
    return {"provider": name} | present({"account": {"uid": account}, "region": region, "zone": zone})


def dns(attributes: Attributes) -> Fields:
    """Return the question, the answers and the code of a response.

    >>> dns(Attributes({"dns.question.name": "pay.internal.", "dns.response_code": "NXDOMAIN"}))
    {'query': {'hostname': 'pay.internal.'}, 'rcode': 'NXDOMAIN', 'rcode_id': 3}
    """
    host, kind = attributes.text("dns.question.name"), attributes.text("dns.question.type")
    code = attributes.text("dns.response_code")
    answers = attributes.first("dns.answers") or []
    return present(
        {
            "query": present({"hostname": host, "type": kind}) if host else {},
            "answers": [{"rdata": str(one)} for one in answers],
            "rcode": code,
            "rcode_id": RESPONSE_CODES.get(code.upper(), 99) if code else None,
        }
    )
