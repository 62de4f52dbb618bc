"""Azure ids are one resource in any case."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudledger.domain.identity import identifiers_of, normalise_resource, parse_azure_resource_id, same_resource

GROUP = "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/Shop-RG"
SITE = GROUP + "/providers/Microsoft.Web/sites/Cart"


@pytest.mark.parametrize(
    "written",
    [
        SITE.upper(),
        SITE.lower(),
        SITE + "/",
        SITE.removeprefix("/"),
        f"https://management.azure.com{SITE}?api-version=2022-09-01",
        SITE.replace("/providers", "//providers"),
        SITE.replace("/", "//"),
    ],
)
def test_case_slashes_and_host_make_no_difference(written: str) -> None:
    assert normalise_resource(written) == SITE.lower()
    assert same_resource(written, SITE)


def test_the_parts_of_a_nested_resource_are_told() -> None:
    parts = parse_azure_resource_id(SITE + "/slots/Blue")

    assert parts is not None
    assert (parts.subscription, parts.resource_group) == ("0b1f6471-1bf0-4dda-aec3-cb9272f09590", "shop-rg")
    assert (parts.resource_type, parts.name) == ("microsoft.web/sites/slots", "blue")


def test_an_extension_resource_belongs_to_its_own_provider() -> None:
    parts = parse_azure_resource_id(SITE + "/providers/Microsoft.Insights/diagnosticSettings/all")

    assert parts is not None
    assert parts.resource_type == "microsoft.insights/diagnosticsettings"
    assert parts.resource_group == "shop-rg"


def test_groups_contain_their_resources_by_whole_segments() -> None:
    group, site, other = (parse_azure_resource_id(text) for text in (GROUP, SITE, GROUP + "-2"))

    assert group is not None
    assert site is not None
    assert other is not None
    assert group.contains(site)
    assert group.name == "shop-rg"
    assert not group.contains(other)
    assert not site.contains(group)


def test_tenant_level_ids_are_ids() -> None:
    parts = parse_azure_resource_id("/tenants/0B1F6471/providers/Microsoft.aadiam")

    assert parts is not None
    assert parts.provider == "microsoft.aadiam"


def test_the_bare_name_is_among_the_identifiers() -> None:
    assert identifiers_of(SITE) == (SITE.lower(), SITE, "cart")


@given(st.text(max_size=60))
def test_no_text_raises(text: str) -> None:
    normalise_resource("/subscriptions/" + text, provider="azure")
    normalise_resource(text, provider="azure", account="0")
