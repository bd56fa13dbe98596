"""Several processes are one server: what one of them has believed, none of the others believes again."""

from __future__ import annotations

import json
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.acceptance.server_process import served
from tests.hook_calls import call, draft

ISS = "https://ehr.example.org"
PUBLIC = "https://cds.example.org"
SERVICE = "/cds-services/posology-order-sign"
TOKENS = 40
SENDS = 8
"""Times that each token is sent, at the same moment as far as that can be had."""
pytestmark = pytest.mark.xdist_group("serve-process")


def test_a_token_is_believed_once_by_all_processes_together(tmp_path: Path) -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(key.public_key()))
    keys = tmp_path / "keys.json"
    keys.write_text(json.dumps({"keys": [{**public, "kid": "k"}]}))
    body = json.dumps(call(draft("Amoxicillin 500 mg capsule"))).encode()
    options = ("--issuer", f"{ISS}={keys}", "--public-url", PUBLIC, "--workers", "2", "--rate", "0")
    with served(*options) as server:
        url = f"{server.url}{SERVICE}"
        now = time.time()
        tokens = [
            jwt.encode(
                {
                    "iss": ISS,
                    "aud": f"{PUBLIC}{SERVICE}",
                    "iat": now,
                    "exp": now + 300,
                    "jti": f"token {number}",
                },
                key,
                "ES384",
                headers={"kid": "k"},
            )
            for number in range(TOKENS)
        ]

        def send(token: str) -> tuple[str, int]:
            headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
            return token, client.post(url, content=body, headers=headers).status_code

        # A connection each, since a connection stays with the process that took it.
        each = httpx.Limits(max_keepalive_connections=0)
        with httpx.Client(timeout=60, limits=each) as client, ThreadPoolExecutor(2 * SENDS) as many:
            answers = list(many.map(send, [token for token in tokens for _ in range(SENDS)]))
        answered = Counter(status for _, status in answers)
        assert answered == {200: TOKENS, 401: TOKENS * (SENDS - 1)}
        assert all(
            count == 1 for count in Counter(token for token, status in answers if status == 200).values()
        )
        told = httpx.get(f"{server.url}/metrics", timeout=60).text
        assert f'status="200"}} {TOKENS}.0' in told
        assert not [line for line in server.said if "ERROR" in line or "WARNING" in line]
