"""The pages under docs/connecting/ that come from code: how the chart is gathered, and what to type into each EHR."""

from __future__ import annotations

from collections.abc import Iterator

from access_matrix import ANSWERED, SAYS, SENT
from fhir_faults import ROWS

from cards.guidance.article import GUIDELINES, URL
from cards.guidance.rules import NOT_EVALUATED, RULES
from cards.suggestions import DRAFTS
from cds_hooks.chart import reads, transport
from cds_hooks.services import HOOK, SERVICE_ID, TITLE
from cds_hooks.trust.clients import DEMO_ISSUER
from fhir_mappings.queries import QUERIES

PAGES_AT = "https://cds.example.org"
"""Stands for the public_base_url of whoever deploys it, here as everywhere in these pages."""
PRINTED = "Printed by `make docs`; do not edit by hand."
KEYS_OF = {
    type: [key for key, query in QUERIES.items() if query.resource_type == type] for type in dict.fromkeys(query.resource_type for query in QUERIES.values())
}
"""The prefetch keys of each resource type, in the order of discovery."""


def _table(*headings: str) -> tuple[str, str]:
    return f"| {' | '.join(headings)} |", "|" + " --- |" * len(headings)


def scopes(version: int) -> str:
    """What our reads need, in SMART 1 or SMART 2 syntax, and nothing more."""
    rights = {type: "read" if version == 1 else "r" if type == "Patient" else "rs" for type in KEYS_OF}
    return " ".join(f"patient/{type}.{right}" for type, right in rights.items())


def links() -> list[str]:
    """Every address a card of ours can link to."""
    pages = (f"{PAGES_AT}/rules/{each}" for each in (*(rule.id for rule in RULES), NOT_EVALUATED))
    return [*sorted({URL, *(each.url for each in GUIDELINES.values())}), *pages]


def data_page() -> Iterator[str]:
    yield from ("# Where the chart comes from", "", f"{PRINTED} Each line of the tables is a test.", "")
    yield "What the EHR sends as prefetch is used first. Only the keys that are missing are read from its FHIR server, all at once, within the time budget. What is still missing then is said on the card, or the call is answered 412; it is never taken for an empty chart."
    yield from ("", "## One key", "", "What a key came as, its state, and its state after our own reads where the server may be read:", "")
    yield from _table("Came as", "No server may be read", "The server answers", "The read fails", "Read by us")
    yield from (f"| {each.name} | {each.without} | {each.answers} | {each.fails} | {'yes' if each.is_read else 'no'} |" for each in SENT)
    yield from (
        "",
        "Records that state another patient as their subject stop the evaluation when they were sent: the one card says only that, and no rule is run. In a search of ours they are passed over and counted, because some servers ignore the patient. Versions are told for Conditions and Observations only. A search sorted newest first that reaches back past its look-back counts as whole, even when older pages exist. Records that were sent stay, whatever our own search brings.",
    )
    yield from ("", "What a card says when this one key ended in that state and all others came:", "", *_table("Key", "State", "The card says"))
    for said, keys in _alike():
        for line in dict.fromkeys(said.values()):
            yield f"| {keys} | {', '.join(state for state in said if said[state] == line)} | {line} |"
    yield from (
        "",
        "In every other state it says nothing: one Observation key that can carry symptoms is enough, and nothing is concluded from results, procedures or imaging that did not come.",
        "",
    )
    yield from ("## Both types together", "", *_table("Conditions", "Observations", "A rule applies", "A symptom, but no rule applies", "Neither"))
    yield from (f"| {each.conditions} | {each.observations} | {each.rule} | {each.symptom} | {each.neither} |" for each in ANSWERED)
    yield from (
        "",
        "Where the searches that failed were made by the service itself, nothing found is a 412 too: what they may hold is not known to be nothing.",
    )
    yield from _leave()
    yield from (
        "",
        "## What a FHIR server may do",
        "",
        "One search meets this, and its key ends as:",
        "",
        *_table("The server", "State", "Reason in the audit log"),
    )
    yield from (f"| {each.name} | {each.state} | {each.reason} |" for each in ROWS)


def _alike() -> Iterator[tuple[dict[str, str], str]]:
    """What is said, with all the keys for which the same is said."""
    said = [each for number, each in enumerate(SAYS.values()) if each not in list(SAYS.values())[:number]]
    yield from ((each, ", ".join(f"`{key}`" for key in SAYS if SAYS[key] == each)) for each in said)


