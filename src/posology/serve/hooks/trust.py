"""Is a call signed by an EHR that is believed, for this service, now, and for the first time?

As the specification has it: a JWT in the Authorization header, signed with the private key of the EHR. What
is believed is fixed here and by the operator; nothing in a token says how it is to be checked. A key, the
address of one, or an algorithm that a token brings along is refused.
"""

from __future__ import annotations

import logging

import jwt

from posology.errors import UsageError

from ..problem import Refused
from ..settings import Settings
from . import clock
from .keys import ALGORITHMS, Keys, NoKeys, is_address, is_safe
from .replay import Full, Memory, Seen, SeenTogether

LEEWAY = 30.0
"""Seconds by which clocks may differ."""
LONGEST = 3600.0
"""Seconds from issue to expiry: one that is good for longer would have to be remembered for longer."""
LARGEST = 16_384
"""Characters of a token; one of an EHR has less than a thousand."""
BROUGHT = ("jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64")
"""Headers that say how a token is to be checked."""
_CLAIMS = ("iss", "aud", "exp", "iat", "jti")
_log = logging.getLogger("posology.serve")


class Trust:
    """Checks the Authorization of calls.

    One an application: it remembers the tokens that were used, together with the other processes of the server.
    """

    def __init__(self, settings: Settings) -> None:
        """Raises `UsageError` for settings by which nothing could be checked."""
        self._insecure = settings.insecure
        self._base = settings.public_url.rstrip("/")
        self._issuers = {each.iss: each for each in settings.issuers}
        self._keys = {each.iss: Keys(each) for each in settings.issuers}
        shared = settings.shared
        self._seen: Memory = SeenTogether(shared / "tokens.sqlite") if shared and self._issuers else Seen()
        if self._issuers and not self._base:
            raise UsageError(
                "signed calls name this server's address, which has to be given: --public-url https://cds.example.org"
            )
        for each in settings.issuers:
            if not is_safe(each.jwks_url):
                raise UsageError(
                    f"the keys of {each.iss} are read over https or from a file, not from {each.jwks_url}"
                )
        if self._insecure:
            _log.warning(
                "INSECURE: unsigned CDS Hooks calls are believed, and FHIR servers of this network may be asked. "
                "For a sandbox only; never with patients' data."
            )

    async def check(self, authorization: str, path: str) -> None:
        """Raises `Refused` (401, or 503 when nothing more can be remembered) unless the call may be answered.

        `path` is that of the service, such as ``/cds-services/NAME``.
        """
        kind, _, token = authorization.strip().partition(" ")
        if self._insecure and (not self._issuers or kind.lower() != "bearer"):
            return
        if not self._issuers:
            raise _refused(
                "no EHR is known here whose calls would be believed; start the server with an issuer, or, in a "
                "sandbox, with --insecure"
            )
        if kind.lower() != "bearer" or not token.strip():
            raise _refused("an Authorization header with a signed JWT is required: Bearer TOKEN")
        if len(token) > LARGEST:
            raise _refused(f"the token is longer than {LARGEST:,} characters")
        await self._token(token.strip(), path)

    async def _token(self, token: str, path: str) -> None:
        header, issuer = self._unverified(token)
        algorithm, kid = header["alg"], header["kid"]
        try:
            key = await self._keys[issuer].key(kid, algorithm)
        except NoKeys:
            raise Refused(503, "The key set of the issuer cannot be read at the moment.") from None
        if key is None:
            raise _refused("the issuer has no key of this id for this algorithm")
        audience = [f"{self._base}{path}"]
        if path.endswith("/feedback"):
            audience.append(audience[0].removesuffix("/feedback"))
        try:
            claims = jwt.decode(
                token,
                key,
                algorithms=[algorithm],
                audience=audience,
                issuer=issuer,
                leeway=LEEWAY,
                options={"require": list(_CLAIMS), "strict_aud": False},
            )
        except jwt.PyJWTError as error:
            raise _refused(_WHY.get(type(error), "the token is not valid")) from None
        self._once(claims, issuer)

    def _unverified(self, token: str) -> tuple[dict[str, str], str]:
        """Header and issuer as the token has them: enough to choose the key, and not believed beyond that."""
        try:
            header = jwt.get_unverified_header(token)
            claims = jwt.decode(token, options={"verify_signature": False})
        except (jwt.PyJWTError, ValueError, RecursionError):
            raise _refused("the token is not a JWT") from None
        brought = [name for name in BROUGHT if name in header]
        if brought:
            raise _refused(f"a token does not say how it is to be checked: {', '.join(brought)}")
        algorithm = header.get("alg")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise _refused(
                f"the token is signed in a way that is not believed; believed: {', '.join(ALGORITHMS)}"
            )
        if str(header.get("typ", "")).upper() != "JWT":
            raise _refused("the header's typ is JWT")
        if not isinstance(header.get("kid"), str) or not header["kid"]:
            raise _refused("the header needs the id of the key (kid)")
        issuer = claims.get("iss")
        if not isinstance(issuer, str) or issuer not in self._issuers:
            raise _refused("the issuer is not one that is believed here")
        where = self._issuers[issuer].jwks_url
        if "jku" in header and (not is_address(where) or header["jku"] != where):
            raise _refused("jku is not the address at which this issuer's keys are known here")
        return header, issuer

    def _once(self, claims: dict[str, object], issuer: str) -> None:
        jti, tenant = claims["jti"], claims.get("tenant", "")
        if not isinstance(jti, str) or not 0 < len(jti) <= 512:
            raise _refused("jti is a text of at most 512 characters")
        if not isinstance(tenant, str):
            raise _refused("tenant is a text")
        issued, expires, now = float(claims["iat"]), float(claims["exp"]), clock.seconds()  # type: ignore[arg-type]
        if not expires - issued <= LONGEST or not expires - now <= LONGEST + LEEWAY:
            raise _refused(f"the token is good for longer than {LONGEST / 60:.0f} minutes")
        if issued < self._seen.since - 1:  # many issuers count whole seconds
            raise _refused(
                "the token was issued before this server began, and may have been used; sign a new one"
            )
        try:
            if not self._seen.first(issuer, jti, expires + LEEWAY, now):
                raise _refused("the token was used before")
        except Full:
            raise Refused(503, "Too many tokens are in use at the moment.") from None


_WHY: dict[type[Exception], str] = {
    jwt.ExpiredSignatureError: "the token has expired",
    jwt.ImmatureSignatureError: "the token is from the future",
    jwt.InvalidAudienceError: "the token is for another service",
    jwt.InvalidSignatureError: "the signature does not fit",
    jwt.MissingRequiredClaimError: f"the token needs {', '.join(_CLAIMS)}",
}


def _refused(why: str) -> Refused:
    return Refused(401, f"Not answered: {why}.", headers={"WWW-Authenticate": 'Bearer realm="cds-services"'})
