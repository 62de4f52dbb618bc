"""The families of Azure's log categories, one file each: which category has which fields, and what they mean."""

from .families import DIAGNOSTICS_PARSERS

__all__ = ["DIAGNOSTICS_PARSERS"]
