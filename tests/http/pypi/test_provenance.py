"""Attestations that come with an upload, and the provenance made of them."""

from __future__ import annotations

import base64
import json

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import refused

WHEEL = a_wheel("foo", "1.0")
PATH = f"/integrity/foo/1.0/{WHEEL.filename}/provenance"
PUBLISH = "https://docs.pypi.org/attestations/publish/v1"
SLSA = "https://slsa.dev/provenance/v1"


def attestation(name=WHEEL.filename, sha256=WHEEL.sha256, predicate=PUBLISH, **other):
    statement = {
        "_type": "https://in-toto.io/Statement/v1",
        "subject": [{"name": name, "digest": {"sha256": sha256}}],
        "predicateType": predicate,
        "predicate": None,
    }
    encoded = base64.b64encode(json.dumps(statement).encode()).decode()
    return {
        "version": 1,
        "verification_material": {"certificate": "AA==", "transparency_entries": [{}]},
        "envelope": {"statement": encoded, "signature": "AA=="},
        **other,
    }


def test_they_are_served_as_they_were_sent(site):
    sent = [attestation(), attestation(predicate=SLSA)]
    site.publish(WHEEL, attestations=json.dumps(sent))
    answer = site.ask("GET", PATH, user="ann")
    assert answer.status_int == 200
    assert answer.headers["Content-Type"] == "application/vnd.pypi.integrity.v1+json"
    document = json.loads(answer.body)
    assert document["version"] == 1
    (bundle,) = document["attestation_bundles"]
    assert bundle["attestations"] == sent
    assert bundle["publisher"]["claims"] == {"user": "boss"}
    assert "immutable" not in answer.headers["Cache-Control"]
    assert len(site.stored()) == 3


def test_without_there_is_none(site):
    site.publish(WHEEL)
    assert site.ask("GET", PATH, user="ann").status_int == 404
    assert "provenance" not in site.entry("foo", WHEEL.filename)


@pytest.mark.parametrize(
    "path", [PATH.replace("/1.0/", "/1.1/"), PATH.replace("foo-", "bar-"), PATH.replace("/foo/", "/bar/")]
)
def test_of_another_file_there_is_none(site, path):
    site.publish(WHEEL, attestations=json.dumps([attestation()]))
    assert site.ask("GET", path, user="ann").status_int == 404


class TestPublicAddress:
    @pytest.fixture
    def ini(self):
        return {"server.public_url": "https://index.example"}

    def test_the_page_links_to_it_absolutely(self, site):
        site.publish(WHEEL, attestations=json.dumps([attestation()]))
        entry = site.entry("foo", WHEEL.filename)
        assert entry["provenance"] == "https://index.example" + PATH
        assert f'data-provenance="{entry["provenance"]}"' in site.html("foo")


@pytest.mark.parametrize(
    "sent",
    [
        "x",
        "{}",
        "[]",
        "null",
        "[[]]",
        "[" * 20_000,
        json.dumps([attestation()] * 2),
        json.dumps([attestation(), attestation(predicate=SLSA), attestation()]),
        json.dumps([attestation(name="other.whl")]),
        json.dumps([attestation(sha256="0" * 64)]),
        json.dumps([attestation(predicate="https://example.org/x")]),
        json.dumps([attestation(version=2)]),
        json.dumps([attestation(envelope={"statement": "!", "signature": "AA=="})]),
        json.dumps([attestation(envelope={"statement": "/w==", "signature": "AA=="})]),
        json.dumps(
            [attestation(envelope={"statement": base64.b64encode(b"[" * 20_000).decode(), "signature": ""})]
        ),
        json.dumps([attestation(verification_material={"certificate": "AA==", "transparency_entries": []})]),
        json.dumps([attestation(extra=float("nan"))]),
    ],
    ids=range(17),
)
def test_what_is_no_attestation_of_this_file_is_refused(shared, sent):
    with shared.unchanged():
        refused(shared.upload(WHEEL, attestations=sent), 400, "attestations")


def test_an_empty_field_says_nothing(site):
    site.publish(WHEEL, attestations="")
    assert site.ask("GET", PATH, user="ann").status_int == 404


def test_the_same_file_again_keeps_the_first_provenance(site):
    site.publish(WHEEL)
    with site.unchanged():
        site.publish(WHEEL, attestations=json.dumps([attestation()]))
    assert site.ask("GET", PATH, user="ann").status_int == 404
