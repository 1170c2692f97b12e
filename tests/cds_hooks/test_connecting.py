"""The pages about connecting an EHR hold what the code has: every string to paste, nothing more, and where each fact comes from."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from charts import PATIENT
from connecting_docs import PAGES, PAGES_AT, links, scopes
from evaluating import evaluated, policy
from spec.table import ROWS

from cards.guidance.rules import RULES
from cds_hooks import services
from cds_hooks.chart.access import Access, access
from cds_hooks.chart.servers import Reach, server
from fhir_mappings.queries import QUERIES

FOLDER = Path(__file__).parents[2] / "docs"
EHR = "https://ehr.example/fhir"


@pytest.mark.parametrize("name", PAGES)
def test_the_page_is_current(name) -> None:
    assert (FOLDER / name).read_text(encoding="utf-8") == "\n".join(PAGES[name]()).rstrip("\n") + "\n"


@pytest.mark.parametrize("name", ["epic", "oracle-health", "generic"])
def test_the_strings_to_paste(name) -> None:
    text = (FOLDER / "connecting" / f"{name}.md").read_text(encoding="utf-8")
    offered = services.discovery()["services"][0]
    wanted = [f"/cds-services/{offered['id']}", offered["hook"], *offered["prefetch"].values(), scopes(1), scopes(2), *links(), *(rule.topic for rule in RULES)]
    assert [each for each in wanted if each not in text] == []


@pytest.mark.parametrize("name", ["epic", "oracle-health"])
def test_vendors_facts_say_how_old_they_are_and_that_they_were_not_tried(name) -> None:
    text = (FOLDER / "connecting" / f"{name}.md").read_text(encoding="utf-8")
    assert "2021" in text
    assert "not tried against the real system" in text


@pytest.mark.parametrize("version", [1, 2])
def test_the_scopes_cover_every_read_and_no_write(version) -> None:
    token = {"access_token": "x", "token_type": "Bearer", "expires_in": 300, "scope": scopes(version), "subject": "cds"}
    leave = access(EHR, token, PATIENT, Reach(servers=(server(EHR),)))
    assert isinstance(leave, Access)
    assert [key for key, query in QUERIES.items() if not leave.covers(query)] == []
    for each in scopes(version).split():
        others = Access(leave.server, leave.reach, leave.token, scopes(version).replace(each, "launch"))
        assert not all(others.covers(query) for query in QUERIES.values()), f"{each} is not needed"
    assert not {"write", "*"} & set(scopes(version).replace("/", ".").split("."))


def test_cards_link_to_the_listed_addresses_only() -> None:
    chosen = replace(policy(), pages=PAGES_AT)
    cards = [card for row in ROWS for card in evaluated(row.chart(), chosen=chosen).cards]
    assert all(card.links and card.links[-1].url.startswith(f"{PAGES_AT}/rules/") for card in cards)
    used = {link.url for card in cards for link in card.links or ()} | {card.source.url for card in cards if card.source.url}
    assert used <= set(links())