def _leave() -> Iterator[str]:
    yield from ("", "## When a server is read", "")
    yield "- The call names it in `fhirServer`, and it is one of the calling client's servers: same scheme, host and port, and a path under the listed one. The sandbox profile also reads FHIR servers on this machine, with or without a token."
    yield "- `fhirAuthorization` holds a Bearer token that has not expired and is for this patient. It is sent to that server only, and is in no log, audit entry or error."
    yield "- The scopes cover the search (SMART 1 or 2). Scopes that name no resource are left for the server to judge."
    yield "- Every address of its name is allowed: public ones always, loopback and private ones only where that was asked for, link-local, metadata, multicast, NAT64, 6to4 and Teredo ones never. The connection goes to the address that was checked."
    yield "- Redirects, cookies, proxies of the environment and compressed answers are not taken."
    yield from ("", *_table("Limit", "Value"))
    yield f"| Reading ends | {reads.READING_SHARE:.0%} of `time_budget_ms` after the call arrived |"
    yield f"| Pages of one search | {reads.MAX_PAGES}, on the same server only |"
    yield f"| Records of one search | {reads.MAX_ENTRIES}; then no further page is asked for |"
    yield f"| One page | {transport.MAX_PAGE_BYTES // 2**20} MiB, {reads.MAX_PIECES:,} objects, lists and commas; the first {reads.MAX_PAGE_ENTRIES:,} entries |"
    yield f"| All searches of a call | {reads.BYTES_PER_SECOND // 2**20} MiB for each second of the time budget, a record counting {reads.RECORD_BYTES // 1024} KiB on top of its size |"
    yield f"| Connections to one server | {transport.CONNECTIONS} |"
    yield f"| Second try | once, after a failed connection or {', '.join(map(str, sorted(transport.PASSING)))}, when `Retry-After` leaves time for it |"
    yield f"| A failing server is left alone | after {transport.FAILURES} failures in {transport.FAILURE_SECONDS:.0f} s, for {transport.OPEN_SECONDS:.0f} s; then one call tries it. Calls that failed together count once |"


# --- one page per EHR
def _strings(base: str = PAGES_AT) -> Iterator[str]:
    yield from ("", f"`{base}` stands for the address under which your EHR reaches this service.", "", *_table("What", "String to paste"))
    yield f"| Discovery | `{base}/cds-services` |"
    yield f"| Service | `{base}/cds-services/{SERVICE_ID}` |"
    yield f"| Service id | `{SERVICE_ID}` |"
    yield f"| Hook | `{HOOK}` |"
    yield f"| Title | {TITLE} |"


def _prefetch() -> Iterator[str]:
    yield from (
        "",
        "## Prefetch queries",
        "",
        "The same strings as discovery publishes; [prefetch](prefetch.md) says what each is for. Each parameter stands once, without modifiers, dates or includes. If you must choose, take them from the top.",
        "",
    )
    for each in QUERIES.values():
        yield from ("```text", each.key, each.template, "```", "")


def _scopes() -> Iterator[str]:
    yield from ("", "## Scopes", "", "For reading what was not prefetched; nothing is ever written.", "")
    yield from (*_table("Syntax", "String to paste"), f"| SMART 1 | `{scopes(1)}` |", f"| SMART 2 | `{scopes(2)}` |")


def _links() -> Iterator[str]:
    yield from (
        "",
        "## Links on cards",
        "",
        f"All that a card can link to, with your own `public_base_url` in the place of `{PAGES_AT}`. A card is complete without them.",
        "",
    )
    yield from ("```text", *links(), "```")


def _topics() -> Iterator[str]:
    yield from ("", "## Card topics", "", "`source.topic.code` of every card, for lock-out and reports:", "")
    yield ", ".join(f"`{each}`" for each in dict.fromkeys([*(rule.topic for rule in RULES), "NotEvaluated"])) + "."


def _registered() -> Iterator[str]:
    yield from (
        "",
        "Register the EHR as a client of the production profile first: [step by step](../operations.md#production-step-by-step). Its FHIR server goes under `fhir_servers`; nothing else is ever read.",
    )


