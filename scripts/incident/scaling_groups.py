"""The scaling groups of the story: the one that thrashes, and the healthy ones on every platform.

Under the writers of scaling histories.
"""

from __future__ import annotations

from .clock import MICROSECONDS
from .story import Story

FAULTY_GROUP, FAULTY_SERVICE = "checkout-asg", "checkout"
MAXIMUM, MAXIMUM_PODS = 10, 20
HEALTHY_GROUPS = ("accounts-asg", "pricing-vmss", "search-mig", "catalogue", "inventory")
MINUTE = 60 * MICROSECONDS


def scaling_since(story: Story) -> int:
    """Return when the faulty group and its pods reached their maximum."""
    return story.onset[FAULTY_SERVICE] + 2 * (story.duration // 90)
