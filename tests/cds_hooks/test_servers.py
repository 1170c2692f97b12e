"""Which servers and addresses may be contacted, with which token and scopes, and how often: the pieces of our own reads one by one."""

from __future__ import annotations

import asyncio
import json
import pickle
from collections.abc import Awaitable, Callable
from dataclasses import replace
from itertools import count

import pytest
from charts import PATIENT
from fhir_faults import RED_FLAG
from fhir_server import TOKEN, FhirServer, fhir_server, once, saying, status

from cds_hooks.chart import reads
from cds_hooks.chart import transport as wire
from cds_hooks.chart.access import Access, NoAccess, Token, access
from cds_hooks.chart.prefetch import Answer, State, answers
from cds_hooks.chart.reads import Allowance, Reader
from cds_hooks.chart.servers import NotAServer, Reach, is_allowed, server
from cds_hooks.chart.transport import Breaker, ReadFailed, Transport
from fhir_mappings.queries import QUERIES

pytestmark = pytest.mark.usefixtures("nothing_is_told")

LISTED = Reach(servers=(server("https://ehr.example/fhir/"), server("https://ehr.example:8443/a")), plain_http=False)
SANDBOX = Reach(loopback_unlisted=True)

READ = (
    "https://ehr.example/fhir", "https://ehr.example/fhir/", "HTTPS://EHR.EXAMPLE/fhir", "https://ehr.example:443/fhir", "https://ehr.example/fhir/tenant-1", "https://ehr.example/fhir/R4/",
    " https://ehr.example/fhir ", "https://ehr.example:8443/a/b", "https://ehr.example/fhir//",
)  # fmt: skip
NOT_LISTED = (
    "http://ehr.example/fhir", "https://ehr.example", "https://ehr.example/", "https://ehr.example/fhirx", "https://ehr.example/FHIR", "https://ehr.example/other", "https://ehr.example:8443/fhir",
    "https://ehr.example:444/fhir", "https://ehr.example.evil.example/fhir", "https://evil.example/fhir", "https://sub.ehr.example/fhir", "https://xehr.example/fhir", "https://ehrxexample/fhir",
    "https://127.0.0.1/fhir", "https://localhost/fhir", "https://169.254.169.254/fhir", "https://metadata.google.internal/fhir", "https://[::1]/fhir",
    "https://[::ffff:127.0.0.1]/fhir", "https://[64:ff9b::7f00:1]/fhir",
)  # fmt: skip
NO_SERVER = (
    "", " ", "ehr.example/fhir", "//ehr.example/fhir", "/fhir", "ftp://ehr.example/fhir", "file:///etc/passwd", "javascript:alert(1)", "data:text/plain,x", "https:///fhir", "https:ehr.example/fhir",
    "https://user@ehr.example/fhir", "https://user:secret@ehr.example/fhir", "https://@ehr.example/fhir", "https://ehr.example@evil.example/fhir", "https://ehr.example/fhir?x=y", "https://ehr.example/fhir?",
    "https://ehr.example/fhir#part", "https://ehr.example/fhir#", "https://ehr.example/fhir/../admin", "https://ehr.example/fhir/./x", "https://ehr.example/fhir/..", "https://ehr.example/fhir/..;/admin",
    "https://ehr.example/fhir/.;a=b/x", "https://ehr.example/fhir/%2e%2e/admin", "https://ehr.example/fhir%2f..", "https://ehr.example/fh%69r", "https://ehr.example//fhir", "https://ehr.example/a//b",
    "https://ehr.example\\fhir", "https://ehr.example/fhir\\..\\x", "https://ehr.example\\@evil.example/fhir", "https://ehr.example:0/fhir", "https://ehr.example:99999/fhir", "https://ehr.example:x/fhir",
    "https://ehr.example./fhir", "https://.ehr.example/fhir", "https://ehr..example/fhir", "https://-ehr.example/fhir", "https://ehr.example-/fhir", "https://" + "a" * 64 + ".example/fhir",
    "https://ehr.example/fh ir", "https://ehr.example/fh\tir", "https://ehr.example/fh\nir", "https://ehr.\r\nexample/fhir", "https://ehr.example/fhir\x00", "https://éhr.example/fhir", "https://ehr。example/fhir",
    "https://ⓔhr.example/fhir", "https://１２７.0.0.1/fhir", "https://ehr.example/fhír", "https://[::1/fhir", "https://[zz]/fhir", "https://[::1]x/fhir", "https://ehr%2eexample/fhir", "https://ehr.example/" + "x" * 5000, "https://ehr.example:/fhir",
    "http://127.1/fhir", "http://2130706433/fhir", "http://0x7f.1/fhir", "http://0177.0.0.1/fhir", "https://ehr.example.1/fhir", "http://127.0.0.01/fhir", "http://1.2.3.4.5/fhir",
)  # fmt: skip
LOOPBACK = ("http://127.0.0.1:8080/fhir", "http://localhost/fhir", "http://LOCALHOST:1/fhir", "http://[::1]:8080/fhir", "https://127.8.8.8/fhir")
NOT_LOOPBACK = (
    "http://0.0.0.0/fhir", "http://[::]/fhir", "http://localhost.evil.example/fhir", "http://127.0.0.1.evil.example/fhir",
    "http://10.0.0.1/fhir", "http://169.254.169.254/fhir", "http://[fe80::1]/fhir", "http://[64:ff9b::7f00:1]/fhir", "http://[2002:7f00:1::]/fhir", "http://printer/fhir",
)  # fmt: skip