def epic_page() -> Iterator[str]:
    yield from ("# Epic", "", PRINTED, "")
    yield "From copies of Epic's CDS Hooks page and a request captured in 2021, and from third parties' descriptions; not tried against the real system. Check each point with your Epic analyst."
    yield from _registered()
    yield from _strings()
    yield from (
        "",
        "## What to know",
        "",
        *_table("Point", "Fact", "Source"),
        "| Prefetch | typed by an analyst into the alert's record; discovery is not read | copy of Epic's page, undated |",
        "| URL | must equal the registered one exactly, or information is stripped | copy of Epic's page, undated |",
        "| Trigger | chart opened, or any native trigger without a hook of its own; Epic advises against calling on every chart opened | copy of Epic's page; request of 2021 |",
        "| No results | a Bundle with total 0 and one OperationOutcome with a warning; read here as an empty answer | Epic's sample |",
        "| Condition search | with no status only active confirmed conditions may come back: then long-standing incontinence can look new | a third party's page, undated |",
        "| Access | `fhirAuthorization` is sent; scopes may be free text, which is left for the server to judge | copy of Epic's page |",
        "| JWT | RS384; `iss` is the customer's FHIR endpoint, `sub` the client id, `aud` the endpoint as typed in; `nbf` 5 minutes back, 15 minutes of life | mirror of Epic's page, undated |",
        "| Cards | `selectionBehavior` `any` only; `uuid` for feedback; a fixed `source.topic.code` for lock-out after an override: all cards here have them | copy of Epic's page |",
        "| Override reasons | mapped by the site | copy of Epic's page |",
    )
    yield from (*_prefetch(), *_scopes(), *_links(), *_topics())


def oracle_page() -> Iterator[str]:
    yield from ("# Oracle Health", "", PRINTED, "")
    yield "From the vendor's public documentation repository: a 2021 draft about CDS Hooks that was never merged (beta then), and its R4 pages. Newer documents were not found; not tried against the real system."
    yield from _registered()
    yield from _strings()
    yield from (
        "",
        "## What to know",
        "",
        *_table("Point", "Fact", "Source"),
        "| Prefetch | the registration has no field for it: expect none. Everything is read with `fhirAuthorization` | draft of 2021 |",
        "| Registration | by hand: service URL, trigger condition, FHIR server, scopes, allowed links, SMART apps | draft of 2021 |",
        "| Hook | patient-view only | draft of 2021 |",
        "| Links | every link that is not in the list of allowed ones is removed | draft of 2021 |",
        "| Display | critical cards pop up; others stand in a sidebar of about an eighth of the screen | draft of 2021 |",
        "| JWT | `iss` is `https://cds-hooks.cerner.com`; keys are listed at `https://authorization.cerner.com/jwk` | draft of 2021 |",
        "| Condition search | has no `code`; none is used here | R4 pages of the same repository |",
        "| Observation search | `_count` at most 200; `code` does not look into components | R4 pages of the same repository |",
    )
    yield from (
        "",
        "Because nothing is prefetched, give the reads time: raise `time_budget_ms` to what your users accept. What has not come by then is said to be missing.",
    )
    yield from (*_scopes(), *_links(), *_topics())
    yield from ("", "## Searches that will be made", "", *("`" + each.template + "`  " for each in QUERIES.values()))


def sandbox_page() -> Iterator[str]:
    base = "http://127.0.0.1:8000"
    yield from ("# CDS Hooks Sandbox", "", PRINTED, "")
    yield "From the sandbox's source (github.com/cds-hooks/sandbox, commit 3b7e255 of March 2026), which was run and whose requests were recorded. This service takes any browser origin in the sandbox profile, without credentials."
    yield from (
        "",
        "1. `make run` serves this project at " + f"`{base}`.",
        f"2. In the sandbox's gear menu, *Add CDS Services*: `{base}/cds-services` (without a slash at the end: the page appends to it).",
    )
    yield "3. *Change FHIR Server* to an R4 server that allows CORS. If it runs on this machine, missing keys are read from it; a server elsewhere is not contacted, and only its prefetch counts."
    yield "4. Choose a patient, and the view for the hook `patient-view`. Most public patients have nothing that a rule looks at: put the invented ones on your server first."
    yield from ("", "```text", "pinched-nerve-cds samples --load http://127.0.0.1:8090/fhir", "```", "")
    yield "Then `sample-cauda-equina` and the other ids it prints are patients to choose."
    yield from ("", "All of it as one address, with the sandbox's pages served at port 9080 and a FHIR server at 8090:", "", "```text")
    yield "http://127.0.0.1:9080/?fhirServiceUrl=http%3A%2F%2F127.0.0.1%3A8090%2Ffhir&patientId=PATIENT&serviceDiscoveryURL=http%3A%2F%2F127.0.0.1%3A8000%2Fcds-services"
    yield "```"
    yield from _strings(base)
    yield from (
        "",
        "## What to know",
        "",
        *_table("Point", "Fact"),
        "| Pages | a search is passed on as one page of the server's own size, with its `next` link: the rest is read here when the server may be read, otherwise the card says incomplete |",
        "| Missing keys | what the server does not know is left out rather than sent as `null` |",
        "| Feedback | each button tells the service at once: a suggestion as accepted, *Dismiss* as overridden with a reason of the card's menu or none; never a comment. It is in the audit log a moment later |",
        "| Markup | the page renders raw HTML in `detail`; words of the chart stand there as code, with angle brackets replaced, and nothing of them can run |",
        "| “All clear” | the page says so for an empty list; part of the chart missing is therefore always a card or an error here |",
        "| Errors | shown in the developer panel only |",
        "| JWT | ES384, signed with a key whose private half is public: it proves nothing, is not asked for in the sandbox profile, and is never accepted in production |",
    )
    yield from (
        "",
        "## When the browser asks about your local network",
        "",
        (
            "Only for a page from the internet, such as the hosted `https://sandbox.cds-hooks.org`; pages served on this machine are not asked. "
            "Chrome 142 and newer ask whether the page may *look for and connect to any device on your local network* (Chrome's notice of June 2025; "
            "newer versions may word it otherwise). Until you allow it, nothing reaches this service: the page shows no service of ours, and the developer console says "
            "that permission was denied to access the loopback address space (seen with Chromium 156)."
        ),
        "",
        "1. Allow it; it counts for that page, and this service needs nothing else: seen working with plain CORS.",
        "2. Once refused it is not asked again: open the settings of the site at the left of the address bar, allow *Local network access* there, reload.",
        "3. On managed machines the policy `LocalNetworkAccessAllowedForUrls` decides.",
        "",
        "No header can replace the prompt. Earlier versions sent `Access-Control-Request-Private-Network` instead; the sandbox profile still says yes to that.",
        "",
        "## To see the tokens verified",
        "",
        (
            "Save the keys at `https://sandbox.cds-hooks.org/.well-known/jwks.json` as a file and make the sandbox a client of the sandbox profile, "
            "with `pinched-nerve-cds serve --config sandbox.toml`:"
        ),
        "",
        "```toml",
        "[[clients]]",
        'name = "official sandbox"',
        f'issuer = "{DEMO_ISSUER}"',
        'jwks_file = "sandbox.jwks.json"',
        "```",
        "",
        "Each call then counts once and for its own address, and is in the audit log under that name. The addresses must be the ones that `serve` prints: `localhost` is another audience than `127.0.0.1`.",
    )


