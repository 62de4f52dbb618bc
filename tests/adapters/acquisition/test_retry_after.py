"""The delays that headers ask for, in each provider's form."""

import pytest

from cloudledger.adapters.acquisition import retry_after_s

NOON_NS = 1_795_176_000_000_000_000


@pytest.mark.parametrize(
    ("headers", "delay_s"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Fri, 20 Nov 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"x-ms-retry-after-ms": "250"}, 0.25),
        ({"x-amz-retry-after": "never"}, None),
        ({"x-ms-ratelimit-microsoft.costmanagement-entity-retry-after": "4", "Retry-After": "1"}, 4.0),
        ({"x-ms-ratelimit-microsoft.costmanagement-qpu-remaining": "4"}, None),
        ({}, None),
    ],
)
def test_the_longest_delay_counts(headers: dict[str, str], delay_s: float | None) -> None:
    assert retry_after_s(headers, NOON_NS) == delay_s
