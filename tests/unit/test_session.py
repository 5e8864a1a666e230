"""Who is calling: tokens that are accepted, and every kind that must not be."""

import base64
import json
import time
from collections.abc import Callable
from types import EllipsisType
from typing import Final

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given
from hypothesis import strategies as st

from petition.auth.session import MAX_VERIFIED, Authenticator
from petition.auth.session_settings import SessionSettings
from petition.config.settings import SettingsError
from petition.errors import PetitionError, Unauthenticated, UpstreamBusy, UpstreamError
from petition.validation import JsonValue

USER: Final = "01a20728-9052-717c-aaa2-3a6dfb7658c9"
SECRET: Final = "a made-up secret of 32 bytes and more"
URL: Final = "https://abc.supabase.co"
EC_KEY: Final = ec.generate_private_key(ec.SECP256R1())
RSA_KEY: Final = rsa.generate_private_key(65537, 2048)
STRANGER: Final = ec.generate_private_key(ec.SECP256R1())


def public_jwk(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, key_id: str) -> dict[str, JsonValue]:
    if isinstance(key, ec.EllipticCurvePrivateKey):
        described = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key())) | {"alg": "ES256"}
    else:
        described = json.loads(jwt.algorithms.RSAAlgorithm.to_jwk(key.public_key())) | {"alg": "RS256"}
    named: dict[str, JsonValue] = described | {"kid": key_id, "use": "sig"}
    return named


class Project(Authenticator):
    """An authenticator whose key set comes from a list, with the fetches counted."""

    def __init__(self, settings: SessionSettings, *jwks: JsonValue) -> None:
        self.jwks = list(jwks)
        self.fetches = 0
        self.failure: PetitionError | None = None
        super().__init__(lambda: settings)

    def _fetch_keys(self) -> object:
        self.fetches += 1
        if self.failure:
            raise self.failure
        return {"keys": self.jwks}


def settings(**values: str) -> SessionSettings:
    environ = {"SUPABASE_URL": URL, "SUPABASE_JWT_SECRET": SECRET} | values
    return SessionSettings.load(environ)


@pytest.fixture
def project() -> Project:
    return Project(settings(), public_jwk(EC_KEY, "ec"), public_jwk(RSA_KEY, "rsa"))


def claims(**changed: JsonValue | EllipsisType) -> dict[str, JsonValue]:
    """Return the usual claims with some changed. `...` leaves one out."""
    now = int(time.time())
    usual: dict[str, JsonValue | EllipsisType] = {
        "sub": USER, "aud": "authenticated", "role": "authenticated", "iss": f"{URL}/auth/v1",
        "iat": now, "exp": now + 3600, "email": "organizer@example.org",
    }  # fmt: skip
    return {name: value for name, value in (usual | changed).items() if not isinstance(value, EllipsisType)}


def es256(
    key_id: str | None = "ec", key: ec.EllipticCurvePrivateKey = EC_KEY, **changed: JsonValue | EllipsisType
) -> str:
    return jwt.encode(claims(**changed), key, "ES256", headers={"kid": key_id} if key_id else None)


def rs256(**changed: JsonValue | EllipsisType) -> str:
    return jwt.encode(claims(**changed), RSA_KEY, "RS256", headers={"kid": "rsa"})


def hs256(secret: str | bytes = SECRET, **changed: JsonValue | EllipsisType) -> str:
    return jwt.encode(claims(**changed), secret, "HS256")


def forge(header: dict[str, JsonValue], signature: str = "c2lnbmF0dXJl") -> str:
    parts = (json.dumps(part).encode() for part in (header, claims()))
    return ".".join([*(base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts), signature])


def bearer(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}


SIGNERS: Final[list[Callable[..., str]]] = [es256, rs256, hs256]


@pytest.mark.parametrize("sign", SIGNERS)
def test_a_token_signed_by_the_project_counts(project: Project, sign: Callable[..., str]) -> None:
    assert project.verify(sign()).user_id == USER


