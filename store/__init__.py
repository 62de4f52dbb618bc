"""Append-only ledger of events in compressed, checksummed segments."""

from .frame_decoder import FACTS
from .ledger import Ledger
from .stream_writer import AppendResult

__all__ = ["FACTS", "AppendResult", "Ledger"]
