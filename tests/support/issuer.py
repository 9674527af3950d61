"""An issuer of identity tokens over real HTTP, with real keys, and what a CI system gives its jobs."""

from __future__ import annotations

import json
import threading
import time
import uuid
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

AUDIENCE = "packages.example.org"
REPOSITORY = "acme/demo"


@cache
def rsa_key(bits: int = 2048, number: int = 0) -> rsa.RSAPrivateKey:
    """A key; making one takes a while, so each is made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=bits)


def ec_key(curve: type[ec.EllipticCurve] = ec.SECP256R1) -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(curve())


def ed_key() -> ed25519.Ed25519PrivateKey:
    return ed25519.Ed25519PrivateKey.generate()


def public(key: Any, kid: str | None, **more: Any) -> dict[str, Any]:
    """The public half of a key as a JWK; what is None is left out."""
    algorithm = {
        rsa.RSAPrivateKey: RSAAlgorithm,
        ec.EllipticCurvePrivateKey: ECAlgorithm,
        ed25519.Ed25519PrivateKey: OKPAlgorithm,
    }[
        next(
            base
            for base in (rsa.RSAPrivateKey, ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey)
            if isinstance(key, base)
        )
    ]
    told = algorithm.to_jwk(key.public_key(), as_dict=True)
    told.pop("key_ops", None)
    return {
        name: value for name, value in {**told, "kid": kid, "use": "sig", **more}.items() if value is not None
    }


@dataclass
class Issuer:
    """Serves its discovery document and keys, and signs what it is asked to.

    ``now`` is the time that its tokens are made at. ``keys`` maps ids to private keys; ``jwks`` goes before
    them. ``replace`` maps paths to a status and body that are answered instead. While ``open`` is cleared
    it is silent.
    """

    keys: dict[str, Any] = field(default_factory=lambda: {"one": rsa_key()})
    jwks: list[dict[str, Any]] | None = None
    now: Callable[[], float] = time.time
    replace: dict[str, tuple[int, bytes, dict[str, str]]] = field(default_factory=dict)
    open: threading.Event = field(default_factory=threading.Event)
    requests: Counter[str] = field(default_factory=Counter)
    request_token: str = "the job's own secret"
    claims: dict[str, Any] = field(default_factory=dict)
    """What the tokens say that jobs ask for, beside the usual."""

    def __enter__(self) -> Self:
        issuer = self
        issuer.open.set()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                issuer._answer(self)

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.open.set()
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ini(self) -> dict[str, str]:
        """The settings that make a server trust it."""
        return {
            "oidc.issuers": "ci",
            "oidc.audience": AUDIENCE,
            "oidc.ci.url": self.url,
            "oidc.ci.kind": "github",
        }

    @property
    def environ(self) -> dict[str, str]:
        """What GitHub Actions sets for a job that may have identity tokens."""
        return {
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            "ACTIONS_ID_TOKEN_REQUEST_URL": f"{self.url}/job?version=1",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN": self.request_token,
        }

    def payload(self, **more: Any) -> dict[str, Any]:
        """What a token of a job says; what is None is left out."""
        now = int(self.now())
        said = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": f"repo:{REPOSITORY}:ref:refs/heads/main",
            "jti": str(uuid.uuid4()),
            "iat": now,
            "nbf": now,
            "exp": now + 300,
            "repository": REPOSITORY,
            "repository_id": "11",
            "repository_owner": REPOSITORY.partition("/")[0],
            "repository_owner_id": "22",
            "job_workflow_ref": f"{REPOSITORY}/.github/workflows/release.yml@refs/heads/main",
            "ref": "refs/heads/main",
            "sha": "f" * 40,
            "run_id": "33",
            "actor": "ann",
            **self.claims,
            **more,
        }
        return {name: value for name, value in said.items() if value is not None}

    def token(
        self,
        *,
        kid: str | None = "one",
        key: Any = None,
        algorithm: str = "RS256",
        headers: dict[str, Any] | None = None,
        **more: Any,
    ) -> str:
        """A signed token."""
        head = {**({"kid": kid} if kid is not None else {}), **(headers or {})}
        body = json.dumps(self.payload(**more)).encode()  # signed as it is, be it ever so wrong
        return jwt.PyJWS().encode(body, key or self.keys[kid or "one"], algorithm=algorithm, headers=head)

    def _answer(self, handler: BaseHTTPRequestHandler) -> None:
        parts = urlsplit(handler.path)
        self.requests[parts.path] += 1
        self.open.wait()
        status, body, headers = self.replace.get(parts.path) or (200, self._body(handler, parts), {})
        handler.send_response(status if body is not None else 404)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Type", "application/json")
        handler.send_header("Content-Length", str(len(body or b"")))
        handler.end_headers()
        handler.wfile.write(body or b"")

    def _body(self, handler: BaseHTTPRequestHandler, parts: Any) -> bytes | None:
        match parts.path:
            case "/.well-known/openid-configuration":
                return json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"}).encode()
            case "/keys":
                told = [public(key, kid) for kid, key in self.keys.items()]
                return json.dumps({"keys": self.jwks if self.jwks is not None else told}).encode()
            case "/job":
                sent = handler.headers.get("Authorization", "").lower()
                if sent != f"bearer {self.request_token}".lower():
                    return None
                (audience,) = parse_qs(parts.query)["audience"]
                return json.dumps({"value": self.token(aud=audience)}).encode()
        return None
