"""Text forms of a service graph: DOT, Mermaid, GraphML.

Written here, since names come from logs and must be escaped: rustworkx' own writers do not escape, and its GraphML
gives node and edge keys equal ids. See https://graphviz.org/doc/info/lang.html, https://mermaid.js.org/syntax/flowchart.html
and http://graphml.graphdrawing.org/specification.html.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape, quoteattr

if TYPE_CHECKING:
    from .service_graph import Edge, Service

_SHAPES = {"datastore": "cylinder", "queue": "cds", "external": "ellipse"}
_MERMAID_BRACKETS = {"datastore": ("[(", ")]"), "queue": ("[[", "]]"), "external": ("([", "])")}

_NODE_KEYS = {"kind": "string", "events": "long", "errors": "long"}
_EDGE_KEYS = {
    "calls": "long",
    "errors": "long",
    "error_rate": "double",
    "confidence": "double",
    "evidence": "string",
    "via": "string",
    "retries": "long",
    "p50_us": "long",
    "p95_us": "long",
    "p99_us": "long",
}
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def dot_text(services: Sequence[Service], edges: Sequence[Edge]) -> str:
    """Return a graph in the DOT language; inferred edges are dashed."""
    lines = ["digraph dependencies {", "  rankdir=LR;", "  node [shape=box];"]
    for service in services:
        shape = _SHAPES.get(service.kind)
        lines.append(f"  {_dot(service.name)}{f' [shape={shape}]' if shape else ''};")
    for edge in edges:
        style = ", style=dashed" if edge.via else ""
        lines.append(f"  {_dot(edge.caller)} -> {_dot(edge.callee)} [label={_dot(_label(edge))}{style}];")
    return "\n".join([*lines, "}", ""])


def mermaid_text(services: Sequence[Service], edges: Sequence[Edge]) -> str:
    """Return a graph as a Mermaid flowchart; inferred edges are dotted."""
    ids = {service.name: f"n{number}" for number, service in enumerate(services)}
    lines = ["flowchart LR"]
    for service in services:
        opening, closing = _MERMAID_BRACKETS.get(service.kind, ("[", "]"))
        lines.append(f"  {ids[service.name]}{opening}{_mermaid(service.name)}{closing}")
    for edge in edges:
        arrow = "-.->" if edge.via else "-->"
        lines.append(f"  {ids[edge.caller]} {arrow}|{_mermaid(_label(edge))}| {ids[edge.callee]}")
    return "\n".join([*lines, ""])


def graphml_text(services: Sequence[Service], edges: Sequence[Edge]) -> str:
    """Return a graph as GraphML."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">']
    lines += [_key("node", name, kind) for name, kind in _NODE_KEYS.items()]
    lines += [_key("edge", name, kind) for name, kind in _EDGE_KEYS.items()]
    lines.append('  <graph id="dependencies" edgedefault="directed">')
    for service in services:
        lines.append(f"    <node id={_xml_id(service.name)}>{_data('node', service, _NODE_KEYS)}</node>")
    for edge in edges:
        ends = f"source={_xml_id(edge.caller)} target={_xml_id(edge.callee)}"
        lines.append(f"    <edge {ends}>{_data('edge', edge, _EDGE_KEYS)}</edge>")
    return "\n".join([*lines, "  </graph>", "</graphml>", ""])


def _label(edge: Edge) -> str:
    return f"{edge.calls} calls, {edge.error_rate:.1%} failed"


def _dot(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\r", "").replace("\n", "\\n").replace("\0", "")
    return f'"{escaped}"'


def _mermaid(text: str) -> str:
    """Quote a label; everything that Mermaid, Markdown or HTML might read as markup becomes an entity."""
    return '"' + re.sub(r"[^\w .,%:@/-]", lambda found: f"#{ord(found[0])};", text) + '"'


def _key(target: str, name: str, kind: str) -> str:
    return f'  <key id="{target}_{name}" for="{target}" attr.name="{name}" attr.type="{kind}"/>'


def _data(target: str, row: Any, keys: dict[str, str]) -> str:
    values = {name: getattr(row, name) for name in keys}
    return "".join(
        f'<data key="{target}_{name}">{_xml(", ".join(value) if isinstance(value, tuple) else str(value))}</data>'
        for name, value in values.items()
        if value is not None
    )


def _xml(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", text))


def _xml_id(text: str) -> str:
    return quoteattr(_NOT_XML.sub("\ufffd", text))
