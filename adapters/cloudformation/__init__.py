"""What CloudFormation tells: events of stacks, and change sets."""

from .stack_events_parser import StackEventsParser

__all__ = ["StackEventsParser"]
