"""How complete the chart is for each resource type, judged from the state of the keys that can carry symptom or continence records."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from itertools import pairwise
from types import MappingProxyType

from cards.guidance.chart import Source, Supplied
from cds_hooks.chart.prefetch import MORE_PAGES, Answer, State
from fhir_mappings.elements import codings, items
from fhir_mappings.observations import effective
from fhir_mappings.queries import QUERIES, REQUIRED
from fhir_mappings.resources import Resource

MEASUREMENTS = frozenset({"laboratory", "vital-signs", "imaging"})
GOT = frozenset({State.DATA, State.EMPTY})
FAILED = frozenset({State.ERROR, State.WRONG_VERSION})


BEARING = MappingProxyType({each: tuple(key for key, query in QUERIES.items() if query.resource_type == each and query.carries_symptoms) for each in REQUIRED})
"""By resource type, the keys of ours that can carry symptom or continence records."""


def supplied(answers: Mapping[str, Answer], as_of: date) -> Supplied:
    conditions, observations = (_source(each, answers, as_of) for each in REQUIRED)
    came = {QUERIES[key].resource_type for key, each in answers.items() if key in QUERIES and each.state in GOT}
    came |= {resource.type for each in answers.values() for resource in each.resources}
    return Supplied(conditions, observations, "ServiceRequest" in came and not came.isdisjoint({"Procedure", "ImagingStudy"}))


def missing_keys(answers: Mapping[str, Answer]) -> list[str]:
    """The discovery names of the keys that bear on evaluation and did not come as data or empty."""
    return [key for key, query in QUERIES.items() if query.carries_symptoms and answers[key].state not in GOT]


def _source(resource_type: str, answers: Mapping[str, Answer], as_of: date) -> Source:
    others = (each for key, each in answers.items() if key not in QUERIES and _bears(each, resource_type))
    bearing = [*(answers[key] for key in BEARING[resource_type]), *others]
    if any(each.state is State.TRUNCATED and not reaches_back(each, as_of) for each in bearing):
        return Source.INCOMPLETE
    if not any(each.state in GOT or each.state is State.TRUNCATED for each in bearing):
        return Source.NOT_OBTAINED
    return Source.PARTLY if any(each.state in FAILED for each in bearing) else Source.OBTAINED


def _bears(answer: Answer, resource_type: str) -> bool:
    """Can this key of the client's own carry symptom or continence records of that type? It can when it holds more than results and measurements."""
    return any(each.type == resource_type and not _is_a_measurement(each) for each in answer.resources)


def _is_a_measurement(resource: Resource) -> bool:
    """An Observation that a laboratory, a device or an imaging department made: such a key says nothing of symptoms."""
    categories = {code for each in items(resource.body.get("category")) for _, code in codings(each)}
    return bool(categories & MEASUREMENTS)


def reaches_back(answer: Answer, as_of: date) -> bool:
    """A search sorted newest first whose entries go back past the longest look-back it serves is as good as whole."""
    query = QUERIES.get(answer.key)
    if query is None or query.look_back_days is None or answer.reason != MORE_PAGES:
        return False
    days = [span.latest for each in answer.resources if (span := effective(each.body)[0])]
    newest_first = all(earlier >= later for earlier, later in pairwise(days))
    # Days that never fall show no order: the next page may hold yesterday.
    return bool(days) and newest_first and days[0] > days[-1] and days[-1] < as_of - timedelta(days=query.look_back_days)
