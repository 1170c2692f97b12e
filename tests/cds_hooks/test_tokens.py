"""Tokens and their verdicts: what is taken, and for every other the cause that only the audit log hears."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import OctKey
from tokens import BASE, ISSUER, JWKS_URL, SERVICE_URL, b64, claims, header, jwks, key, signed

from cds_hooks.trust import keys
from cds_hooks.trust.clients import Client
from cds_hooks.trust.keysets import FileKeys
from cds_hooks.trust.verify import Caller, Cause, Denied, Verifier

AT = int(datetime.now(UTC).timestamp())
OTHER = "https://other.example"
ANY_ALGORITHM = "https://any.example"
BY_FILE = "https://file.example/fhir"
CLIENTS = (
    Client(name="hospital", issuer=ISSUER, jwks_url=JWKS_URL, extra_audiences=("urn:cds:ours",)),
    Client(name="other", issuer=OTHER, jwks_url=f"{OTHER}/jwks.json", tenants=frozenset({"north", "south"}), max_lifetime_s=120),
    Client(
        name="any",
        issuer=ANY_ALGORITHM,
        jwks_url=f"{ANY_ALGORITHM}/jwks.json",
        algorithms=("ES256", "ES384", "ES512", "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "EdDSA"),
    ),
    Client(name="by-file", issuer=BY_FILE, jwks_file="keys.json"),
)
SETS = {
    ISSUER: jwks("ES384", "RS384", "ES256"),
    OTHER: jwks("ES384-other"),
    ANY_ALGORITHM: {"keys": [*jwks("ES256", "ES384", "ES512", "RS384", "EdDSA")["keys"], {**jwks("RS384-only")["keys"][0], "alg": "RS384"}]},
    BY_FILE: jwks("ES384"),
}


class Watched:
    """Keys that count how often they were asked for: only a token that is otherwise right may cause a fetch."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.keys = FileKeys(keys.read(json.dumps(document).encode()))
        self.asked = 0

    async def find(self, kid: str, algorithm: str) -> keys.Key | None:
        self.asked += 1
        return await self.keys.find(kid, algorithm)


WATCHED = {issuer: Watched(document) for issuer, document in SETS.items()}
VERIFIER = Verifier({each.issuer: each for each in CLIENTS}, WATCHED, lambda: datetime.fromtimestamp(AT, UTC))
AUDIENCES = (SERVICE_URL,)


def verdict(authorization: str | None, audiences: tuple[str, ...] = AUDIENCES) -> Caller | Cause:
    try:
        return asyncio.run(VERIFIER.verify(authorization, audiences))
    except Denied as wrong:
        return wrong.cause


@dataclass(frozen=True)
class Row:
    name: str
    token: Callable[[], str]
    cause: Cause | None = None


def says(name: str, cause: Cause | None = None, **members: Any) -> Row:
    """A token rightly signed whose claims differ."""
    return Row(name, lambda: signed(claims(AT, **members)), cause)


def heads(name: str, cause: Cause | None = None, **members: Any) -> Row:
    """A token rightly signed whose header differs."""
    return Row(name, lambda: signed(claims(AT), header(**members), algorithm="ES384"), cause)


def is_signed(name: str, algorithm: str, kid: str, cause: Cause | None = None, issuer: str = ANY_ALGORITHM, by: str = "") -> Row:
    return Row(name, lambda: signed(claims(AT, iss=issuer), header(alg=algorithm, kid=kid), by=key(by or kid)), cause)


def raw(name: str, make: Callable[[], str], cause: Cause = Cause.FORM) -> Row:
    return Row(name, make, cause)


def tampered(change: Callable[[list[str]], None]) -> Callable[[], str]:
    def make() -> str:
        parts = signed(claims(AT)).split(".")
        change(parts)
        return ".".join(parts)

    return make


def other_tenant(**members: Any) -> str:
    return signed(claims(AT, iss=OTHER, exp=AT + 100, **members), header(kid="ES384-other"), by=key("ES384-other"))


def confused() -> str:
    """The public key as the secret of an HMAC."""
    content = f"{b64(header(alg='HS256'))}.{b64(claims(AT))}"
    return f"{content}.{b64(hmac.new(key().as_pem(private=False), content.encode(), hashlib.sha256).digest())}"


