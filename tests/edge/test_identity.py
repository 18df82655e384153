"""W-1: who is let in, and who is not."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from mangaassist import settings
from mangaassist.domain.customers import GUEST, Identity
from mangaassist.edge.identity import COOKIE, MAX_CUSTOMER, MAX_TOKEN, TokenVerifier, token_of
from mangaassist.edge.signing_keys import SigningKeys
from mangaassist.errors import ServiceFailure, Unauthenticated
from mangaassist.testing.clock import START
from tests.edge.tokens import (
    ED_KEY,
    ISSUER,
    KEY,
    KEYS,
    RSA_KEY,
    SKEW_S,
    claims,
    forged,
    jwk,
    signed,
    token,
    verifier_of,
)  # fmt: skip


@pytest.fixture
def verifier() -> TokenVerifier:
    return verifier_of()


async def refused(verifier: TokenVerifier, bad: str) -> None:
    with pytest.raises(Unauthenticated, match="Sign in again"):
        await verifier.identify(bad)


async def test_no_token_is_a_guest(verifier: TokenVerifier) -> None:
    assert await verifier.identify(None) == GUEST


@pytest.mark.parametrize(
    ("kid", "key", "alg"), [("k1", KEY, "ES256"), ("r1", RSA_KEY, "RS256"), ("e1", ED_KEY, "EdDSA")]
)
async def test_a_token_signed_with_a_published_key_is_its_customers(
    verifier: TokenVerifier, kid: str, key: Any, alg: str
) -> None:
    good = token(kid, key, alg)
    assert await verifier.identify(good) == Identity("aiko", good, START + timedelta(seconds=600 + SKEW_S))


# ---- signatures


def pem_of(key: Any) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    "bad",
    [
        forged("none", b""),
        forged("None", b""),
        forged("", b""),
        forged("HS256", pem_of(KEY)),
        forged("HS256", pem_of(RSA_KEY), kid="r1"),
        forged("HS256", json.dumps(KEYS[0]).encode()),
        forged("HS256", b"secret", jwk={"kty": "oct", "k": "c2VjcmV0"}, kid=None),
        forged("ES256", b"x" * 32),
        forged(["ES256"], b"x"),
        token("k1", RSA_KEY, "RS256"),
        token("r1", KEY, "ES256"),
        token("r1", RSA_KEY, "RS512"),
        token("k1", ec.generate_private_key(ec.SECP256R1())),
        token("unknown"),
        token(None),
        signed(json.dumps(claims()).encode(), kid=None, jwk=KEYS[0]),
        signed(json.dumps(claims()).encode(), crit=["exp"], exp=1),
    ],
)
async def test_only_a_published_key_by_its_own_algorithm_signs_for_anybody(verifier: TokenVerifier, bad: str) -> None:
    await refused(verifier, bad)


SECRET = base64.urlsafe_b64encode(b"s" * 32).decode()


@pytest.mark.parametrize(
    ("entry", "bad"),
    [
        ({"kty": "oct", "k": SECRET, "kid": "o"}, lambda: jwt.encode(claims(), "s" * 32, "HS256", {"kid": "o"})),
        (jwk(KEY, "o", use="enc"), lambda: token("o")),
        (jwk(KEY, "o", key_ops=["sign"]), lambda: token("o")),
        (jwk(KEY, "o", alg="HS256"), lambda: token("o")),
        (jwk(RSA_KEY, "o", alg="PS512"), lambda: token("o", RSA_KEY, "PS512")),
        (jwk(WEAK := rsa.generate_private_key(65537, 1024), "o"), lambda: token("o", WEAK, "RS256")),
        (jwk(WIDE := ec.generate_private_key(ec.SECP384R1()), "o"), lambda: token("o", WIDE, "ES384")),
    ],
)
@pytest.mark.filterwarnings("ignore:The RSA key is 1024 bits long")
async def test_a_published_key_that_is_not_for_such_signatures_is_none(entry: object, bad: Callable[[], str]) -> None:
    await refused(verifier_of(entry, *KEYS), bad())


@pytest.mark.parametrize(
    "broken",
    [
        None, 7, "k", [], {}, {"kty": "EC"}, {"kty": "EC", "crv": "P-256", "x": 5, "y": None, "kid": "k1"},
        {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA", "kid": "k1"}, {"kty": "RSA", "n": "", "e": "", "kid": "k1"},
        {"kty": "RSA", "n": "AQAB", "e": 3}, {"kty": "OKP", "crv": "Ed25519", "x": "!"}, {"kty": ["EC"]}, {"kty": "oct"},
        {"kty": "EC", "crv": "secp256k1", "x": "AA", "y": "AA"}, {"kty": "quantum"}, {"kty": "EC", "alg": {}, "key_ops": 5},
        jwk(KEY, None) | {"kid": 5}, jwk(KEY, None, use=["sig"]), jwk(KEY, None, crv=["P-256"]), jwk(RSA_KEY, None, e="AA"),
    ],
)  # fmt: skip
async def test_one_broken_key_does_not_spoil_the_others(broken: object) -> None:
    assert (await verifier_of(broken, *KEYS).identify(token())).customer_id == "aiko"


async def test_a_token_that_names_no_key_is_checked_with_the_only_one() -> None:
    assert (await verifier_of(jwk(KEY, "k1")).identify(token(kid=None))).customer_id == "aiko"
    assert (await verifier_of(jwk(KEY, None)).identify(token(kid=None))).customer_id == "aiko"
    await refused(verifier_of(jwk(RSA_KEY, "r1")), token(kid=None))


# ---- claims


@pytest.mark.parametrize(
    "other",
    [
        {"iss": "http://elsewhere"}, {"iss": f"{ISSUER}/"}, {"iss": None}, {"iss": [ISSUER]},
        {"aud": "another shop"}, {"aud": None}, {"aud": []}, {"aud": ["another shop", ""]}, {"aud": {"mangaassist": 1}},
        {"aud": [["mangaassist"]]},
        {"sub": None}, {"sub": ""}, {"sub": " "}, {"sub": "\t\n"}, {"sub": " aiko"}, {"sub": "aiko\n"}, {"sub": 7},
        {"sub": ["aiko"]}, {"sub": {}}, {"sub": True}, {"sub": "a\x00b"}, {"sub": "a\u202eb"}, {"sub": "\ud800"},
        {"sub": "a" * (MAX_CUSTOMER + 1)},
        {"exp": None}, {"exp": str(int(START.timestamp()) + 600)}, {"exp": True}, {"exp": []}, {"exp": -1}, {"exp": -1e300},
        {"exp": 1e300}, {"exp": 10**18}, {"exp": 10**400}, {"exp": float("inf")}, {"exp": float("-inf")},
        {"exp": float("nan")}, {"exp": {}},
        {"nbf": float("nan")}, {"nbf": float("inf")}, {"nbf": 10**30}, {"nbf": "now"}, {"nbf": -5},
        {"iat": float("nan")}, {"iat": 10**400}, {"iat": "now"}, {"iat": []},
    ],
)  # fmt: skip
async def test_a_token_that_says_anything_odd_is_refused(verifier: TokenVerifier, other: dict[str, Any]) -> None:
    payload = claims(**other)
    await refused(verifier, signed(json.dumps(payload).encode()))


@pytest.mark.parametrize(
    "payload",
    [b"", b"null", b"[]", b"7", b'"aiko"', b"{", b"\xff\xfe", b"[" * 5000, b'{"sub":' * 900 + b"1" + b"}" * 900],
)
async def test_a_signed_token_that_says_nothing_is_refused(verifier: TokenVerifier, payload: bytes) -> None:
    await refused(verifier, signed(payload))


def encoded(header: bytes) -> str:
    return f"{base64.urlsafe_b64encode(header).rstrip(b'=').decode()}.e30.AAAA"


@pytest.mark.parametrize(
    "bad",
    [
        "", ".", "..", "...", "nonsense", "a.b", "a.b.c.d.e", "=.=.=", "Bearer x", "eyJhbGciOiJub25lIn0.e30.", "\x00", "tökén",
        encoded(b"[" * 5000), encoded(b'{"alg":' * 800), encoded(b"[]"), encoded(b"null"), encoded(b'{"alg":"ES256","kid":7}'),
        encoded(b'{"alg":"ES256","kid":null}'), encoded(b'{"alg":["ES256"]}'), encoded(b'{"alg":{}}'), encoded(b"\xff"),
        encoded(b'{"alg":"ES256","kid":"k1","crit":7}'), encoded(b'{"alg":"ES256","kid":"k1","b64":false,"crit":["b64"]}'),
    ],
)  # fmt: skip
async def test_what_is_no_token_is_refused(verifier: TokenVerifier, bad: str) -> None:
    await refused(verifier, bad)


async def test_a_token_over_eight_kib_is_refused_before_any_work() -> None:
    asked = 0

    async def fetch() -> bytes:
        nonlocal asked
        asked += 1
        return json.dumps({"keys": KEYS}).encode()

    verifier = TokenVerifier(SigningKeys(fetch, lambda: 1000.0), settings.Identity(issuer=ISSUER), lambda: START)
    long = token(note="x" * MAX_TOKEN)
    for bad in (long, "x" * 10_000_000, "." * (MAX_TOKEN + 1)):
        await refused(verifier, bad)
    assert asked == 0
    assert len(fits := token(note="x" * 5_500)) <= MAX_TOKEN
    assert (await verifier.identify(fits)).customer_id == "aiko"


async def test_a_token_for_several_is_one_for_us_when_one_of_them_is() -> None:
    verifier = verifier_of(audience=("web", "app"))
    for aud in ("web", "app", ["someone", "app"]):
        assert (await verifier.identify(token(aud=aud))).customer_id == "aiko"
    await refused(verifier, token(aud="mangaassist"))


async def test_the_clocks_may_be_apart_by_so_much_and_no_more(verifier: TokenVerifier) -> None:
    now = START.timestamp()
    late = await verifier.identify(token(exp=now - SKEW_S + 1))
    assert late.expires_at == START + timedelta(seconds=1)  # a socket that opens with it is not closed at once
    with pytest.raises(Unauthenticated, match="expired"):
        await verifier.identify(token(exp=now - SKEW_S))
    for claim in ("nbf", "iat"):
        assert (await verifier.identify(token(**{claim: now + SKEW_S}))).customer_id == "aiko"
        await refused(verifier, token(**{claim: now + SKEW_S + 1}))


async def test_without_skew_a_token_is_good_to_its_second() -> None:
    verifier = verifier_of(clock_skew_s=0)
    now = START.timestamp()
    assert (await verifier.identify(token(exp=now + 1))).expires_at == START + timedelta(seconds=1)
    await refused(verifier, token(exp=now))


async def test_another_claim_may_name_the_customer() -> None:
    verifier = verifier_of(customer_claim="https://shop.example/customer")
    named = {"https://shop.example/customer": "cus-aiko"}
    assert (await verifier.identify(token(**named))).customer_id == "cus-aiko"
    assert (await verifier.identify(token(sub=None, **named))).customer_id == "cus-aiko"
    await refused(verifier, token())


@pytest.mark.parametrize(
    ("roles", "is_operator"),
    [("operator", True), (["staff", "operator"], True), (None, False), ("operators", False), ({"operator": 1}, False)],
)
async def test_an_operator_is_who_the_provider_says_is_one(roles: Any, is_operator: bool) -> None:
    """O-6, G-7."""
    for claim, verifier in (("roles", verifier_of()), ("cognito:groups", verifier_of(role_claim="cognito:groups"))):
        assert (await verifier.identify(token(**{claim: roles}))).is_operator is is_operator
    assert not (await verifier_of(operator_role="auditor").identify(token(roles=roles))).is_operator


async def test_keys_that_cannot_be_had_are_the_providers_failure() -> None:
    async def away() -> bytes:
        raise ServiceFailure("identity", "unreachable")

    verifier = TokenVerifier(SigningKeys(away, lambda: 1000.0), settings.Identity(issuer=ISSUER), lambda: START)
    assert await verifier.identify(None) == GUEST
    with pytest.raises(ServiceFailure):
        await verifier.identify(token())


# ---- whatever comes


def json_values(*, numbers: st.SearchStrategy[float]) -> st.SearchStrategy[Any]:
    return st.recursive(
        st.none() | st.booleans() | st.integers() | numbers | st.text(max_size=20),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
        max_leaves=8,
    )


JSON = json_values(numbers=st.floats(allow_nan=False, allow_infinity=False))
ODD = json_values(numbers=st.floats())
"""As Python writes and reads it, ``NaN`` and ``Infinity`` included."""
HEADERS = st.fixed_dictionaries(
    {},
    optional={
        "alg": st.sampled_from(["RS256", "ES256", "EdDSA", "HS256", "none"]) | ODD,
        "kid": st.just("k1") | ODD,
        "crit": ODD,
        "b64": ODD,
    },
)
SAID = st.fixed_dictionaries(
    {},
    optional={
        "iss": st.just(ISSUER) | ODD, "aud": st.just("mangaassist") | ODD, "sub": st.just("aiko") | ODD,
        "exp": st.just(START.timestamp() + 9) | ODD, "nbf": ODD, "iat": ODD,
    },
)  # fmt: skip


def part(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


JUNK = st.one_of(
    st.text(max_size=200),
    st.binary(max_size=200).map(lambda data: data.decode("latin-1")),
    st.lists(st.binary(max_size=60).map(part), max_size=5).map(".".join),
    st.tuples(HEADERS, SAID, st.binary(max_size=64)).map(
        lambda made: ".".join((part(json.dumps(made[0]).encode()), part(json.dumps(made[1]).encode()), part(made[2])))
    ),
)


@given(JUNK)
async def test_no_junk_is_ever_taken_for_a_token_or_for_a_mistake_of_ours(junk: str) -> None:
    await refused(verifier_of(), junk)


@given(SAID)
async def test_whatever_a_provider_signs_is_a_customer_or_refused(said: dict[str, Any]) -> None:
    try:
        identity = await verifier_of().identify(signed(json.dumps(said).encode()))
    except Unauthenticated:
        return
    assert said["iss"] == ISSUER
    assert identity.customer_id == said["sub"]
    assert identity.customer_id


MEMBERS = st.sampled_from(["kty", "kid", "crv", "alg", "use", "x", "y", "n", "e", "key_ops"])


@given(st.lists(JSON | st.dictionaries(MEMBERS, JSON), max_size=4))
async def test_whatever_a_provider_publishes_beside_a_good_key_that_key_is_good(entries: list[object]) -> None:
    verifier = verifier_of(*entries, jwk(KEY, "the one"))
    assert (await verifier.identify(token("the one"))).customer_id == "aiko"


# ---- where a token is


def call(*headers: tuple[str, str], subprotocols: list[str] | None = None) -> dict[str, Any]:
    sent = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    return {"headers": sent} | ({} if subprotocols is None else {"subprotocols": subprotocols})


def test_the_token_is_read_from_header_cookie_or_subprotocol_in_this_order() -> None:
    header, cookie = ("authorization", "Bearer from-header"), ("cookie", "a=b; session-token=from-cookie")
    offered = ["mangaassist.v1", "bearer.from-protocol"]
    assert token_of(call(header, cookie, subprotocols=offered)) == "from-header"
    assert token_of(call(cookie, subprotocols=offered)) == "from-cookie"
    assert token_of(call(subprotocols=offered)) == "from-protocol"
    assert token_of(call(subprotocols=["mangaassist.v1"])) is None
    assert token_of(call()) is None


@pytest.mark.parametrize("header", ["Basic abc", "Bearer", "Bearer  ", "", "bearertoken", "Token abc"])
def test_another_kind_of_authorization_is_refused_rather_than_taken_for_a_guest(header: str) -> None:
    with pytest.raises(Unauthenticated):
        token_of(call(("authorization", header), ("cookie", "session-token=good")))


def test_two_authorizations_are_refused() -> None:
    with pytest.raises(Unauthenticated):
        token_of(call(("authorization", "Bearer one"), ("authorization", "Bearer one")))


@pytest.mark.parametrize(
    "cookies",
    [
        'prefs={"a":1}; session-token=good', 'session-token=good; prefs={"a":1,"b":[1,2]}', "flag; session-token=good",
        "session-token=good; flag", "cart[0]=x; session-token=good", "[ ]=1; session-token=good",
        "name=\xe4\xf6; session-token=good", "\xe4=1; session-token=good", 'quoted="a b"; session-token=good',
        'open="a; session-token=good', ";;; session-token=good", "=; =x; session-token=good", "session-token=good;",
        "a=b=c; session-token=good", "$Version=1; session-token=good", "session-token = good",
        "\tsession-token=\tgood \t", 'session-token="good"', "session-token=good; session-token=other",
        "Session-Token=other; session-token=good", "xsession-token=other; session-token=good",
        "session-token; session-token=good", "expires=Thu, 01 Jan 1970 00:00:00 GMT; session-token=good",
        "a=b,session-token=other; session-token=good",
    ],
)  # fmt: skip
def test_an_odd_neighbour_does_not_hide_the_session(cookies: str) -> None:
    assert token_of(call(("cookie", cookies))) == "good"


@pytest.mark.parametrize(
    "cookies",
    [
        "", "session-token", "session-token=", 'session-token=""', "Session-Token=x", "session_token=x", "a=session-token=x",
        "xsession-token=x", "session-token-2=x", 'a="b, session-token=x"', "session-token=; session-token=stale",
    ],
)  # fmt: skip
def test_what_is_no_session_cookie_is_taken_for_none(cookies: str) -> None:
    assert token_of(call(("cookie", cookies))) is None


def test_cookies_that_come_in_several_headers_are_all_read() -> None:
    assert token_of(call(("cookie", "a=b"), ("cookie", "flag"), ("cookie", "session-token=good"))) == "good"
    assert token_of(call(("cookie", "session-token=first"), ("cookie", "session-token=second"))) == "first"


NEIGHBOURS = st.lists(
    st.text(st.characters(max_codepoint=255, exclude_characters=";")).filter(
        lambda text: text.partition("=")[0].strip(" \t") != COOKIE
    ),
    max_size=6,
)


@given(NEIGHBOURS, NEIGHBOURS, st.from_regex(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*", fullmatch=True))
def test_whatever_its_neighbours_the_session_is_found_and_nothing_else_is_taken_for_it(
    before: list[str], after: list[str], value: str
) -> None:
    assert token_of(call(("cookie", ";".join((*before, f" {COOKIE}={value}", *after))))) == value
    assert token_of(call(("cookie", ";".join((*before, *after))))) is None


# ---- providers whose access tokens name the app that was signed in to: Cognito


COGNITO = {"audience": ("shop",), "audience_claim": "client_id", "token_use": "access"}


async def test_an_access_token_may_name_its_app_where_the_settings_say_so() -> None:
    good = token(aud=None, client_id="shop", token_use="access")
    assert (await verifier_of(**COGNITO).identify(good)).customer_id == "aiko"


@pytest.mark.parametrize(
    "other",
    [
        {"aud": "shop", "client_id": None},
        {"client_id": "elsewhere"},
        {"client_id": ["elsewhere"]},
        {"client_id": 7},
        {"token_use": "id"},
        {"token_use": None},
    ],
)
async def test_a_token_of_another_app_or_of_another_use_is_none_where_both_are_expected(other: dict[str, Any]) -> None:
    said = {"aud": None, "client_id": "shop", "token_use": "access"} | other
    await refused(verifier_of(**COGNITO), token(**said))


async def test_an_app_is_no_audience_where_the_settings_do_not_say_so(verifier: TokenVerifier) -> None:
    await refused(verifier, token(aud=None, client_id="mangaassist"))
