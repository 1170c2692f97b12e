"""Is this application installed whole? `cards` is also the name of an unrelated package on the index."""

from __future__ import annotations

from pathlib import Path

import cards
import cds_hooks
import fhir_mappings


def misplaced_package() -> str:
    """The name of a package of ours that does not lie beside the others; empty when all is well."""
    home = _folder(cds_hooks.__file__)
    found = {"cards": cards.__file__, "fhir_mappings": fhir_mappings.__file__}
    return next((name for name, file in found.items() if _folder(file) != home), "")


def _folder(file: str | None) -> Path | None:
    return Path(file).resolve().parent.parent if file else None