def repeated(member: str, first: str) -> str:
    """A claim said twice: two readers might take two different ones."""
    return json.dumps(claims(AT)).replace("{", f'{{"{member}": {first}, ', 1)


def by_file(**members: Any) -> str:
    return signed(claims(AT, iss=BY_FILE), header(**members))


ROWS = (
    # Taken
    says("as an EHR sends it"),
    says("one audience in a list", aud=[SERVICE_URL]),
    says("our audience among others", aud=["https://elsewhere.example", SERVICE_URL]),
    says("an extra audience of this client", aud="urn:cds:ours"),
    says("not before, as Epic says it", nbf=AT - 300),
    says("subject", sub="client-id"),
    says("tenant where none are listed", tenant="anything"),
    says("members nobody knows", foo={"bar": [1, None]}),
    says("expired within the skew", exp=AT - 59, iat=AT - 300),
    says("issued ahead within the skew", iat=AT + 60, exp=AT + 200),
    says("not before within the skew", nbf=AT + 60),
    says("the longest life", exp=AT + 3600),
    says("old but not expired", iat=AT - 3500, exp=AT + 100),
    says("jti of 256 characters", jti="j" * 256),
    says("jti in other letters", jti="Ünïcode-日本"),
    heads("typ in small letters", typ="jwt"),
    heads("header members nobody knows", foo="bar", cty="json"),
    heads("the registered jku", jku=JWKS_URL),
    heads("x5t is only a name", x5t="abc"),
    is_signed("RS384", "RS384", "RS384", issuer=ISSUER),
    *(is_signed(f"{each} where the client lists it", each, "RS384") for each in ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512")),
    *(is_signed(f"{each} where the client lists it", each, each) for each in ("ES256", "ES384", "ES512", "EdDSA")),
    is_signed("a key for one algorithm with that", "RS384", "RS384-only"),
    Row("a listed tenant", lambda: other_tenant(tenant="north")),
    Row("the scheme in small letters", lambda: signed(claims(AT))),
    Row("keys by file", by_file),
    Row("keys by file, jku of the issuer's own", lambda: by_file(jku="https://file.example/.well-known/jwks.json")),
    # Not a token
    raw("nothing", lambda: "", Cause.SCHEME),
    raw("a word", lambda: "x"),
    raw("two parts", lambda: ".".join(signed(claims(AT)).split(".")[:2])),
    raw("four parts", lambda: signed(claims(AT)) + ".AAAA"),
    raw("five parts, as an encrypted token has", lambda: "a.b.c.d.e"),
    raw("no signature", lambda: signed(claims(AT), signature=b"")),
    raw("no header", tampered(lambda parts: parts.__setitem__(0, ""))),
    raw("no claims", tampered(lambda parts: parts.__setitem__(1, ""))),
    raw("detached claims", lambda: signed(b"")),
    raw("padding", lambda: signed(claims(AT)) + "="),
    raw("a stray character", tampered(lambda parts: parts.__setitem__(2, parts[2][:5] + "*" + parts[2][6:]))),
    raw("standard base64", tampered(lambda parts: parts.__setitem__(2, "+/" + parts[2][2:]))),
    raw("a line break", tampered(lambda parts: parts.__setitem__(2, parts[2][:5] + "\n" + parts[2][5:])), Cause.SCHEME),
    raw("a second word", lambda: signed(claims(AT)) + " x", Cause.SCHEME),
    raw("a comma and another", lambda: f"{signed(claims(AT))},{signed(claims(AT))}"),
    raw("letters that look alike", lambda: "ｅ" + signed(claims(AT))[1:]),
    raw("a loose last bit", lambda: signed(claims(AT), signature=b"\0") [:-1] + "B"),
    raw("an impossible length", lambda: signed(claims(AT), signature=b"\0") + "AAA"),
    raw("claims are a list", lambda: signed([])),
    raw("claims are null", lambda: signed("null")),
    raw("claims are a number", lambda: signed("5")),
    raw("claims are no JSON", lambda: signed("{")),
    raw("claims in UTF-16", lambda: signed(json.dumps(claims(AT)).encode("utf-16"))),
    raw("claims after a byte order mark", lambda: signed(b"\xef\xbb\xbf" + json.dumps(claims(AT)).encode())),
    raw("claims not in UTF-8", lambda: signed(b'{"iss": "\xff"}')),
    raw("two documents", lambda: signed("{}{}")),
    raw("NaN", lambda: signed('{"exp": NaN}')),
    raw("infinity", lambda: signed('{"exp": 1e999}')),
    raw("a number of 400 digits", lambda: signed('{"exp": ' + "9" * 400 + "}")),
    raw("a number of 5,000 digits", lambda: signed('{"exp": ' + "9" * 5000 + "}")),
    raw("a lone surrogate", lambda: signed('{"jti": "\\ud800"}')),
    raw("depth", lambda: signed("[" * 2000 + "]" * 2000)),
    raw("depth inside", lambda: signed('{"x": ' + "[" * 100 + "]" * 100 + "}")),
    raw("header is a list", lambda: signed(claims(AT), "[]")),
    raw("header is no JSON", lambda: signed(claims(AT), "ES384")),
    raw("header says alg twice", lambda: signed(claims(AT), '{"alg": "none", "alg": "ES384", "typ": "JWT", "kid": "ES384"}')),
    raw("header says kid twice", lambda: signed(claims(AT), '{"alg": "ES384", "typ": "JWT", "kid": "x", "kid": "ES384"}')),
    *(raw(f"{each} said twice", lambda each=each: signed(repeated(each, '"https://evil.example"'))) for each in ("iss", "aud", "jti", "tenant") if each != "tenant"),
    *(raw(f"{each} said twice", lambda each=each: signed(repeated(each, "1"))) for each in ("exp", "iat")),
    raw("a member said twice further in", lambda: signed(json.dumps(claims(AT))[:-1] + ', "x": {"a": 1, "a": 2}}')),
    raw("larger than 8 KiB", lambda: signed(claims(AT, foo="x" * 9000)), Cause.SIZE),
    # Algorithm
    heads("none", Cause.ALGORITHM, alg="none"),
    heads("None", Cause.ALGORITHM, alg="None"),
    heads("nOnE", Cause.ALGORITHM, alg="nOnE"),
    heads("no algorithm", Cause.ALGORITHM, alg=...),
    heads("algorithm is null", Cause.ALGORITHM, alg=None),
    heads("algorithm is a number", Cause.ALGORITHM, alg=1),
    heads("algorithm in small letters", Cause.ALGORITHM, alg="es384"),
    heads("algorithm with a blank", Cause.ALGORITHM, alg="ES384 "),
    heads("an algorithm nobody knows", Cause.ALGORITHM, alg="XX999"),
    heads("ES256K", Cause.ALGORITHM, alg="ES256K"),
    *(Row(f"{each} with a secret", lambda each=each: signed(claims(AT), header(alg=each), by=OctKey.import_key("s" * 64)), Cause.ALGORITHM) for each in ("HS256", "HS384", "HS512")),
    raw("HS256 with the public key as secret", confused, Cause.ALGORITHM),
    is_signed("ES256 where it is not listed", "ES256", "ES256", Cause.ALGORITHM, issuer=ISSUER),
    is_signed("RS256 where it is not listed", "RS256", "RS384", Cause.ALGORITHM, issuer=ISSUER),
    is_signed("PS384 where it is not listed", "PS384", "RS384", Cause.ALGORITHM, issuer=ISSUER),
    is_signed("a key for one algorithm with another", "RS256", "RS384-only", Cause.UNKNOWN_KEY),
    is_signed("a kid of another kind", "RS384", "ES384", Cause.UNKNOWN_KEY, by="RS384"),
    is_signed("a curve of another size", "ES384", "ES256", Cause.UNKNOWN_KEY, by="ES384"),
    # Type and key
    heads("no typ", Cause.TYPE, typ=...),
    heads("typ at+jwt", Cause.TYPE, typ="at+jwt"),
    heads("typ JOSE", Cause.TYPE, typ="JOSE"),
    heads("typ is null", Cause.TYPE, typ=None),
    heads("typ is a list", Cause.TYPE, typ=["JWT"]),
    heads("no kid", Cause.KID, kid=...),
    heads("kid is a number", Cause.KID, kid=1),
    heads("kid is empty", Cause.KID, kid=""),
    heads("kid is an object", Cause.KID, kid={"x": 1}),
    heads("kid of 257 characters", Cause.KID, kid="k" * 257),
    heads("kid with a line break", Cause.KID, kid="ES384\n"),
    heads("kid is a path", Cause.UNKNOWN_KEY, kid="../../dev/null"),
    heads("kid is a query", Cause.UNKNOWN_KEY, kid="x' UNION SELECT 'y"),
    heads("kid in other letters", Cause.UNKNOWN_KEY, kid="es384"),
    heads("kid of another client", Cause.UNKNOWN_KEY, kid="ES384-other"),
    heads("crit", Cause.FOREIGN_KEY, crit=["exp"]),
    heads("crit is empty", Cause.FOREIGN_KEY, crit=[]),
    heads("crit and what it names", Cause.FOREIGN_KEY, crit=["b64"], b64=False),
    heads("b64", Cause.FOREIGN_KEY, b64=True),
    Row("a key of its own", lambda: signed(claims(AT), header(jwk=key("ES384-evil").as_dict(private=False)), by=key("ES384-evil")), Cause.FOREIGN_KEY),
    heads("a certificate of its own", Cause.FOREIGN_KEY, x5c=["MIIB"]),
    heads("a certificate elsewhere", Cause.FOREIGN_KEY, x5u="https://evil.example/c.pem"),
    heads("jku elsewhere", Cause.JKU, jku="https://evil.example/jwks.json"),
    heads("jku with a query more", Cause.JKU, jku=f"{JWKS_URL}?x"),
    heads("jku with a fragment", Cause.JKU, jku=f"{JWKS_URL}#x"),
    heads("jku over http", Cause.JKU, jku=JWKS_URL.replace("https", "http")),
    heads("jku in capitals", Cause.JKU, jku=JWKS_URL.upper()),
    heads("jku with a user", Cause.JKU, jku="https://ehr.example@evil.example/jwks.json"),
    heads("jku to a file", Cause.JKU, jku="file:///etc/passwd"),
    heads("jku is null", Cause.JKU, jku=None),
    heads("jku is a list", Cause.JKU, jku=[JWKS_URL]),
    Row("keys by file, jku elsewhere", lambda: by_file(jku="https://evil.example/jwks.json"), Cause.JKU),
    Row("keys by file, jku over http", lambda: by_file(jku="http://file.example/jwks.json"), Cause.JKU),
    Row("keys by file, jku no address", lambda: by_file(jku="https://["), Cause.JKU),
    Row("keys by file, jku null", lambda: by_file(jku=7), Cause.JKU),
    # Issuer
    says("no issuer", Cause.ISSUER, iss=...),
    says("issuer unknown", Cause.ISSUER, iss="https://evil.example"),
    says("issuer with a slash more", Cause.ISSUER, iss=f"{ISSUER}/"),
    says("issuer in capitals", Cause.ISSUER, iss=ISSUER.upper()),
    says("issuer with a blank", Cause.ISSUER, iss=f" {ISSUER}"),
    says("issuer is a list", Cause.ISSUER, iss=[ISSUER]),
    says("issuer is null", Cause.ISSUER, iss=None),
    says("the public demo issuer", Cause.ISSUER, iss="https://sandbox.cds-hooks.org"),
    Row("issuer of another client, own key", lambda: signed(claims(AT, iss=OTHER, exp=AT + 100, tenant="north")), Cause.UNKNOWN_KEY),
    Row("issuer and kid of another client, own key", lambda: signed(claims(AT, iss=OTHER, exp=AT + 100, tenant="north"), header(kid="ES384-other")), Cause.SIGNATURE),
    # Audience
    says("no audience", Cause.AUDIENCE, aud=...),
    says("audience is empty", Cause.AUDIENCE, aud=""),
    says("audience is an empty list", Cause.AUDIENCE, aud=[]),
    says("audience is null", Cause.AUDIENCE, aud=None),
    says("audience is a number", Cause.AUDIENCE, aud=1),
    says("audience is an object", Cause.AUDIENCE, aud={SERVICE_URL: True}),
    says("a list with more than texts", Cause.AUDIENCE, aud=[SERVICE_URL, 5]),
    says("audience is the base", Cause.AUDIENCE, aud=BASE),
    says("audience is discovery", Cause.AUDIENCE, aud=f"{BASE}/cds-services"),
    says("audience is feedback", Cause.AUDIENCE, aud=f"{SERVICE_URL}/feedback"),
    says("audience is another service", Cause.AUDIENCE, aud=f"{BASE}/cds-services/other"),
    says("audience with a slash more", Cause.AUDIENCE, aud=f"{SERVICE_URL}/"),
    says("audience over http", Cause.AUDIENCE, aud=SERVICE_URL.replace("https", "http")),
    says("audience on another host", Cause.AUDIENCE, aud=SERVICE_URL.replace("cds.", "evil.")),
    says("audience is part of ours", Cause.AUDIENCE, aud=SERVICE_URL[:-1]),
    says("audience in capitals", Cause.AUDIENCE, aud=SERVICE_URL.upper()),
    says("subject is a number", Cause.SUBJECT, sub=5),
    # Times
    *(says(f"{name} {words}", Cause.TIMES, **{name: value}) for name in ("exp", "iat") for words, value in (
        ("missing", ...), ("null", None), ("a text", str(AT)), ("a fraction", AT + 0.5), ("a whole fraction", float(AT)), ("true", True), ("negative", -1), ("huge", 2**53 + 1), ("a list", [AT]),
    )),
    says("nbf a text", Cause.TIMES, nbf="now"),
    says("nbf null", Cause.TIMES, nbf=None),
    says("expired", Cause.EXPIRED, exp=AT - 60, iat=AT - 300),
    says("expired long ago", Cause.EXPIRED, exp=1_422_568_860, iat=1_311_280_970),
    says("expires at the beginning of time", Cause.EXPIRED, exp=0, iat=0),
    says("issued ahead", Cause.EARLY, iat=AT + 61, exp=AT + 200),
    says("not yet", Cause.EARLY, nbf=AT + 61),
    says("issued in milliseconds", Cause.EARLY, iat=AT * 1000, exp=AT * 1000 + 1),
    says("lives a second too long", Cause.LIFETIME, exp=AT + 3601),
    says("lives ten years", Cause.LIFETIME, exp=AT + 315_360_000),
    says("expires in milliseconds", Cause.LIFETIME, exp=AT * 1000),
    says("expires when issued", Cause.LIFETIME, exp=AT, iat=AT),
    says("expires before it is issued", Cause.LIFETIME, exp=AT - 10, iat=AT + 10),
    Row("lives longer than this client may", lambda: other_tenant(tenant="north", iat=AT - 21), Cause.LIFETIME),
    # jti and tenant
    *(says(f"jti {words}", Cause.JTI, jti=value) for words, value in (
        ("missing", ...), ("null", None), ("empty", ""), ("blank", "  "), ("a number", 5), ("a list", ["x"]), ("of 257 characters", "j" * 257), ("with a NUL", "a\0b"), ("with a line break", "a\nb"), ("that turns the text round", "a\u202eb"),
    )),
    says("tenant a number", Cause.TENANT, tenant=5),
    says("tenant empty", Cause.TENANT, tenant=""),
    says("tenant of 257 characters", Cause.TENANT, tenant="t" * 257),
    Row("tenant not listed", lambda: other_tenant(tenant="west"), Cause.TENANT),
    Row("tenant in capitals", lambda: other_tenant(tenant="NORTH"), Cause.TENANT),
    Row("tenant missing where some are listed", other_tenant, Cause.TENANT),
    Row("tenants in a list", lambda: other_tenant(tenant=["north"]), Cause.TENANT),
    # Signature
    Row("signed by a stranger", lambda: signed(claims(AT), by=key("ES384-evil")), Cause.SIGNATURE),
    Row("signature of another token", lambda: ".".join([*signed(claims(AT)).split(".")[:2], signed(claims(AT)).split(".")[2]]), Cause.SIGNATURE),
    Row("claims changed", tampered(lambda parts: parts.__setitem__(1, b64(claims(AT, jti="another")))), Cause.SIGNATURE),
    Row("header changed", tampered(lambda parts: parts.__setitem__(0, b64(header(cty="x")))), Cause.SIGNATURE),
    Row("signature of zeros", lambda: signed(claims(AT), signature=bytes(96)), Cause.SIGNATURE),
    Row("signature of one byte", lambda: signed(claims(AT), signature=b"\1"), Cause.SIGNATURE),
    Row("signature too long", lambda: signed(claims(AT), signature=bytes(97)), Cause.SIGNATURE),
    Row("signature in DER", lambda: signed(claims(AT), signature=bytes.fromhex("3006020101020101")), Cause.SIGNATURE),
    Row("RS384 signature of another size", lambda: signed(claims(AT), header(alg="RS384", kid="RS384"), signature=bytes(128)), Cause.SIGNATURE),
    is_signed("PSS where PKCS 1.5 is said", "RS384", "RS384", Cause.SIGNATURE, issuer=ISSUER, by="RS384-evil"),
)  # fmt: skip


@pytest.mark.parametrize("row", ROWS, ids=lambda each: each.name)
def test_verdict(row: Row) -> None:
    asked = sum(each.asked for each in WATCHED.values())
    token = row.token()
    found = verdict(f"Bearer {token}")
    assert (found if isinstance(found, Cause) else None) == row.cause
    if row.cause not in {None, Cause.UNKNOWN_KEY, Cause.SIGNATURE}:
        assert sum(each.asked for each in WATCHED.values()) == asked
    if row.cause is None:
        assert accepted_by_pyjwt(token)


def test_the_table_is_long_enough() -> None:
    assert len(ROWS) >= 120
    assert len({row.name for row in ROWS}) == len(ROWS)
    never_in_a_row = {Cause.MISSING, Cause.REPLAYED, Cause.KEYS_UNAVAILABLE}
    assert {row.cause for row in ROWS} - {None} == set(Cause) - never_in_a_row


@pytest.mark.parametrize(
    ("authorization", "cause"),
    [
        (None, Cause.MISSING),
        ("", Cause.MISSING),
        ("Bearer", Cause.SCHEME),
        ("Bearer ", Cause.SCHEME),
        ("Basic dXNlcjpwYXNz", Cause.SCHEME),
        ("Bearer  \t", Cause.SCHEME),
        ("x" * 8193, Cause.SIZE),
    ],
)
def test_other_headers(authorization, cause) -> None:
    assert verdict(authorization) == cause


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_has_no_case(scheme) -> None:
    assert isinstance(verdict(f"{scheme} {signed(claims(AT))}"), Caller)


def test_feedback_takes_its_own_and_the_services_audience() -> None:
    both = (f"{SERVICE_URL}/feedback", SERVICE_URL)
    for audience in both:
        assert isinstance(verdict(f"Bearer {signed(claims(AT, aud=audience))}", both), Caller)
    assert verdict(f"Bearer {signed(claims(AT, aud=f'{BASE}/cds-services'))}", both) is Cause.AUDIENCE


def test_what_is_known_of_a_caller() -> None:
    found = verdict(f"Bearer {other_tenant(tenant='south', jti='one')}")
    assert isinstance(found, Caller)
    assert (found.client.name, found.tenant, found.jti, found.expires) == ("other", "south", "one", AT + 160)


def accepted_by_pyjwt(token: str) -> bool:
    """The second opinion. Its clock runs on, so its borders are a little wider than ours."""
    head, said = jwt.get_unverified_header(token), jwt.decode(token, options={"verify_signature": False})
    client = VERIFIER.clients[said["iss"]]
    public = jwt.PyJWK(next(each for each in SETS[client.issuer]["keys"] if each["kid"] == head["kid"]), algorithm=head["alg"])
    jwt.decode(
        token,
        public,
        algorithms=list(client.algorithms),
        audience=[SERVICE_URL, *client.extra_audiences],
        issuer=client.issuer,
        leeway=600,
        options={"require": ["exp", "iat", "jti", "aud", "iss"]},
    )
    return True


values = (
    st.none()
    | st.booleans()
    | st.integers(AT - 4000, AT + 4000)
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([ISSUER, OTHER, SERVICE_URL, "ES384", "JWT", "RS384", ...])
)
names = st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "jti", "tenant", "sub", "foo"])
heading = st.sampled_from(["alg", "typ", "kid", "jku", "crit", "b64", "jwk", "x5c", "cty", "foo", "x5t"])


