"""Contenders: the ledger and other engines, each doing the same tasks on the same data in a process of its own."""
