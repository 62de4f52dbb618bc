"""Append-only ledger of events in compressed, checksummed segments."""
