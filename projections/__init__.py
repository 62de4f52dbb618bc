"""Folds, read models and queries: every answer is folded from events."""
