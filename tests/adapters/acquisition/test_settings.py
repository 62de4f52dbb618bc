"""Settings that make no sense are refused with what to give instead; checks and identities say what they are."""

from typing import Any

import pytest

from cloudledger.adapters.acquisition import (
    BreakerSettings,
    Check,
    Overlap,
    RateLimit,
    RetrySettings,
    SourceIdentity,
    WindowSettings,
    missing,
)
from cloudledger.domain import InvalidArgumentError


@pytest.mark.parametrize(
    ("settings", "arguments"),
    [
        (RetrySettings, {"base_s": -1}),
        (RateLimit, {"per_s": 0}),
        (RateLimit, {"burst": 0}),
        (BreakerSettings, {"open_s": -1.0}),
        (Overlap, {"deep_s": 5.0}),
        (WindowSettings, {"least_s": 0.0}),
        (WindowSettings, {"least_s": 7200.0}),
        (SourceIdentity, {"stream": "", "provider": "aws"}),
        (SourceIdentity, {"stream": "s", "provider": ""}),
    ],
)
def test_what_makes_no_sense_is_refused(settings: Any, arguments: dict[str, Any]) -> None:
    with pytest.raises(InvalidArgumentError, match=r"give|reach"):
        settings(**arguments)


def test_what_is_missing_is_told_with_its_remedy() -> None:
    denied = Check("logs:FilterLogEvents", False, "denied", "allow it")

    assert missing((Check("credentials", True), denied)) == (denied,)
