"""All families, in the order in which they are tried; the last takes every category that no other knows.

Used by the list of formats.
"""

from __future__ import annotations

from . import (
    data_pipelines,
    databases,
    edge,
    entra,
    kubernetes,
    messaging,
    network,
    other,
    security,
    storage,
    telemetry,
    web_apps,
)

DIAGNOSTICS_PARSERS = (
    *telemetry.PARSERS,
    entra.SIGN_IN,
    entra.AUDIT,
    *kubernetes.PARSERS,
    *edge.PARSERS,
    *web_apps.PARSERS,
    *storage.PARSERS,
    *network.PARSERS,
    *messaging.PARSERS,
    *data_pipelines.PARSERS,
    *databases.PARSERS,
    *security.PARSERS,
    entra.ANY_AUDIT,
    *other.PARSERS,
)
