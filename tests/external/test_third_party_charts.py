"""Third-party synthetic patients: noise and robustness. None of them has the syndrome, so cards must be rare."""

from __future__ import annotations

import json
from collections import Counter

import pytest
from evaluating import NOW, policy, uuids

from cds_hooks.evaluation import Outcome
from cds_hooks.offline import check_file

PATIENT_BUNDLES = ("synthea-r4-whole", "synthea-r4-neuropathy-trimmed", "pysynthea-uscore-backpain-trimmed")


@pytest.mark.parametrize("folder", PATIENT_BUNDLES)
def test_whole_patients_run_without_a_critical_card(shared, folder) -> None:
    counted: Counter[str] = Counter()
    for path in sorted((shared / "data" / "open" / folder).glob("*.json")):
        result = check_file(path, NOW, policy(), uuids())
        assert result.problem == "", path.name
        counted.update(card.source.topic.code for card in result.evaluation.cards)
        assert "critical" not in {card.indicator for card in result.evaluation.cards}, path.name
    assert sum(counted.values()) <= 2


@pytest.mark.parametrize("folder", ["hl7-r4-examples", "us-core-examples"])
def test_single_resources_are_read(shared, folder, tmp_path) -> None:
    for path in sorted((shared / "data" / "open" / folder).glob("*.json")):
        resource = json.loads(path.read_text())
        if resource["resourceType"] not in {"Condition", "Observation"}:
            continue
        resource["subject"] = {"reference": "Patient/x"}
        bundle = tmp_path / "bundle.json"
        bundle.write_text(
            json.dumps(
                {"resourceType": "Bundle", "type": "collection", "entry": [{"resource": {"resourceType": "Patient", "id": "x"}}, {"resource": resource}]}
            )
        )
        result = check_file(bundle, NOW, policy(), uuids())
        assert result.problem == "", path.name
        assert result.evaluation.outcome is Outcome.NO_CARDS, path.name


def test_patients_of_a_bulk_export(shared, tmp_path) -> None:
    """The export has Conditions and no Observations: a chart without them is a chart that holds none."""
    folder = shared / "data" / "open" / "synthea-2023-bulk10"
    resources = [json.loads(line) for path in sorted(folder.glob("*.ndjson")) for line in path.read_text().splitlines() if line.strip()]
    patients = [each for each in resources if each["resourceType"] == "Patient"]
    assert len(patients) > 5
    for patient in patients:
        own = [each for each in resources if each.get("subject", {}).get("reference") == f"Patient/{patient['id']}"]
        chart = tmp_path / "chart.json"
        chart.write_text(json.dumps({"resourceType": "Bundle", "type": "collection", "entry": [{"resource": each} for each in (patient, *own)]}))
        result = check_file(chart, NOW, policy(), uuids())
        assert result.problem == ""
        assert [card.source.topic.code for card in result.evaluation.cards] == []


def test_the_wrong_version_is_never_silence(shared) -> None:
    for path in sorted((shared / "data" / "open" / "stu3-wrong-version").glob("*.json")):
        result = check_file(path, NOW, policy(), uuids())
        assert result.problem or result.evaluation.cards, path.name
