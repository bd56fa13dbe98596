"""Whose calls are believed: CDS Hooks 2.0, "Trusting CDS Clients", and the known attacks on JWTs."""

from __future__ import annotations

import base64
import json
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from posology.errors import UsageError
from posology.serve.app import create_app
from posology.serve.hooks import clock, keys
from posology.serve.settings import Issuer, Settings
from tests.hook_calls import Server, call, draft, in_pain

ISS = "https://fhir-ehr.example.com/"
AUD = "https://cds.example.org/cds-services/posology-order-sign"
EC_KEY = ec.generate_private_key(ec.SECP384R1())
RSA_KEY = rsa.generate_private_key(65537, 2048)
SMALL_RSA = rsa.generate_private_key(65537, 1024)
OTHER = ec.generate_private_key(ec.SECP384R1())
BODY = json.dumps(call(draft(), sent=in_pain())).encode()


def _jwk(key: Any, kid: str, **more: Any) -> dict[str, Any]:
    algorithm = (
        jwt.algorithms.ECAlgorithm
        if isinstance(key, ec.EllipticCurvePrivateKey)
        else jwt.algorithms.RSAAlgorithm
    )
    return {**json.loads(algorithm.to_jwk(key.public_key())), "kid": kid, **more}


def _key_set() -> list[dict[str, Any]]:
    return [
        _jwk(EC_KEY, "ec", use="sig", alg="ES384"),
        _jwk(RSA_KEY, "rsa"),
        _jwk(SMALL_RSA, "small"),
        _jwk(EC_KEY, "enc", use="enc"),
        _jwk(EC_KEY, "for-es512", alg="ES512"),
        {"kty": "oct", "kid": "secret", "k": base64.urlsafe_b64encode(b"x" * 48).decode()},
        {**_jwk(OTHER, "twice")},
        {**_jwk(EC_KEY, "twice")},
        {"kid": 5},
    ]


@pytest.fixture
def where(tmp_path: Path) -> Path:
    file = tmp_path / "jwks.json"
    file.write_text(json.dumps({"keys": _key_set()}))
    return file


@pytest.fixture
def trusting(where: Path) -> Server:
    return Server(insecure=False, issuers=(Issuer(ISS, str(where)),))


_count = iter(range(10**6))


def _token(
    key: Any = EC_KEY, algorithm: str = "ES384", header: dict[str, Any] | None = None, **claims: Any
) -> str:
    now = time.time()
    said = {"iss": ISS, "aud": AUD, "exp": now + 300, "iat": now, "jti": f"j{next(_count)}", **claims}
    said = {name: value for name, value in said.items() if value is not ...}
    with warnings.catch_warnings(action="ignore"):  # an attacker does not mind that a key is short
        return jwt.encode(said, key, algorithm, headers={"kid": "ec", "typ": "JWT", **(header or {})})


def _status(server: Server, token: str) -> int:
    answer = server.call(BODY, "order-sign", authorization=f"Bearer {token}")
    if answer.status_code == 401:
        assert answer.headers["www-authenticate"].startswith("Bearer")
        assert token not in answer.text
    return answer.status_code


def test_a_signed_call_is_answered(trusting: Server) -> None:
    assert _status(trusting, _token()) == 200
    assert _status(trusting, _token(aud=[AUD])) == 200
    assert _status(trusting, _token(tenant="2ddd6c3a-8e9a-44c6-a305-52111ad302a2")) == 200
    assert _status(trusting, _token(RSA_KEY, "RS384", {"kid": "rsa"})) == 200
    assert _status(trusting, _token(RSA_KEY, "PS512", {"kid": "rsa"})) == 200


def test_without_a_token_only_discovery_is_answered(trusting: Server) -> None:
    assert trusting.discovery()
    for headers in (
        {},
        {"authorization": "Basic eDp5"},
        {"authorization": "Bearer"},
        {"authorization": "Bearer a.b.c"},
    ):
        assert trusting.call(BODY, "order-sign", **headers).status_code == 401
    assert trusting.send("POST", "/cds-services/posology-order-sign/feedback", b"{}").status_code == 401