@given(
    st.dictionaries(names, values | st.lists(values.filter(lambda each: each is not ...), max_size=2), max_size=2), st.dictionaries(heading, values, max_size=2)
)
def test_whatever_we_take_pyjwt_takes(said, head) -> None:
    token = signed(claims(AT, **said), header(**head), algorithm="ES384")
    if isinstance(verdict(f"Bearer {token}"), Caller):
        assert accepted_by_pyjwt(token)


@given(st.text(max_size=300) | st.binary(max_size=300).map(lambda each: ".".join([b64(each)] * 3)))
def test_garbage_only_ever_has_a_cause(text) -> None:
    assert isinstance(verdict(f"Bearer {text}"), Cause)


KEYS = (
    ("a private key", {"d": "AAAA"}, "private or symmetric"),
    ("a symmetric key", {"kty": "oct", "k": "c2VjcmV0"}, "private or symmetric"),
    ("for encryption", {"use": "enc"}, "not meant for signatures"),
    ("for signing only", {"key_ops": ["sign"]}, "not meant for signatures"),
    ("no kid", {"kid": None}, "its kid"),
    ("a kid too long", {"kid": "k" * 257}, "its kid"),
    ("the wrong alg", {"alg": "RS384"}, "not those of a signature algorithm"),
    ("alg none", {"alg": "none"}, "not those of a signature algorithm"),
    ("alg is a list", {"alg": ["ES384"]}, "not those of a signature algorithm"),
    ("alg is an object", {"alg": {}}, "not those of a signature algorithm"),
    ("alg is null", {"alg": None}, "not those of a signature algorithm"),
    ("another curve", {"crv": "secp256k1"}, "not those of a signature algorithm"),
    ("a curve of another size", {"crv": "P-256"}, "do not make a key"),
    ("off the curve", {"x": "AAAA"}, "do not make a key"),
    ("kty is a list", {"kty": ["EC"]}, "not those of a signature algorithm"),
)


