"""Digests that come with an upload have to be right, each of them."""

from __future__ import annotations

import base64
import hashlib

import pytest

from tests.builders import a_wheel
from tests.http.pypi.site import refused

WHEEL = a_wheel("foo", "1.0")
FIELDS = {
    "md5_digest": WHEEL.digests["md5"],
    "sha256_digest": WHEEL.digests["sha256"],
    "blake2_256_digest": WHEEL.digests["blake2b_256"],
}


@pytest.mark.parametrize("field", FIELDS)
def test_one_digest_alone_is_enough(site, field):
    site.publish(WHEEL, **{field: FIELDS[field]})
    assert site.indexed("foo") == {WHEEL.filename: WHEEL.sha256}


def test_none_is_needed(site):
    site.publish(WHEEL)
    assert site.entry("foo", WHEEL.filename)["hashes"] == {"sha256": WHEEL.sha256}


@pytest.mark.promise(6)
def test_upper_case_is_the_same(site):
    site.publish(WHEEL, **{field: digest.upper() for field, digest in FIELDS.items()})
    assert site.entry("foo", WHEEL.filename)["hashes"] == {"sha256": WHEEL.sha256}


def test_an_empty_one_says_nothing(site):
    site.publish(WHEEL, md5_digest="", sha256_digest=FIELDS["sha256_digest"])


@pytest.mark.promise(6)
@pytest.mark.parametrize("field", FIELDS)
def test_one_that_is_wrong_spoils_the_upload_though_the_others_are_right(shared, field):
    digests = {**FIELDS, field: FIELDS[field][::-1]}
    with shared.unchanged():
        refused(shared.upload(WHEEL, **digests), 400, field)
    assert shared.indexed("foo") == {}


@pytest.mark.parametrize("field", FIELDS)
@pytest.mark.parametrize("digest", ["0", "xyz", "z" * 64, "z" * 32, "é" * 64, "0x" + "0" * 62, "a" * 5000])
def test_what_is_no_digest_is_refused(shared, field, digest):
    with shared.unchanged():
        refused(shared.upload(WHEEL, **{field: digest}), 400, field)


def test_base64_is_not_how_digests_are_written(shared):
    digest = base64.urlsafe_b64encode(hashlib.md5(WHEEL.content).digest()).decode()
    with shared.unchanged():
        refused(shared.upload(WHEEL, md5_digest=digest), 400, "md5_digest")


@pytest.mark.promise(7)
def test_the_digest_of_other_bytes_is_never_published(shared):
    other = a_wheel("foo", "2.0")
    with shared.unchanged():
        refused(shared.upload(WHEEL, sha256_digest=other.sha256), 400, "sha256_digest")
