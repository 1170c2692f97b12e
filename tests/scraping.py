"""`/metrics` as a scraper reads it."""

from __future__ import annotations

from typing import Any

import httpx2
from prometheus_client.parser import text_string_to_metric_families

Found = dict[tuple[Any, ...], float]


def metrics(text: str) -> Found:
    """Each sample by its name and its labels as pairs, sorted."""
    return {(each.name, *sorted(each.labels.items())): each.value for family in text_string_to_metric_families(text) for each in family.samples}


def scraped(client: httpx2.Client | Any) -> Found:
    answer = client.get("/metrics")
    assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, "text/plain")
    return metrics(answer.text)