def test_without_issuers_every_call_is_refused() -> None:
    server = Server(insecure=False)
    assert server.call(BODY, "order-sign").status_code == 401
    assert _status(server, _token()) == 401


def test_insecure_is_said_aloud(caplog: pytest.LogCaptureFixture) -> None:
    create_app(Settings(insecure=True))
    assert "INSECURE" in caplog.text


def _with_header(token: str, **header: Any) -> str:
    head, rest = token.split(".", 1)
    told = json.loads(base64.urlsafe_b64decode(head + "==")) | header
    return base64.urlsafe_b64encode(json.dumps(told).encode()).rstrip(b"=").decode() + "." + rest


def _unsigned(**header: Any) -> str:
    return _with_header(_token(), **header).rsplit(".", 1)[0] + "."


def _confused() -> str:
    """Signed with HMAC, the public key being the secret: what a verifier that believes `alg` would accept."""
    pem = RSA_KEY.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    import hashlib
    import hmac

    head, body, _ = _with_header(_token(RSA_KEY, "RS384", {"kid": "rsa"}), alg="HS256").split(".")
    mac = hmac.new(pem, f"{head}.{body}".encode(), hashlib.sha256).digest()
    return f"{head}.{body}." + base64.urlsafe_b64encode(mac).rstrip(b"=").decode()


ATTACKS: dict[str, Callable[[], str]] = {
    "no signature": lambda: _unsigned(alg="none"),
    "no signature, spelt otherwise": lambda: _unsigned(alg="None"),
    "an algorithm that is a list": lambda: _unsigned(alg=["ES384"]),
    "signature cut off": lambda: _token().rsplit(".", 1)[0] + ".",
    "public key as secret": _confused,
    "shared secret of the key set": lambda: _token("x" * 48, "HS384", {"kid": "secret"}),
    "a weaker algorithm": lambda: _token(RSA_KEY, "RS256", {"kid": "rsa"}),
    "a short key": lambda: _token(SMALL_RSA, "RS384", {"kid": "small"}),
    "another key": lambda: _token(OTHER),
    "key of another kind": lambda: _token(EC_KEY, "ES384", {"kid": "rsa"}),
    "key for encryption": lambda: _token(EC_KEY, "ES384", {"kid": "enc"}),
    "key for another algorithm": lambda: _token(EC_KEY, "ES384", {"kid": "for-es512"}),
    "an id that two keys have": lambda: _token(EC_KEY, "ES384", {"kid": "twice"}),
    "unknown key id": lambda: _token(OTHER, "ES384", {"kid": "mine"}),
    "no key id": lambda: _with_header(_token(), kid=""),
    "key id that is a path": lambda: _token(OTHER, "ES384", {"kid": "../../../dev/null"}),
    "brings its key": lambda: _token(OTHER, "ES384", {"jwk": _jwk(OTHER, "ec")}),
    "brings even the right key": lambda: _token(header={"jwk": _jwk(EC_KEY, "ec")}),
    "brings the address of its key": lambda: _token(OTHER, "ES384", {"jku": "https://evil.example.com/jwks"}),
    "brings an address though keys are a file": lambda: _token(
        header={"jku": "https://evil.example.com/jwks"}
    ),
    "brings a certificate": lambda: _token(OTHER, "ES384", {"x5c": ["MIIB"]}),
    "brings the address of a certificate": lambda: _token(
        OTHER, "ES384", {"x5u": "https://evil.example.com/c"}
    ),
    "not a JWT by its type": lambda: _token(header={"typ": "at+jwt"}),
    "wrong audience": lambda: _token(aud="https://cds.example.org/cds-services/other"),
    "audience of the whole server": lambda: _token(aud="https://cds.example.org"),
    "audience of another host": lambda: _token(aud="http://test/cds-services/posology-order-sign"),
    "no audience": lambda: _token(aud=...),
    "wrong issuer": lambda: _token(iss="https://evil.example.com/"),
    "issuer almost right": lambda: _token(iss=ISS.rstrip("/")),
    "no issuer": lambda: _token(iss=...),
    "expired": lambda: _token(iat=time.time() - 900, exp=time.time() - 600),
    "from the future": lambda: _token(iat=time.time() + 600, exp=time.time() + 900),
    "not yet valid": lambda: _token(nbf=time.time() + 600),
    "no expiry": lambda: _token(exp=...),
    "no time of issue": lambda: _token(iat=...),
    "good for years": lambda: _token(exp=time.time() + 10**8),
    "issued long ago, good for years": lambda: _token(iat=1311280970),
    "times that are no numbers": lambda: _token(exp="tomorrow"),
    "an endless time": lambda: _unsigned(alg="ES384"),
    "no jti": lambda: _token(jti=...),
    "empty jti": lambda: _token(jti=""),
    "huge jti": lambda: _token(jti="x" * 600),
    "jti that is a number": lambda: _token(jti=5),
    "huge, and else good": lambda: _token(more="x" * 20_000),
    "nested deeply": lambda: _raw(b"[" * 5000 + b"]" * 5000),
    "claims that are no object": lambda: _raw(b'["iss"]'),
    "claims that are no JSON": lambda: _raw(b"iss"),
    "the last of two times has passed": lambda: _twice("exp", time.time() + 300, time.time() - 300),
    "the last of two audiences is another": lambda: _twice("aud", AUD, "https://evil.example.com"),
    "the last of two issuers is another": lambda: _twice("iss", ISS, "https://evil.example.com/"),
    "an extension that must be understood": lambda: _token(header={"crit": ["exp"], "exp": 1}),
    "an unencoded payload": lambda: _token(header={"b64": False}),
    "a fingerprint of a certificate": lambda: _token(OTHER, "ES384", {"x5t": "abc"}),
    "key id of a query": lambda: _token(OTHER, "ES384", {"kid": "ec' OR '1'='1"}),
    "a fourth part": lambda: _token() + ".e30",
    "a padded part": lambda: _token().replace(".", "=.", 1),
    "two tokens": lambda: f"{_token()}, {_token()}",
    "tenant that is a list": lambda: _token(tenant=["a"]),
}


