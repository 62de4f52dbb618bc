"""Names of billing columns, brought to one spelling per provider.

CUR writes `lineItem/UsageType` or `line_item_usage_type`; Azure exports differ in case, language and byte order mark,
with the English name in brackets after a translated one; BigQuery nests with dots.
"""

from __future__ import annotations

import re
from functools import lru_cache

_WORDS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_BRACKETED = re.compile(r".*\(([A-Za-z]\w*)\)\s*$")
_TAG_PREFIXES = ("resourceTags/", "resource_tags_")


@lru_cache(maxsize=4096)
def snake_name(column: str) -> str:
    """Return a CUR column's name as CUR 2.0 spells it; a tag's column becomes `tag:<name>`.

    >>> snake_name("lineItem/UsageAccountId"), snake_name("savingsPlan/SavingsPlanARN")
    ('line_item_usage_account_id', 'savings_plan_savings_plan_arn')
    >>> snake_name("resourceTags/user:Service")
    'tag:Service'
    """
    column = clean(column)
    for prefix in _TAG_PREFIXES:
        if column.startswith(prefix):
            return "tag:" + tag_name(column[len(prefix) :])
    return _WORDS.sub("_", column.replace("/", "_")).replace(".", "_").replace("__", "_").lower()


@lru_cache(maxsize=4096)
def plain_name(column: str) -> str:
    r"""Return a column's English name in lower case, letters and digits only.

    >>> plain_name("Ressourcengruppe (ResourceGroup)"), plain_name("\ufeffSubscriptionGuid")
    ('resourcegroup', 'subscriptionguid')
    """
    column = clean(column)
    bracketed = _BRACKETED.match(column)
    return re.sub(r"[^a-z0-9]", "", (bracketed[1] if bracketed else column).lower())


@lru_cache(maxsize=4096)
def dotted_name(column: str) -> str:
    """Return a BigQuery column's flat name.

    >>> dotted_name("project.id"), dotted_name("usage_start_time")
    ('project_id', 'usage_start_time')
    """
    return clean(column).replace(".", "_").lower()


def tag_name(name: str) -> str:
    """Return a tag's own name without CUR's mark of who set it.

    >>> tag_name("user:Service"), tag_name("user_service"), tag_name("aws:createdBy")
    ('Service', 'service', 'aws:createdBy')
    """
    return name[5:] if name.startswith(("user:", "user_")) else name


def clean(column: str) -> str:
    r"""Return a column's name without byte order mark, quotes and blanks.

    >>> clean("\ufeff Date ")
    'Date'
    """
    return column.strip('\ufeff \t"')
