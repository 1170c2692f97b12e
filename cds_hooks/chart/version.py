"""Which FHIR a server says it speaks. Asked only where reading failed: the statement of some public servers is larger than any chart."""

from __future__ import annotations

from typing import Any

from cds_hooks.chart.access import Access
from cds_hooks.chart.transport import ReadFailed, Transport
from cds_hooks.errors import Refusal
from cds_hooks.strict_json import decode
from fhir_mappings.elements import string

R4 = ("4.0", "4.3")
"""R4 and R4B."""
OTHERS = {"0.": "DSTU1 or 2", "1.": "DSTU2", "3.": "STU3", "5.": "R5", "6.": "R6"}


async def version_of(transport: Transport, access: Access, until: float) -> str:
    """The common name of a version that is not R4 or R4B; empty for those, and where the server says nothing readable."""
    try:
        said = decode(await transport.get(access, f"{access.server.base}/metadata?_elements=fhirVersion", until), dict[str, Any])
    except (ReadFailed, Refusal):
        return ""
    version = string(said.get("fhirVersion"))
    return "" if version.startswith(R4) else next((name for begin, name in OTHERS.items() if version.startswith(begin)), "")