def _raw(claims: bytes) -> str:
    """Any bytes as claims, signed as the EHR would."""
    return jwt.api_jws.encode(claims, EC_KEY, "ES384", headers={"kid": "ec", "typ": "JWT"})


def _twice(claim: str, first: Any, last: Any) -> str:
    """A claim that stands twice. RFC 7519, 4: refused, or the last one counts."""
    said = jwt.decode(_token(**{claim: first}), options={"verify_signature": False})
    return _raw(json.dumps(said)[:-1].encode() + f', "{claim}": {json.dumps(last)}}}'.encode())


@pytest.mark.parametrize("attack", ATTACKS)
def test_attacks_are_refused(trusting: Server, attack: str) -> None:
    assert _status(trusting, ATTACKS[attack]()) == 401


def test_a_token_is_believed_once(trusting: Server) -> None:
    token = _token(jti="once")
    assert _status(trusting, token) == 200
    assert _status(trusting, token) == 401
    assert _status(trusting, _token(jti="once")) == 401, "the same jti in another token"


def test_what_was_issued_before_the_server_began_may_have_been_used(where: Path) -> None:
    """Its memory does not outlive a server: without this a new start would believe the old tokens again."""
    token = _token(iat=time.time() - 3)
    assert _status(Server(insecure=False, issuers=(Issuer(ISS, str(where)),)), token) == 401
    whole = _token(iat=int(time.time()))
    assert _status(Server(insecure=False, issuers=(Issuer(ISS, str(where)),)), whole) == 200


def test_a_refused_token_does_not_use_up_its_id(trusting: Server) -> None:
    assert _status(trusting, _token(OTHER, jti="shared")) == 401
    assert _status(trusting, _token(jti="shared")) == 200


def test_feedback_is_signed_for_itself_or_for_its_service(trusting: Server) -> None:
    body = b'{"feedback": [{"card": "4e0a3a1e-3283-4575-ab82-028d55fe2719", "outcome": "overridden", ' \
        b'"outcomeTimestamp": "2020-12-11T00:00:00Z"}]}'  # fmt: skip
    for aud in (AUD, f"{AUD}/feedback"):
        answer = trusting.send(
            "POST",
            "/cds-services/posology-order-sign/feedback",
            body,
            authorization=f"Bearer {_token(aud=aud)}",
        )
        assert answer.status_code == 200
    assert _status(trusting, _token(aud=f"{AUD}/feedback")) == 401


