"""What can go wrong, why, what stands against it, and the tests that prove it does: ISO 14971 in brief. docs/hazards.md is printed from here.

A test of the architecture fails when a control names a test that is not there, and a run of the tests fails when one of them did not pass.
"""

from __future__ import annotations

from cds_hooks.about.form import Control, Hazard

DEATH_OR_LASTING, TEMPORARY, NONE_BODILY = "critical: lasting loss of function", "serious: harm that passes", "minor: no bodily harm"
SEVERITY_MEANS = (
    "Severity is that of the worst harm that is likely to follow. How likely it is was not estimated: there is no experience of use to estimate it from."
)


def _hazard(id: str, hazard: str, cause: str, harm: str, severity: str, remains: str, *controls: tuple[str, str]) -> Hazard:
    """Each control with its tests, file::name, parted by blanks; all under tests/."""
    told = tuple(Control(what=what, tests=tuple(f"tests/{each}" for each in tests.split())) for what, tests in controls)
    return Hazard(id=id, hazard=hazard, cause=cause, harm=harm, severity=severity, controls=told, remains=remains)


# fmt: off
HAZARDS: tuple[Hazard, ...] = (
    _hazard(
        "H1", "A red flag in the chart gets no card", "The record is coded locally, written in words, filtered away, undated, or hidden behind other records",
        "Cauda equina syndrome is treated late", DEATH_OR_LASTING,
        "Local codes without words, long notes, and what nobody recorded. The signs themselves are weak: pooled sensitivity 0.19-0.43.",
        ("Learning more silences a red flag only in listed ways", "properties/test_charts.py::test_learning_more_never_silences_a_red_flag properties/test_charts.py::test_what_may_silence_and_what_may_not"),
        ("Conditions are asked for whatever their status", "fhir_mappings/test_queries.py::test_conditions_are_not_filtered"),
        ("Records in words are read, with a table of sentences", "fhir_mappings/test_red_flag_sentences.py::test_red_flag_sentence"),
        ("An undated active change counts as new; every window has its border tested", "spec/test_spec.py::test_chart_gives_the_cards_of_its_row spec/test_spec.py::test_border_is_where_the_number_says"),
        ("A malformed member never hides a record", "fhir_mappings/test_reader.py::test_a_malformed_member_never_hides_the_record"),
        ("A rule that fails takes no other with it; red flags run first", "cds_hooks/test_failures.py::test_a_red_flag_survives_the_failure_of_another_finding"),
    ),
    _hazard(
        "H2", "Cards without need", "Long-standing symptoms look new; the same card comes again and again",
        "Clinicians stop reading cards, and miss the one that matters", DEATH_OR_LASTING,
        "The predictive value of R01 from a chart alone will be low. How often each rule is overridden has to be watched.",
        ("Newness decides, by dated records", "spec/test_spec.py::test_border_is_where_the_number_says"),
        ("An answered card is quiet for a while, an information card is not repeated to the same user", "cds_hooks/test_feedback.py::test_an_answered_red_flag_is_one_line_for_a_day cds_hooks/test_feedback.py::test_an_information_card_is_not_repeated_to_the_same_user"),
        ("How each rule fares is shown to reviewers", "cds_hooks/test_audit_tally.py::test_each_day_has_its_figures"),
    ),
    _hazard(
        "H3", "Advice about somebody else", "The prefetch or a FHIR server hands over records of another patient",
        "The wrong patient is examined or imaged, and the right one is not", TEMPORARY,
        "Records filed under the wrong patient in the EHR itself.",
        ("One record of another stops everything; the card holds no fact", "cds_hooks/test_prefetch_states.py::test_records_of_another_patient_give_one_card_without_any_fact fhir_mappings/test_reader.py::test_another_patients_record_stops_the_reading_even_where_it_says_nothing_here"),
        ("Also when more is read from the server", "cds_hooks/test_reads_joined.py::test_a_stranger_in_the_prefetch_stops_everything_also_when_more_is_read"),
    ),
    _hazard(
        "H4", "Advice from old records", "Problem lists are not kept; dates are partial, ahead or missing",
        "Time lost on what is over", NONE_BODILY,
        "Records whose dates are wrong in the EHR.",
        ("Every fact on a card stands with its date and its record", "cards/test_cards.py::test_every_fact_is_dated_and_stands_somewhere"),
        ("Windows count from the day of evaluation, whichever that is", "properties/test_charts.py::test_moving_all_days_together_changes_nothing"),
        ("Partial dates are intervals", "fhir_mappings/test_dates.py::test_interval"),
    ),
    _hazard(
        "H5", "A record is misread", "Negation, doubt, history, family, units, scales, wrong or disputed codes, entered in error",
        "A red flag is made up or overlooked", DEATH_OR_LASTING,
        "Sentences unlike any in the tables. Codes that no terminology server confirmed are marked so in their value sets.",
        ("Words are read with their context", "fhir_mappings/test_text.py::test_sentence"),
        ("Refuted, entered in error and doubtful are told apart", "fhir_mappings/test_conditions.py::test_verification fhir_mappings/test_observations.py::test_status fhir_mappings/test_orders.py::test_entered_in_error"),
        ("An answer takes the polarity of its question", "fhir_mappings/test_observations.py::test_polarity_follows_the_question"),
        ("Units are never guessed, scales never mixed", "fhir_mappings/test_observations.py::test_a_laboratory_value_is_never_guessed fhir_mappings/test_observations.py::test_scales"),
        ("The quick way of reading laboratory results says what the long way says, for every code there is", "fhir_mappings/test_results.py::test_both_ways_read_every_code_of_ours_the_same"),
        ("A code belongs to one value set, and has a source", "fhir_mappings/test_terminology.py::test_a_code_claimed_twice_is_refused fhir_mappings/test_terminology.py::test_value_set_is_r4_and_every_code_has_source_and_licence"),
    ),
    _hazard(
        "H6", "A card is overtaken by the chart", "New records come after the card, or while its like is quiet",
        "A red flag is thought to be seen to", DEATH_OR_LASTING,
        "A card that stays open in the EHR does not change; it says when it was made.",
        ("A record that is new, or changed in what is read of it, shows a quiet card again at once", "cds_hooks/test_feedback.py::test_a_new_record_shows_the_red_flag_again_at_once cds_hooks/test_feedback.py::test_a_changed_record_shows_it_again_and_a_new_id_alone_does_not"),
        ("A card says when it was made and on what", "cards/test_cards.py::test_card_says_what_it_rests_on"),
    ),
    _hazard(
        "H7", "The card is trusted more than the patient", "A card reads like an order or a finding; its absence reads like a clearance",
        "Wrong treatment, or none", DEATH_OR_LASTING,
        "Habit. Cards and pages say that no card does not mean no risk; whether that is read is not known.",
        ("Two options or more, the clinician's own examination first", "cards/test_cards.py::test_two_options_or_more_with_the_examination_first"),
        ("No word of diagnosis, exclusion or safety", "cards/test_cards.py::test_wording properties/test_charts.py::test_cards_never_say_that_red_flags_are_absent"),
        ("Four states are kept apart: present, recorded absent, not recorded, not assessed", "cards/test_cards.py::test_four_states_are_kept_apart"),
        ("Suggestions are drafts for this patient, with their reasons", "cards/test_cards.py::test_suggestions_are_drafts_about_this_patient_for_these_reasons"),
    ),
    _hazard(
        "H8", "The rules are out of date", "Guidelines change; nobody looks",
        "Advice against current knowledge", TEMPORARY,
        "Somebody has to look. No clinician has reviewed the rules yet.",
        ("Each rule tells when it was reviewed, and when that is overdue", "cds_hooks/test_about.py::test_a_review_that_is_overdue_is_said"),
        ("Each rule tells its sources, how good they are and how much of them was read", "cds_hooks/test_about.py::test_every_rule_has_all_thirteen_attributes_a_graded_citation_and_a_review"),
    ),
    _hazard(
        "H9", "A failure looks like “nothing to say”", "Data missing, the service down, a rule failed, silent mode left on",
        "A red flag is missed behind an empty list", DEATH_OR_LASTING,
        "An EHR that shows nothing when the service does not answer. Somebody has to watch the service.",
        ("Without Conditions and Observations the answer is 412 and names the keys", "cds_hooks/test_prefetch_states.py::test_both_missing_is_412_and_names_the_keys"),
        ("Nothing is concluded from absence in half a chart", "cds_hooks/test_prefetch_states.py::test_nothing_is_concluded_from_absence_in_half_a_chart cds_hooks/test_prefetch_states.py::test_one_missing_and_a_symptom_without_a_card"),
        ("After a failure no card is not silence", "cds_hooks/test_failures.py::test_no_card_after_a_failure_is_not_silence"),
        ("What is chosen is told: silent mode, disabled rules, numbers", "cds_hooks/test_about.py::test_what_the_deployer_chose_is_told"),
    ),
    _hazard(
        "H10", "Rules, settings or calls are not what they seem", "Unsafe numbers, disabled rules, forged or repeated calls",
        "Red flags silenced unseen", DEATH_OR_LASTING,
        "Whoever may change the installation may change the rules; their hash in the log then changes too.",
        ("Numbers have bounds; R01 and R12 cannot be disabled", "spec/test_spec.py::test_an_unsafe_number_is_refused cds_hooks/test_settings.py::test_refused"),
        ("What governance chose is in the log", "cds_hooks/test_audit.py::test_what_governance_chose_is_on_the_log_and_changes_its_fingerprint"),
        ("Calls are signed, and each token is good once", "cds_hooks/test_tokens.py::test_verdict cds_hooks/test_production.py::test_a_token_is_good_once"),
    ),
    _hazard(
        "H11", "Patient data get out", "Logs, errors, pages, exports, reads at the wrong address",
        "Loss of privacy", NONE_BODILY,
        "The audit log itself holds patients' references and words of cards; who may read it is for the hospital to say.",
        ("The log holds no tokens and no whole resources", "cds_hooks/test_audit.py::test_never_tokens_nor_whole_resources"),
        ("Errors tell nothing of the call", "cds_hooks/test_failures.py::test_a_bug_is_a_500_that_tells_nothing"),
        ("Nothing of a chart in logs, metrics, traces, errors or left files", "cds_hooks/test_canaries.py::test_no_word_of_a_patient_leaves_but_on_a_card"),
        ("Only listed servers are read", "cds_hooks/test_servers.py::test_servers_that_are_not_listed cds_hooks/test_servers.py::test_a_name_that_leads_to_a_forbidden_address"),
        ("Only those who may take entries away", "cds_hooks/test_audit_review.py::test_only_exporters_take_entries_away"),
    ),
    _hazard(
        "H12", "Nobody can tell afterwards what was advised", "Entries lost, changed or removed",
        "Harm is not found and happens again", TEMPORARY,
        "What no checkpoint kept elsewhere covers can be cut off by whoever holds both database and key.",
        ("No card without its audit entry on disk", "cds_hooks/test_failures.py::test_no_card_without_its_audit_entry cds_hooks/test_audit_power_cuts.py::test_nothing_acknowledged_is_lost_when_the_power_goes"),
        ("Tampering is found and located", "cds_hooks/test_audit_tampering.py::test_every_tampering_is_found_and_located"),
    ),
    _hazard(
        "H13", "An answer counts for the wrong card", "Feedback is forged, late, repeated, or about a card of another client",
        "A red flag is kept quiet that nobody has seen to", DEATH_OR_LASTING,
        "Feedback names no user: who answered is known only as the one to whom the card was shown.",
        ("Only the client that was sent a card quiets it", "cds_hooks/test_feedback.py::test_in_production_feedback_is_signed_and_only_the_client_that_got_the_card_quiets_it"),
        ("Only reasons that say somebody has seen to it quiet it; the first answer counts", "cds_hooks/test_feedback.py::test_only_managed_reasons_quiet cds_hooks/test_feedback.py::test_of_two_answers_at_once_the_first_counts"),
    ),
    _hazard(
        "H14", "The EHR waits", "Slow FHIR servers, floods of calls, very large charts",
        "Work is held up; the EHR gives up and shows nothing", TEMPORARY,
        "A machine that is too small. Rates and time budgets are the deployer's to set.",
        ("A call ends within its time budget", "cds_hooks/test_time_budget.py::test_a_server_that_never_answers cds_hooks/test_time_budget.py::test_never_beyond_the_time"),
        ("Cost grows with the chart, not with its square", "properties/test_growth.py::test_cost_grows_with_the_chart_and_not_with_its_square"),
        ("More calls than can be worked on are sent away at once", "cds_hooks/test_limits.py::test_more_calls_than_allowed"),
    ),
    _hazard(
        "H15", "Words of a chart or a stranger act on a screen", "Markup, links or formulas in records, names and comments",
        "A clinician is led astray, or a machine taken over", TEMPORARY,
        "How an EHR shows markdown is its own affair; cards hold only what is harmless in all known ones.",
        ("Words of the chart are escaped on cards", "cards/test_cards.py::test_chart_words_on_a_card_are_harmless cards/test_escape.py::test_hostile_words"),
        ("Cards link to listed addresses only", "cds_hooks/test_connecting.py::test_cards_link_to_the_listed_addresses_only"),
        ("No cell of an export is a formula", "cds_hooks/test_audit_exports.py::test_no_cell_is_a_formula"),
    ),
    _hazard(
        "H16", "Something is ordered twice, or wrongly", "A suggestion repeats what is under way, or is a draft that an EHR misreads",
        "Needless imaging; delay while orders are sorted out", TEMPORARY,
        "Orders that the EHR did not supply; the card says when they were not.",
        ("Nothing is offered that is already ordered", "cards/test_cards.py::test_nothing_is_offered_that_is_already_ordered"),
        ("Every draft is valid R4, and a draft only", "cards/test_cards.py::test_every_draft_is_valid_r4 cards/test_cards.py::test_suggestions_are_drafts_about_this_patient_for_these_reasons"),
        ("Orders that were not supplied are owned up to", "cds_hooks/test_prefetch_states.py::test_orders_not_supplied_is_said"),
    ),
)
# fmt: on