def generic_page() -> Iterator[str]:
    yield from ("# Any other EHR", "", PRINTED, "", "For clients of CDS Hooks 1.0, 2.0, 2.0.1 and the 3.0 ballot.")
    yield from _registered()
    yield from _strings()
    yield from (
        "",
        "## Checklist",
        "",
        "1. Point the client at discovery, or type in the service address and the queries below.",
        "2. Send `hook`, `hookInstance`, `context.userId` and `context.patientId`. An id may be given as `Patient/123`.",
        "3. Send prefetch with every status of Conditions and Observations. What a search did not find is `null` or an empty Bundle; what it could not do is an OperationOutcome. Do not leave out what you know to be empty.",
        "4. Or send `fhirServer` and `fhirAuthorization` (`access_token`, `token_type`, `expires_in`, `scope`, `subject`): [what is read, and when](data.md).",
        "5. Are your codes and answers read? [What is read of a record](records.md) shows how they may be written.",
        "6. Expect 200 with cards, or an OperationOutcome: [errors](../errors.md). Treat 412 as “not evaluated”, never as “no advice”.",
        "7. Show `detail` as Markdown. Keep `uuid` and `source.topic.code`.",
        "8. Tell what became of a card: POST `{feedback: [...]}` to the service address with `/feedback` after it, signed like a call (`aud` that address or the service's). [What an answer does](../audit.md#what-clinicians-did-with-cards).",
        "",
        f"Cards may carry {len(DRAFTS)} kinds of draft as suggestions; each has one action, and none is applied by itself.",
    )
    yield from (
        "",
        "Try a patient of any R4 server without connecting anything:",
        "",
        "```text",
        ".venv/bin/pinched-nerve-cds check --fhir-server https://ehr.example/fhir --patient 123 --token-file token.txt",
        "```",
    )
    yield "The try-it page of the sandbox profile does the same in a browser, and searches the server's patients by name."
    yield from (
        "",
        (
            "Or from Python with the SandboxClient of HealthChain (0.16 seen). Its prefetch keys, resource types in lower case, are read like any other; "
            "but it makes up the patient in context. Set `client.requests[0].context.patientId` to the patient you send, or the answer is one card that says nothing was evaluated."
        ),
    )
    yield from (*_prefetch(), *_scopes(), *_links(), *_topics())


PAGES = {
    "connecting/data.md": data_page,
    "connecting/epic.md": epic_page,
    "connecting/oracle-health.md": oracle_page,
    "connecting/cds-hooks-sandbox.md": sandbox_page,
    "connecting/generic.md": generic_page,
}
