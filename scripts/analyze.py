"""Analyse log files and print the answers as JSON."""
