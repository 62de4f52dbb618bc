"""Makers of native records, a module per cloud, for the benchmark of the parsers."""
