"""What this is for, for whom and about whom, and what it is not for. Shown at /about; changes here are changes of the intended use."""

from __future__ import annotations

USE = (
    "Reads what a chart already records about leg spasms, numbness, tingling, weakness, radiating pain and bladder or bowel control. "
    "Prompts a clinician to examine or ask: at once when control is newly lost alongside leg symptoms, soon or in passing otherwise. "
    "Lists options and the records they rest on. It decides nothing, orders nothing and makes no diagnosis."
)

USERS = (
    "Licensed clinicians who see the patient, inside an EHR that calls on opening a chart (CDS Hooks, patient-view).",
    "Integrators, on invented patients; reviewers of the audit log, who see every call, by role.",
)

POPULATION = (
    "Adults, from the number adult_years on, for every rule. Children for the red-flag rules only: R01, R02, R03, R11. R12 is for everybody.",
    "Of children, incontinence counts from the number continence_years on.",
    "People whose chart is kept as FHIR R4 Conditions and Observations. Where age is not recorded the rules for adults are used, and the card says so.",
)

NOT_FOR = (
    "Ruling anything out. No card does not mean no risk: records may be missing, late, uncoded or worded in a way that is not read.",
    "Diagnosis, triage, monitoring or alarms. Nobody may rely on a card to arrive, or on its time.",
    "Patients and the public.",
    "Images, waveforms, signals or genetic data: none are read.",
    "Placing orders. Suggestions are drafts for a clinician to take or leave.",
    "Charts of animals, of groups, or of people recorded as deceased.",
)

STATUS = (
    "Not cleared or approved by FDA, not CE-marked, not certified by anybody.",
    "No clinician has reviewed the rules, and nothing was validated on patients.",
    "Whoever deploys it has to settle, with counsel, what the law where they are makes of it.",
)
