"""What a signature of an identity token must be, and which signatures are none."""

from __future__ import annotations

import json

import pytest

from tests.support.issuer import ec_key, ed_key, public, rsa_key


class TestSignatures:
    @pytest.mark.promise(173)
    def test_other_algorithms(self, jobs, demo):
        issuer = jobs.issuer
        issuer.keys |= {"ec": ec_key(), "ed": ed_key()}
        assert jobs.mint(issuer.token(kid="ec", algorithm="ES256")).status_int == 200
        assert jobs.mint(issuer.token(kid="ed", algorithm="EdDSA")).status_int == 200

    @pytest.mark.promise(173)
    @pytest.mark.parametrize("algorithm", ["RS384", "RS512", "PS256"])
    def test_algorithms_that_are_not_accepted(self, jobs, demo, algorithm):
        assert jobs.refused(jobs.issuer.token(algorithm=algorithm)) == "invalid-token"

    @pytest.mark.promise(173)
    def test_none(self, jobs, demo):
        import jwt

        token = jwt.encode(jobs.issuer.payload(), None, algorithm="none", headers={"kid": "one"})
        assert jobs.refused(token) == "invalid-token"

    @pytest.mark.promise(173)
    def test_a_shared_secret_made_of_the_public_key(self, jobs, demo):
        import base64
        import hashlib
        import hmac

        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

        pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

        def packed(data: bytes) -> bytes:
            return base64.urlsafe_b64encode(data).rstrip(b"=")

        head = packed(json.dumps({"alg": "HS256", "kid": "one", "typ": "JWT"}).encode())
        signed = head + b"." + packed(json.dumps(jobs.issuer.payload()).encode())
        signature = packed(hmac.new(pem, signed, hashlib.sha256).digest())
        assert jobs.refused((signed + b"." + signature).decode()) == "invalid-token"

    @pytest.mark.promise(173)
    def test_another_key_under_the_right_id(self, jobs, demo):
        assert jobs.refused(jobs.issuer.token(key=rsa_key(number=1))) == "invalid-token"

    @pytest.mark.promise(173)
    def test_a_key_that_the_token_brings_along(self, jobs, demo):
        other = rsa_key(number=1)
        headers = {"jwk": public(other, "mine")}
        assert jobs.refused(jobs.issuer.token(kid=None, key=other, headers=headers)) == "invalid-token"
        headers = {"jku": f"{jobs.issuer.url}/mine", "x5u": f"{jobs.issuer.url}/mine"}
        assert jobs.refused(jobs.issuer.token(kid="mine", key=other, headers=headers)) == "invalid-token"
        assert jobs.issuer.requests["/mine"] == 0

    def test_an_unknown_id(self, jobs, demo):
        assert jobs.refused(jobs.issuer.token(kid="two", key=rsa_key())) == "invalid-token"

    def test_no_id_where_there_is_one_key(self, jobs, demo):
        assert jobs.mint(jobs.issuer.token(kid=None)).status_int == 200

    def test_no_id_where_there_are_two_keys(self, jobs, demo):
        jobs.issuer.keys["two"] = rsa_key(number=1)
        assert jobs.refused(jobs.issuer.token(kid=None)) == "invalid-token"

    @pytest.mark.parametrize("headers", [{"crit": ["exp"]}, {"crit": []}])
    def test_headers_that_are_not_understood(self, jobs, demo, headers):
        assert jobs.refused(jobs.issuer.token(headers=headers)) == "invalid-token"

    @pytest.mark.promise(173)
    def test_a_short_key(self, jobs, demo):
        jobs.issuer.keys["short"] = rsa_key(1024)
        with pytest.warns(match="key"):
            token = jobs.issuer.token(kid="short")
        assert jobs.refused(token) == "invalid-token"

    def test_a_key_that_is_for_something_else(self, jobs, demo):
        jobs.issuer.jwks = [public(rsa_key(), "one", use="enc")]
        assert jobs.refused() == "invalid-token"

    @pytest.mark.parametrize(
        "broken",
        [{"kty": "RSA", "kid": "one"}, {"kty": "RSA", "kid": "one", "n": "!", "e": 3}, {"kid": "one"}],
    )
    def test_a_key_that_is_none(self, jobs, demo, broken):
        jobs.issuer.jwks = [broken]
        assert jobs.refused() == "invalid-token"

    def test_a_changed_token(self, jobs, demo):
        head, _, signature = jobs.issuer.token().split(".")
        other = jobs.issuer.token(repository="evil/demo").split(".")[1]
        assert jobs.refused(f"{head}.{other}.{signature}") == "invalid-token"

    @pytest.mark.promise(173)
    @pytest.mark.parametrize(
        "token",
        ["", "x", "a.b.c", "..", "é.é.é", "\ud800", "a" * 20_000, "e30.e30.", "W10.W10.x", "pcl_x", "\0"],
    )
    def test_what_is_no_token(self, jobs, demo, token):
        answer = jobs.app.ask("POST", "/_/oidc/mint-token", body=json.dumps({"token": token}).encode())
        assert answer.status_int == 422
        assert answer.json["errors"][0]["code"] in {"invalid-token", "invalid-payload"}
