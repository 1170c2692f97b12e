"""What we offer: one service on patient-view, described for discovery."""

from __future__ import annotations

from typing import Any

from fhir_mappings.queries import QUERIES

SERVICE_ID = "pinched-nerve-patient-view"
HOOK = "patient-view"

TITLE = "Pinched nerve, leg spasm and continence guidance"
DESCRIPTION = (
    "Reads recorded leg spasms, numbness, tingling, weakness, radiating pain and bladder or bowel changes, and shows guidance cards: "
    "immediate evaluation when bladder or bowel control is newly lost alongside leg symptoms, review when spasms persist, are severe, worsen or come with "
    "weakness or numbness, other causes when the chart shows them. For clinicians. No card does not mean no risk."
)
USAGE = (
    "FHIR R4. Conditions and Observations are needed, of every status: long-standing incontinence must not look new. "
    "Orders, procedures and imaging studies are optional and keep work-up under way from being suggested again. "
    "Send the prefetch keys below; without Conditions and Observations the answer is 412."
)


def discovery() -> dict[str, Any]:
    """The body of GET /cds-services."""
    service = {
        "hook": HOOK,
        "id": SERVICE_ID,
        "title": TITLE,
        "description": DESCRIPTION,
        "usageRequirements": USAGE,
        "prefetch": {query.key: query.template for query in QUERIES.values()},
    }
    return {"services": [service]}
