"""Hook calls as an EHR sends them."""

from __future__ import annotations

from typing import Any

from charts import PATIENT, Chart

SERVICE = "/cds-services/pinched-nerve-patient-view"


def call(chart: Chart | None = None, **members: Any) -> dict[str, Any]:
    body = {
        "hook": "patient-view",
        "hookInstance": "d1577c69-dfbe-44ad-ba6d-3e05e953b2ea",
        "context": {"userId": "Practitioner/example", "patientId": PATIENT},
        "prefetch": (chart or Chart(())).prefetch(),
    }
    return {key: value for key, value in {**body, **members}.items() if value is not ...}
