"""Identifiers are found in free text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.identity import find_identifiers
from tests.growth import grows_linearly

GROUP = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/Shop-RG"


@pytest.mark.parametrize(
    "identifier",
    [
        "arn:aws:lambda:us-east-1:012345678901:function:pay",
        "arn:aws-cn:s3:::bucket/key",
        "arn:aws-us-gov:iam::012345678901:role/a",
        GROUP + "/providers/Microsoft.Web/sites/Cart",
        GROUP.upper(),
        "//pubsub.googleapis.com/projects/p/topics/t",
        "https://www.googleapis.com/compute/v1/projects/p/zones/z/instances/i",
        "projects/p/zones/us-central1-a/instances/web-1",
        "gs://logs/a/b.txt",
        "k8s://prod/shop/pod/cart-0",
        "https://sqs.us-east-1.amazonaws.com/012345678901/orders",
        "i-0123456789abcdef0",
        "sg-12345678",
        "vpce-0123456789abcdef0",
    ],
)
@pytest.mark.parametrize(
    "text", ["{}", "failed on {}.", '{{"a":"{}","b":1}}', "({}), then", "x={};", "see '{}'", "[{}]"]
)
def test_an_identifier_is_found_within_punctuation(identifier: str, text: str) -> None:
    assert find_identifiers(text.format(identifier)) == [identifier]


def test_each_identifier_is_listed_once_in_order() -> None:
    assert find_identifiers("i-12345678 vol-12345678 i-12345678") == ["i-12345678", "vol-12345678"]


@pytest.mark.parametrize("text", ["", "arn:", "i-123", "mini-12345678", "ami-1234567x", "projects/p", "a i-0123456789"])
def test_look_alikes_are_not_found(text: str) -> None:
    assert find_identifiers(text) == []


@given(st.text(max_size=200))
def test_no_text_raises(text: str) -> None:
    find_identifiers(text)


@pytest.mark.parametrize(
    "unit", ["arn:aws:", "/subscriptions/", "projects/a/", "//a.googleapis.com/", "i-", "gs://a", "k8s://a/"]
)
def test_hostile_text_costs_linear_time(unit: str) -> None:
    assert grows_linearly(lambda length: find_identifiers(unit * length), 100_000)