@pytest.mark.parametrize("sign", SIGNERS)
@pytest.mark.parametrize(
    "changed",
    [
        {"exp": 1},
        {"exp": int(time.time()) - 11},
        {"exp": ...},
        {"exp": "soon"},
        {"exp": float("inf")},
        {"aud": "other"},
        {"aud": ...},
        {"aud": []},
        {"role": "anon"},
        {"role": "service_role"},
        {"role": ...},
        {"role": None},
        {"sub": "admin"},
        {"sub": ""},
        {"sub": ...},
        {"sub": 7},
        {"sub": None},
        {"iss": "https://other.supabase.co/auth/v1"},
        {"iss": ""},
        {"nbf": 32_503_680_000},
    ],
    ids=lambda changed: (
        str(changed) if changed.get("exp") in {None, 1, ..., "soon"} else "an end that has passed or never comes"
    ),
)
def test_a_well_signed_token_with_wrong_claims_does_not(
    project: Project, sign: Callable[..., str], changed: dict[str, JsonValue | EllipsisType]
) -> None:
    with pytest.raises(Unauthenticated):
        project.verify(sign(**changed))


def _pem(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> bytes:
    return key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def hs256_with_public_key(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, key_id: str) -> str:
    """The classic key confusion. PyJWT refuses to sign like this; an attacker does not."""
    signer = jwt.algorithms.HMACAlgorithm(jwt.algorithms.HMACAlgorithm.SHA256)
    unsigned = forge({"alg": "HS256", "typ": "JWT", "kid": key_id}).rpartition(".")[0]
    signature = signer.sign(unsigned.encode(), _pem(key))
    return f"{unsigned}.{base64.urlsafe_b64encode(signature).decode().rstrip('=')}"


GOOD: Final = es256()
FORGERIES: Final = {
    "another key under a known id": es256(key=STRANGER),
    "another secret": hs256("another made-up secret of 32 bytes."),
    "RS256 key id with an ES256 signature": es256("rsa"),
    "ES256 without key id": es256(None),
    "unknown key id": es256("unknown"),
    "HS256 with the EC key's PEM": hs256_with_public_key(EC_KEY, "ec"),
    "HS256 with the RSA key's PEM": hs256_with_public_key(RSA_KEY, "rsa"),
    "alg none": forge({"alg": "none", "typ": "JWT"}, "x"),
    "alg None": forge({"alg": "None", "kid": "ec"}),
    "alg null": forge({"alg": None, "kid": "ec"}),
    "alg missing": forge({"kid": "ec"}),
    "alg a list": forge({"alg": ["HS256"], "kid": "ec"}),
    "HS384": jwt.encode(claims(), SECRET + SECRET, "HS384", headers={"kid": "ec"}),
    "key in the header": jwt.encode(
        claims(), STRANGER, "ES256", headers={"kid": "ec", "jwk": public_jwk(STRANGER, "ec")}
    ),
    "key's address in the header": jwt.encode(
        claims(), STRANGER, "ES256", headers={"kid": "ec", "jku": "https://evil.example/jwks.json"}
    ),
    "key id a path": es256("../../etc/passwd"),
    "key id a number": forge({"alg": "ES256", "kid": 1}),
    "critical extension": jwt.encode(claims(), EC_KEY, "ES256", headers={"kid": "ec", "crit": ["x"], "x": 1}),
    "truncated": es256()[:-5],
    "signature cut to nothing": es256().rpartition(".")[0] + ".",
    "two parts": ".".join(es256().split(".")[:2]),
    "four parts": es256() + ".x",
    "body exchanged": ".".join([GOOD.split(".")[0], hs256(exp=4e9).split(".")[1], GOOD.split(".")[2]]),
    "line break at the end": es256() + "\n",
    "empty": "",
    "dots": "..",
    "not ASCII": "é.é.é",
    "NUL": "\0",
    "lone surrogate": "\ud800.a.b",
    "deeply nested header": base64.urlsafe_b64encode(b"[" * 5000).decode().rstrip("=") + ".e30.AAAA",
    "huge": "a." + "b" * 1_000_000 + ".c",
    "huge but signed": hs256(user_metadata="x" * 10_000),
}  # fmt: skip


@pytest.mark.parametrize("token", FORGERIES.values(), ids=FORGERIES.keys())
def test_a_forged_token_never_counts_and_its_answer_tells_nothing(project: Project, token: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        project.verify(token)
    assert str(caught.value) == Unauthenticated.message
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__ or caught.value.__context__ is None


@given(token=st.text() | st.from_regex(r"[\w-]{0,40}\.[\w-]{0,40}\.[\w-]{0,40}"))
def test_no_text_is_a_token_by_chance(token: str) -> None:
    with pytest.raises(Unauthenticated):
        Project(settings(), public_jwk(EC_KEY, "ec")).verify(token)


@given(position=st.integers(0), bit=st.integers(0, 5))
def test_a_token_with_one_bit_changed_does_not_count(position: int, bit: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    place = position % (len(GOOD) - 1)  # the last digit of a signature holds bits that mean nothing
    if GOOD[place] == ".":
        return
    digit = alphabet[alphabet.index(GOOD[place]) ^ (1 << bit)]
    with pytest.raises(Unauthenticated):
        Project(settings(), public_jwk(EC_KEY, "ec")).verify(GOOD[:place] + digit + GOOD[place + 1 :])


def test_hs256_does_not_count_where_the_project_sets_no_secret() -> None:
    project = Project(settings(SUPABASE_JWT_SECRET=""), public_jwk(EC_KEY, "ec"))
    with pytest.raises(Unauthenticated):
        project.verify(hs256())
    assert project.fetches == 0


def test_a_symmetric_key_in_the_published_set_does_not_count() -> None:
    published: JsonValue = {
        "kty": "oct", "kid": "ec", "alg": "HS256", "k": base64.urlsafe_b64encode(SECRET.encode()).decode(),
    }  # fmt: skip
    project = Project(settings(SUPABASE_JWT_SECRET=""), published)
    with pytest.raises(Unauthenticated):
        project.verify(jwt.encode(claims(), SECRET, "HS256", headers={"kid": "ec"}))


def test_a_session_counts_for_ten_seconds_after_its_end(project: Project) -> None:
    assert project.verify(hs256(exp=int(time.time()) - 5)).user_id == USER


def test_a_session_that_was_verified_before_ends_all_the_same(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    token = es256()
    end = project.verify(token).expires
    monkeypatch.setattr("time.time", lambda: end + 9.9)
    assert project.verify(token).user_id == USER
    monkeypatch.setattr("time.time", lambda: end + 10)
    with pytest.raises(Unauthenticated):
        project.verify(token)


def test_a_token_without_an_issuer_counts_unless_the_project_sets_one() -> None:
    assert Project(settings()).verify(hs256(iss=...)).user_id == USER
    with pytest.raises(Unauthenticated):
        Project(settings(SUPABASE_JWT_ISSUER=f"{URL}/auth/v1")).verify(hs256(iss=...))


def test_the_issuer_that_the_project_sets_is_the_only_one() -> None:
    project = Project(settings(SUPABASE_JWT_ISSUER="https://auth.example.org/auth/v1"))
    assert project.verify(hs256(iss="https://auth.example.org/auth/v1")).user_id == USER
    with pytest.raises(Unauthenticated):
        project.verify(hs256())


def test_the_user_id_is_canonical(project: Project) -> None:
    assert project.verify(hs256(sub=USER.upper())).user_id == USER


# --- where the token comes from


def cookie(token: str, name: str = "sb-abc-auth-token") -> dict[str, str]:
    return {name: json.dumps({"access_token": token})}


def test_a_cookie_counts(project: Project) -> None:
    assert project.authenticate({}, cookie(es256())).user_id == USER


def test_the_bearer_token_wins_over_the_cookie(project: Project) -> None:
    other = "11111111-1111-4111-8111-111111111111"
    assert project.authenticate(bearer(es256(sub=other)), cookie(es256())).user_id == other


@pytest.mark.parametrize(
    "header", ["Bearer x", "Bearer", "Bearer ", "bearer a.b.c", f"Bearer {hs256()},Bearer {hs256()}"]
)
def test_a_bad_bearer_token_is_not_made_good_by_a_cookie(project: Project, header: str) -> None:
    with pytest.raises(Unauthenticated):
        project.authenticate({"authorization": header}, cookie(es256()))


@pytest.mark.parametrize("header", ["bearer {}", "BEARER   {}", " Bearer {} "])
def test_the_scheme_is_written_in_any_case(project: Project, header: str) -> None:
    assert project.authenticate({"authorization": header.format(hs256())}, {}).user_id == USER


def test_another_scheme_is_passed_over(project: Project) -> None:
    assert project.authenticate({"authorization": "Basic eDp5"}, cookie(es256())).user_id == USER
    with pytest.raises(Unauthenticated):
        project.authenticate({"authorization": "Basic eDp5"}, {})


def test_no_token_is_no_session(project: Project) -> None:
    with pytest.raises(Unauthenticated):
        project.authenticate({}, {})
    assert project.fetches == 0


@pytest.mark.parametrize(
    ("url", "given_name", "name"),
    [
        (URL, "", "sb-abc-auth-token"),
        ("http://127.0.0.1:54321", "", "sb-127-auth-token"),
        ("http://localhost:54321/", "", "sb-localhost-auth-token"),
        ("https://auth.example.org", "", "sb-auth-auth-token"),
        (URL, "petition-session", "petition-session"),
    ],
)
def test_the_cookie_is_named_as_supabase_ssr_names_it(url: str, given_name: str, name: str) -> None:
    assert settings(SUPABASE_URL=url, SUPABASE_COOKIE_NAME=given_name).cookie_name == name


def test_the_cookie_of_another_project_is_passed_over(project: Project) -> None:
    with pytest.raises(Unauthenticated):
        project.authenticate({}, cookie(es256(), "sb-other-auth-token"))


# --- settings and what is shown


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("SUPABASE_URL", ""),
        ("SUPABASE_URL", "abc.supabase.co"),
        ("SUPABASE_URL", "http://abc.supabase.co"),
        ("SUPABASE_URL", "ftp://abc.supabase.co"),
        ("SUPABASE_URL", "https://user:word@abc.supabase.co"),
        ("SUPABASE_URL", "https://"),
        ("SUPABASE_URL", "https://[abc"),
        ("SUPABASE_JWT_SECRET", "short"),
    ],
)
def test_broken_settings_are_named_and_not_shown(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name) as caught:
        settings(**{name: value})
    assert not value or value not in str(caught.value)


def test_nothing_of_the_token_is_shown(project: Project) -> None:
    token = es256()
    shown = repr(project.verify(token)) + repr(project) + repr(settings())
    assert "example.org" not in shown
    assert SECRET not in shown
    assert token.split(".")[2] not in shown


def test_a_session_cannot_be_changed(project: Project) -> None:
    with pytest.raises(AttributeError):
        project.verify(es256()).user_id = "other"  # type: ignore[misc]


# --- what it costs


def test_the_keys_are_fetched_once(project: Project) -> None:
    for _ in range(100):
        project.verify(es256())
        project.verify(rs256())
    assert project.fetches == 1


def test_a_token_that_the_secret_verifies_fetches_nothing(project: Project) -> None:
    project.verify(hs256())
    assert project.fetches == 0


def test_made_up_key_ids_fetch_once_more_and_then_no_more(project: Project) -> None:
    project.verify(es256())
    for number in range(100):
        with pytest.raises(Unauthenticated):
            project.verify(es256(str(number)))
    assert project.fetches == 2


@pytest.mark.parametrize("header", [{"alg": "none", "kid": "new"}, {"alg": "HS512", "kid": "new"}, {"alg": "ES256"}])
def test_a_token_that_no_key_could_verify_fetches_nothing(project: Project, header: dict[str, JsonValue]) -> None:
    with pytest.raises(Unauthenticated):
        project.verify(forge(header))
    assert project.fetches == 0


def test_a_token_is_verified_once_and_known_again(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    token = es256()
    project.verify(token)
    monkeypatch.setattr("jwt.decode", None)
    assert project.verify(token).user_id == USER


def test_tokens_are_not_remembered_without_bound(project: Project) -> None:
    for number in range(MAX_VERIFIED + 10):
        project.verify(hs256(nonce=number))
    assert len(project._verified) == MAX_VERIFIED


def test_a_token_that_failed_is_not_remembered(project: Project) -> None:
    with pytest.raises(Unauthenticated):
        project.verify(es256(key=STRANGER))
    assert not project._verified


def test_a_key_that_was_revoked_ends_the_sessions_that_it_signed(project: Project) -> None:
    token = es256()
    project.verify(token)
    project.jwks = [public_jwk(RSA_KEY, "rsa")]
    with pytest.raises(Unauthenticated):
        project.verify(es256("makes it fetch again"))
    with pytest.raises(Unauthenticated):
        project.verify(token)


def test_a_failed_fetch_keeps_the_old_keys(project: Project) -> None:
    project.verify(es256())
    project.failure = UpstreamError()
    with pytest.raises(Unauthenticated):
        project.verify(es256("unknown"))
    assert project.verify(es256(nonce=1)).user_id == USER


def test_keys_that_were_never_there_are_no_fault_of_the_caller(project: Project) -> None:
    project.failure = UpstreamError()
    with pytest.raises(UpstreamError):
        project.verify(es256())
    with pytest.raises(UpstreamBusy):
        project.verify(es256())
    assert project.fetches == 1
