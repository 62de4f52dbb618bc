"""FakeStacks: ListStacks, DescribeStackEvents, ListChangeSets and DescribeChangeSet, in the query protocol."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from tests.wire.aws_windows import NS, PagedApi
from tests.wire.faults import Faults

STACK = "arn:aws:cloudformation:eu-west-1:123456789012:stack/shop/11111111-1111-1111-1111-111111111111"


class FakeStacks(PagedApi):
    """Stacks by id, each with its events; times in seconds. `gone` stacks have events, and nothing else."""

    namespace = "http://cloudformation.amazonaws.com/doc/2010-05-15/"
    page_entries = 12

    def __init__(self, faults: Faults | None, clock_ns: Callable[[], int]) -> None:
        super().__init__(faults)
        self.clock_ns = clock_ns
        self.stacks: dict[str, list[dict[str, Any]]] = {}
        self.change_sets: dict[str, list[dict[str, Any]]] = {}
        self.gone: set[str] = set()
        self.lists |= {
            "ListStacks": ("StackSummaries", "NextToken"),
            "DescribeStackEvents": ("StackEvents", "NextToken"),
            "ListChangeSets": ("Summaries", "NextToken"),
            "Changes": ("Changes", "NextToken"),
        }
        self.operations |= {
            "ListStacks": self._list,
            "DescribeStackEvents": self._events,
            "ListChangeSets": self._change_sets,
            "DescribeChangeSet": self._described,
        }

    def _list(self, asked: dict[str, Any]) -> dict[str, Any]:
        found = []
        for stack, events in self.stacks.items():
            newest = max(event["Timestamp"] for event in events)
            oldest = min(event["Timestamp"] for event in events)
            found.append(
                {
                    "StackId": stack,
                    "StackName": stack.split("/")[1],
                    "StackStatus": "UPDATE_COMPLETE",
                    "CreationTime": text(oldest),
                    "LastUpdatedTime": text(newest),
                }
            )
        return self.paged("ListStacks", asked, found)

    def _events(self, asked: dict[str, Any]) -> dict[str, Any]:
        now_s = self.clock_ns() / NS
        events = [one for one in self.stacks[asked["StackName"]] if one["Timestamp"] <= now_s]
        newest_first = sorted(events, key=lambda one: -one["Timestamp"])
        shown = [one | {"Timestamp": text(one["Timestamp"])} for one in newest_first]
        return self.paged("DescribeStackEvents", asked, shown)

    def _change_sets(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["StackName"] in self.gone:
            return {"Error": ("ValidationError", f"Stack [{asked['StackName']}] does not exist")}
        found = [
            {"ChangeSetId": one["ChangeSetId"], "CreationTime": text(one["CreationTime"])}
            for one in self.change_sets.get(asked["StackName"], [])
        ]
        return self.paged("ListChangeSets", asked, found)

    def _described(self, asked: dict[str, Any]) -> dict[str, Any]:
        sets = self.change_sets[asked["StackName"]]
        found = next(one for one in sets if one["ChangeSetId"] == asked["ChangeSetName"])
        page = self.paged("Changes", asked, found["Changes"])
        return {**found, "CreationTime": text(found["CreationTime"]), **page}


def text(seconds: float) -> str:
    """Return a time as the service writes it."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
