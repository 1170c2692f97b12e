"""Speaks CDS Hooks over HTTP: the only package with input and output."""

from functools import cache
from importlib.metadata import version as _installed


@cache
def version() -> str:
    """The installed version of this distribution."""
    return _installed("pinched-nerve-cds")