def test_jku_must_be_the_address_of_the_list(monkeypatch: pytest.MonkeyPatch) -> None:
    async def read(_where: str) -> bytes:
        return json.dumps({"keys": _key_set()}).encode()

    monkeypatch.setattr(keys, "_bytes", read)
    address = "https://fhir-ehr.example.com/jwk_uri"
    server = Server(insecure=False, issuers=(Issuer(ISS, address),))
    assert _status(server, _token(header={"jku": address})) == 200
    assert _status(server, _token(header={"jku": f"{address}?x"})) == 401


def test_the_example_of_the_specification(monkeypatch: pytest.MonkeyPatch) -> None:
    """Header and claims of "Trusting CDS Clients"; it is for another service and has expired, and else it is good."""

    async def read(_where: str) -> bytes:
        return json.dumps({"keys": [_jwk(EC_KEY, "example-kid")]}).encode()

    monkeypatch.setattr(keys, "_bytes", read)
    jku = "https://fhir-ehr.example.com/jwk_uri"
    server = Server(insecure=False, issuers=(Issuer(ISS, jku),))
    header = {"alg": "ES384", "typ": "JWT", "kid": "example-kid", "jku": jku}
    example = {
        "iss": "https://fhir-ehr.example.com/",
        "aud": "https://cds.example.org/cds-services/some-service",
        "exp": 1422568860,
        "iat": 1311280970,
        "jti": "ee22b021-e1b7-4611-ba5b-8eec6a33ac1e",
        "tenant": "2ddd6c3a-8e9a-44c6-a305-52111ad302a2",
    }
    now = int(time.time())
    good = {**example, "aud": AUD, "iat": now, "exp": now + 300}
    for changed, status in (
        (example, 401),
        ({**good, "aud": example["aud"]}, 401),
        ({**good, "iat": example["iat"], "exp": example["exp"]}, 401),
        (good, 200),
        (good, 401),
    ):
        assert _status(server, _token(EC_KEY, "ES384", header, **changed)) == status


def test_keys_are_read_again_when_a_new_one_is_used(where: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server = Server(insecure=False, issuers=(Issuer(ISS, str(where)),))
    assert _status(server, _token()) == 200
    where.write_text(json.dumps({"keys": [_jwk(OTHER, "new")]}))
    assert _status(server, _token(OTHER, "ES384", {"kid": "new"})) == 401, "not asked for at every unknown id"
    monkeypatch.setattr(keys, "AGAIN", 0.0)
    assert _status(server, _token(OTHER, "ES384", {"kid": "new"})) == 200
    where.write_text("not a key set")
    assert _status(server, _token(OTHER, "ES384", {"kid": "new"})) == 200, "good keys outlive a bad moment"


def test_a_key_set_that_cannot_be_read_is_no_reason_to_believe(tmp_path: Path) -> None:
    for text in ("", "{}", '{"keys": 5}', '{"keys": [' + ",".join(["{}"] * 200) + "]}"):
        file = tmp_path / "bad.json"
        file.write_text(text)
        assert _status(Server(insecure=False, issuers=(Issuer(ISS, str(file)),)), _token()) == 503
    assert _status(Server(insecure=False, issuers=(Issuer(ISS, str(tmp_path / "none")),)), _token()) == 503


def test_settings_by_which_nothing_could_be_checked_are_refused(where: Path) -> None:
    with pytest.raises(UsageError, match="--public-url"):
        create_app(Settings(issuers=(Issuer(ISS, str(where)),)))
    with pytest.raises(UsageError, match="https or from a file"):
        Server(insecure=False, issuers=(Issuer(ISS, "http://fhir-ehr.example.com/jwk_uri"),))


def test_insecure_still_checks_a_token_where_an_issuer_is_known(where: Path) -> None:
    server = Server(insecure=True, issuers=(Issuer(ISS, str(where)),))
    assert server.call(BODY, "order-sign").status_code == 200
    assert _status(server, _token(OTHER)) == 401
    assert clock.seconds() > 0