@pytest.mark.parametrize(("change", "words"), [row[1:] for row in KEYS], ids=[row[0] for row in KEYS])
def test_keys_that_are_never_used(change, words) -> None:
    found = keys.read(json.dumps(jwks(**change)).encode())
    assert not found.usable
    assert words in found.problems[0]


@pytest.mark.parametrize("bits", [512, 1024, 2047, 8200])
def test_rsa_keys_too_weak_or_too_large(bits) -> None:
    weak = {"keys": [{"kty": "RSA", "kid": "weak", "e": "AQAB", "n": b64((1 << (bits - 1) | 1).to_bytes((bits + 7) // 8))}]}
    assert "RSA key of less than 2048" in keys.read(json.dumps(weak).encode()).problems[0]


@pytest.mark.parametrize("document", [b"", b"{}", b"[]", b'{"keys": {}}', b'{"keys": [1]}', b"<html>", json.dumps({"keys": [{}] * 51}).encode()])
def test_what_is_no_key_set(document) -> None:
    with pytest.raises(keys.NotKeys):
        keys.read(document)


def test_good_keys_stay_beside_bad_ones() -> None:
    mixed = {"keys": [*jwks("ES384", d="AAAA")["keys"], *jwks("RS384", "ES384")["keys"], *jwks("ES384")["keys"]]}
    found = keys.read(json.dumps(mixed).encode())
    assert [each.kid for each in found.usable] == ["RS384", "ES384"]
    assert [each.split(":")[0] for each in found.problems] == ["key 1", "key 4"]