@pytest.mark.parametrize("url", READ)
def test_servers_that_may_be_read(url) -> None:
    """F1."""
    assert LISTED.find(url) is not None


@pytest.mark.parametrize("url", NOT_LISTED)
def test_servers_that_are_not_listed(url) -> None:
    assert LISTED.find(url) is None
    assert Reach().find(url) is None


@pytest.mark.parametrize("url", NO_SERVER, ids=lambda each: ascii(each[:40]))
def test_urls_that_are_no_server(url) -> None:
    for reach in (LISTED, SANDBOX, Reach(anywhere=True)):
        with pytest.raises(NotAServer) as told:
            reach.find(url)
        assert "example" not in str(told.value)


@pytest.mark.parametrize("url", LOOPBACK)
def test_the_sandbox_reads_this_machine(url) -> None:
    assert SANDBOX.find(url) is not None


@pytest.mark.parametrize("url", NOT_LOOPBACK)
def test_the_sandbox_reads_nothing_else(url) -> None:
    assert SANDBOX.find(url) is None


PUBLIC = ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "2a00:1450::1")
ON_THIS_MACHINE = ("127.0.0.1", "127.255.255.254", "::1", "::ffff:127.0.0.1", "::127.0.0.1")
PRIVATE = ("10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "100.64.0.1", "fd12:3456::1", "fc00::1", "::ffff:10.0.0.1", "::10.0.0.1")
NO_ADDRESS_OF_A_SERVER = (
    "169.254.169.254", "169.254.0.1", "100.100.100.200", "fd00:ec2::254", "fd20:ce::254", "168.63.129.16", "fe80::1", "fe80::1%eth0", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::", "2002:808:808::1",
    "2001:0:53aa::1", "192.88.99.1", "224.0.0.1", "239.255.255.250", "ff02::1", "0.0.0.0", "0.1.2.3", "::", "255.255.255.255", "240.0.0.1", "192.0.0.8", "fec0::1", "::ffff:0:127.0.0.1", "4000::1", "::ffff:0.0.0.0",
    "", "ehr.example", "127.1", "0x7f.1", "2130706433",
)  # fmt: skip


@pytest.mark.parametrize(
    ("addresses", "always", "on_loopback", "in_private_networks"),
    [(PUBLIC, True, True, True), (ON_THIS_MACHINE, False, True, True), (PRIVATE, False, False, True), (NO_ADDRESS_OF_A_SERVER, False, False, False)],
    ids=["public", "loopback", "private", "never"],
)
def test_addresses(addresses, always, on_loopback, in_private_networks) -> None:
    """F3: for a listed server, in the sandbox, and where the client's entry allows private networks."""
    for address in addresses:
        assert is_allowed(address, loopback=False, private=False) is always, address
        assert SANDBOX.allows(address) is on_loopback, address
        assert Reach(private_network=True).allows(address) is in_private_networks, address


# --- look-ups
def resolver(*rounds: list[str]) -> Callable[[str, int], Awaitable[list[str]]]:
    """Answers each look-up with the next of `rounds`, the last for ever."""
    at = count()

    async def resolve(host: str, port: int) -> list[str]:
        return rounds[min(next(at), len(rounds) - 1)]

    return resolve


def read(ehr: FhirServer, resolve: Callable[[str, int], Awaitable[list[str]]], reach: Reach, times: int = 1, host: str = "ehr.example") -> list[str]:
    """What `times` reads of the Patient come to, the server being called by a name."""

    async def reading() -> list[str]:
        transport, heard = Transport(lambda: 0.0, resolve), []
        allowed = Access(server(ehr.base.replace("127.0.0.1", host)), reach)
        for _ in range(times):
            try:
                heard.append((await transport.get(allowed, f"{allowed.server.base}/Patient/{PATIENT}", 5.0))[:15].decode())
            except ReadFailed as wrong:
                heard.append(str(wrong))
        await transport.close()
        return heard

    return asyncio.run(reading())


CAME, REFUSED = '{"resourceType"', "the server's address is not one that may be contacted"


@pytest.mark.parametrize(
    "found",
    [["127.0.0.1"], ["8.8.8.8", "127.0.0.1"], ["127.0.0.1", "8.8.8.8"], ["169.254.169.254"], ["10.0.0.1"], ["64:ff9b::7f00:1"], ["2002:7f00:1::"], ["::ffff:127.0.0.1"], ["fd00:ec2::254"], ["fe80::1%1"], []],
    ids=str,
)  # fmt: skip
def test_a_name_that_leads_to_a_forbidden_address(found) -> None:
    """F2: one of several is enough to refuse them all."""
    with fhir_server(RED_FLAG) as ehr:
        assert read(ehr, resolver(found), Reach()) == [REFUSED]
        assert ehr.asked == []


def test_a_name_that_changes_its_address_between_two_reads() -> None:
    """F2, rebinding: each connection goes to an address that was checked for it, never to one looked up afterwards."""
    with fhir_server(RED_FLAG) as ehr:
        assert read(ehr, resolver(["127.0.0.1"], ["169.254.169.254"], ["127.0.0.1", "10.0.0.1"]), SANDBOX, 3) == [CAME, REFUSED, REFUSED]
        assert len(ehr.asked) == 1


def test_the_name_is_what_the_server_is_called() -> None:
    with fhir_server(RED_FLAG) as ehr:
        assert read(ehr, resolver(["127.0.0.1"]), SANDBOX) == [CAME]
        assert ehr.asked[0].headers["Host"].startswith("ehr.example:")


def test_a_dead_address_is_followed_by_the_next() -> None:
    with fhir_server(RED_FLAG) as ehr:
        assert read(ehr, resolver(["127.9.9.9", "127.0.0.1"]), SANDBOX) == [CAME]


@pytest.mark.parametrize("failure", [OSError("no such name"), UnicodeError("label too long")])
def test_a_name_that_cannot_be_looked_up(failure) -> None:
    async def resolve(host: str, port: int) -> list[str]:
        raise failure

    with fhir_server(RED_FLAG) as ehr:
        assert read(ehr, resolve, SANDBOX) == ["no connection"]


def test_reads_that_begin_together_share_one_look_up() -> None:
    looked_up: list[str] = []

    async def resolve(host: str, port: int) -> list[str]:
        looked_up.append(host)
        await asyncio.sleep(0.05)
        return ["127.0.0.1"]

    with fhir_server(RED_FLAG) as ehr:
        asyncio.run(complete(ehr, resolve=resolve))
        assert len(ehr.asked) == len(QUERIES)
    assert looked_up == ["ehr.example"]


# --- the clock
class Clock:
    """Stands still until moved."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


async def complete(
    ehr: FhirServer,
    clock: Callable[[], float] = lambda: 0.0,
    until: float = 5.0,
    resolve=None,
    transport: Transport | None = None,
    allowance: Allowance | None = None,
):
    """A chart read whole."""
    used = transport or Transport(clock, resolve)
    base = ehr.base.replace("127.0.0.1", "ehr.example") if resolve else ehr.base
    leave = Access(server(base), SANDBOX, Token(TOKEN))
    reader = Reader(transport=used, access=leave, patient_id=PATIENT, until=until, allowance=allowance or Allowance.within(1), enough=lambda _: False)
    try:
        return await reader.complete(answers(None))
    finally:
        if transport is None:
            await used.close()


def states(came) -> set[tuple[State, str]]:
    return {(each.state, each.reason) for each in came.answers.values()}


def test_nothing_is_asked_when_the_time_is_up() -> None:
    clock = Clock()
    with fhir_server(RED_FLAG) as ehr:
        assert states(asyncio.run(complete(ehr, clock, until=clock.now))) == {(State.ERROR, "no time was left")}
        assert ehr.asked == []


def test_a_page_that_comes_when_the_time_is_up_is_the_last() -> None:
    clock = Clock()

    def late(handler, asked, lawful):
        clock.now += 10
        handler.lawful({**lawful, "link": [{"relation": "next", "url": f"{handler.fhir.base}/Condition?page=2"}]} if asked.type == "Condition" else lawful)

    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = late
        came = asyncio.run(complete(ehr, clock, until=clock.now + 5))
        assert not [each for each in ehr.asked if "page=2" in each.path]
    assert came.answers["conditions"].state in {State.TRUNCATED, State.ERROR}


@pytest.mark.parametrize(("asked", "tries"), [("0", 2), ("4", 1), ("5", 1), ("9" * 400, 1), ("-1", 1), ("soon", 1), ("", 1), (None, 2)])
def test_a_second_try_only_when_there_is_time_for_it(asked, tries) -> None:
    clock, said = Clock(), {} if asked is None else {"Retry_After": asked}
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = once(status(503, **said))
        asyncio.run(complete(ehr, clock, until=clock.now + 3))
        assert ehr.times("conditions") == tries


def test_never_a_third_try() -> None:
    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = status(503)
        asyncio.run(complete(ehr))
        assert {ehr.times(key) for key in QUERIES} == {2}


# --- how much
def read_whole(allowance: Allowance, padding: int = 0) -> tuple[list[Answer], int]:
    """What each search came to, each page being so much larger than its records, and how many bytes were sent in all."""
    sizes: list[int] = []

    def padded(handler, asked, lawful):
        raw = json.dumps(lawful).encode() + b" " * padding
        sizes.append(len(raw))
        handler.say(200, raw)

    with fhir_server(RED_FLAG) as ehr:
        ehr.faults["*"] = padded
        came = asyncio.run(complete(ehr, allowance=allowance))
    return list(came.answers.values()), sum(sizes)


def test_a_call_brings_no_more_bytes_than_it_has_time_for() -> None:
    for allowed, whole in ((0.9, 0), (3.5, 3), (99, len(QUERIES))):
        came, _ = read_whole(Allowance(allowed * 2**20), padding=2**20)
        assert sum(each.state is not State.ERROR for each in came) == whole
        assert {each.reason for each in came} - {""} <= {"the server sent more than can be read in the time"}


def test_each_record_counts_on_top_of_its_size() -> None:
    allowance = Allowance.within(1)
    came, sent = read_whole(allowance)
    assert reads.BYTES_PER_SECOND - allowance.left == sent + reads.RECORD_BYTES * sum(len(each.resources) for each in came)


# --- leaving a server alone
def test_the_breaker() -> None:
    """F8: five failures within 30 s, then 15 s of rest, then one probe."""
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(4):
        breaker.failed(clock.now)
        assert breaker.lets_through()
    breaker.failed(clock.now)
    assert not breaker.lets_through()
    clock.now += wire.OPEN_SECONDS
    assert [breaker.lets_through(), breaker.lets_through()] == [True, False]
    breaker.failed(clock.now)
    clock.now += wire.OPEN_SECONDS - 1
    assert not breaker.lets_through()
    clock.now += 1
    assert breaker.lets_through()
    breaker.worked()
    assert [breaker.lets_through(), breaker.lets_through()] == [True, True]


def test_calls_that_failed_together_count_once() -> None:
    """A burst on a busy machine is not a server in trouble."""
    clock = Clock()
    breaker, begun = Breaker(clock), clock.now
    clock.now += 0.4
    for _ in range(9):
        breaker.failed(begun)
    assert breaker.lets_through()
    for _ in range(4):
        breaker.failed(clock.now)
    assert not breaker.lets_through()


def test_failures_long_ago_do_not_count() -> None:
    clock = Clock()
    breaker = Breaker(clock)
    for _ in range(9):
        breaker.failed(clock.now)
        clock.now += wire.FAILURE_SECONDS / 4
    assert breaker.lets_through()


def failing(*faults) -> list[bool]:
    """Whether the server is asked again, call by call."""

    async def calls() -> list[bool]:
        clock = Clock()
        transport, asked = Transport(clock), []
        for fault in faults:
            ehr.faults, ehr.asked = {"*": fault} if fault else {}, []
            await complete(ehr, clock, clock.now + 5, transport=transport)
            asked.append(bool(ehr.asked))
        await transport.close()
        return asked

    with fhir_server(RED_FLAG) as ehr:
        return asyncio.run(calls())


def test_what_counts_as_a_failing_server() -> None:
    assert failing(*[status(500)] * 6) == [True] * 5 + [False]
    assert failing(*[status(429)] * 6) == [True] * 5 + [False]
    assert failing(*[status(401)] * 6) == [True] * 6
    assert failing(*[saying(b"{")] * 6) == [True] * 6
    assert failing(*[status(500)] * 4, None, *[status(500)] * 5) == [True] * 10


def test_a_server_that_was_never_asked_is_not_blamed() -> None:
    clock = Clock()

    async def calls() -> None:
        transport = Transport(clock)
        for _ in range(6):
            await complete(ehr, clock, clock.now, transport=transport)
        await complete(ehr, clock, clock.now + 5, transport=transport)
        await transport.close()

    with fhir_server(RED_FLAG) as ehr:
        asyncio.run(calls())
        assert len(ehr.asked) == len(QUERIES)


def test_one_pool_for_all_paths_of_a_server() -> None:
    async def lines() -> int:
        transport = Transport(lambda: 0.0)
        for tenant in range(20):
            transport.breaker(Access(server(f"https://ehr.example/fhir/{tenant}"), LISTED))
        found = len(transport.lines)
        await transport.close()
        return found

    assert asyncio.run(lines()) == 1


# --- scopes and tokens
EVERY, NONE = set(QUERIES), set()
SYMPTOMS = {key for key, query in QUERIES.items() if query.resource_type == "Observation"}
LAB = "http://terminology.hl7.org/CodeSystem/observation-category|laboratory"
EXAM = "http://terminology.hl7.org/CodeSystem/observation-category|exam"
SCOPES = [
    ("", EVERY),
    ("launch openid fhirUser", EVERY),
    ("Observation.Read (R4) Condition.Search", EVERY),
    ("https://ehr.example/scopes/chart", EVERY),
    ("patient/*.*", EVERY),
    ("patient/*.read", EVERY),
    ("user/*.read", EVERY),
    ("system/*.rs", EVERY),
    ("patient/*.cruds", EVERY),
    ("patient/*.write", NONE),
    ("patient/*.cud", NONE),
    ("patient/*.s", EVERY - {"patient"}),
    ("patient/*.r", {"patient"}),
    ("patient/Patient.read", {"patient"}),
    ("patient/Patient.r patient/Condition.rs", {"patient", "conditions"}),
    ("patient/Observation.read", SYMPTOMS),
    ("patient/Observation.rs", SYMPTOMS),
    ("patient/Observation.write patient/Condition.read", {"conditions"}),
    (f"patient/Observation.rs?category={LAB}", NONE),
    (f"patient/Observation.rs?category={EXAM}", {"exam"}),
    ("patient/Observation.rs?category=exam patient/Condition.s", {"exam", "conditions"}),
    ("patient/Condition.rs?clinical-status=active", NONE),
    ("patient/Medication.read", NONE),
    ("patient/observation.read", EVERY),  # no scope that SMART knows: the server is left to judge
    ("  patient/Condition.rs\tlaunch ", {"conditions"}),
]


@pytest.mark.parametrize(("scope", "covered"), SCOPES, ids=[each[0] or "none" for each in SCOPES])
def test_scopes(scope, covered) -> None:
    """FA-08, SMART 1 and 2."""
    leave = Access(server("https://ehr.example/fhir"), LISTED, Token("x"), scope)
    assert {key for key, query in QUERIES.items() if leave.covers(query)} == covered


GOOD = {"access_token": "aZ09-._~+/=", "token_type": "Bearer", "expires_in": 300, "scope": "patient/*.rs", "subject": "cds"}
SERVER = "https://ehr.example/fhir"


@pytest.mark.parametrize("more", [{}, {"token_type": "bearer"}, {"patient": PATIENT}, {"patient": f"Patient/{PATIENT}"}, {"patient": ""}, {"expires_in": "300"}, {"scope": None}, {"scope": 5}, {"token_type": None}], ids=str)  # fmt: skip
def test_tokens_that_are_used(more) -> None:
    found = access(SERVER, GOOD | more, PATIENT, LISTED)
    assert isinstance(found, Access)
    assert found.token is not None
    assert found.token.header() == "Bearer aZ09-._~+/="


@pytest.mark.parametrize(
    "more",
    [{"access_token": each} for each in (None, "", " ", "a b", "a\nb", "é", 5, ["x"], {"x": 1})]
    + [
        {"token_type": "mac"},
        {"token_type": "DPoP"},
        {"expires_in": 0},
        {"expires_in": -1},
        {"expires_in": 0.0},
        {"patient": "other"},
        {"patient": "Patient/other"},
    ],
    ids=str,
)
def test_tokens_that_are_not_used(more) -> None:
    assert isinstance(access(SERVER, GOOD | more, PATIENT, LISTED), NoAccess)


def test_a_listed_server_is_not_read_without_a_token() -> None:
    assert access(SERVER, None, PATIENT, LISTED) == NoAccess("no access token was sent")


def test_a_token_is_shown_and_stored_nowhere() -> None:
    """F13."""
    leave = access(SERVER, GOOD, PATIENT, LISTED)
    secret = GOOD["access_token"]
    assert secret not in repr(leave) + str(leave) + f"{leave.token}" + repr(replace(leave, scope="x"))
    with pytest.raises(TypeError):
        pickle.dumps(leave.token)
