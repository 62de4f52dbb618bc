"""Adapters: sources and parsers that turn what three clouds write into events, and `ingest` that stores them."""
