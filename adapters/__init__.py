"""Sources, parsers and exports: everything that speaks a provider's language."""
