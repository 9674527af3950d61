"""Storage in a bucket while the store misbehaves: how long we try, what is said and what is logged."""

from __future__ import annotations

import logging
import resource
import time
from dataclasses import replace

import pytest

from pypicloud_like.core.errors import MissingBytes, NoSpace, Unavailable
from pypicloud_like.storage.s3 import S3Storage
from tests.unit.storage.scripted_s3 import crc32_header, problem
from tests.unit.storage.sources import MIB, SECRET, Zeros, get, put

pytestmark = pytest.mark.usefixtures("no_pauses")
SLOW_DOWN = problem(503, "SlowDown")


@pytest.fixture
def storage(bucket_storage):
    return bucket_storage


def logged(caplog) -> list[str]:
    return [record.getMessage() for record in caplog.records if record.levelno >= logging.WARNING]


def drain(body, into: bytearray) -> None:
    while piece := body.read(50_000):
        into += piece


@pytest.mark.promise(46)
@pytest.mark.parametrize(
    "trouble",
    [SLOW_DOWN, problem(500, "InternalError"), (502, b""), (503, b""), (429, b""), problem(429, "SlowDown")],
    ids=["SlowDown", "500", "502", "503", "429", "429 SlowDown"],
)
def test_passing_trouble_is_tried_again(script, storage, trouble):
    script.answers.extend([trouble, trouble])
    put(storage, "v1/a", b"bytes")
    assert script.seen() == ["PUT", "PUT", "PUT", "HEAD"]
    script.answers.append(trouble)
    assert get(storage, "v1/a") == b"bytes"


@pytest.mark.promise(45, 46)
@pytest.mark.parametrize("trouble", [SLOW_DOWN, (429, b"")], ids=["503", "429"])
def test_lasting_trouble_is_given_up(script, storage, caplog, trouble):
    script.always = trouble
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"bytes")
    assert script.seen() == ["PUT"] * 3
    assert len(logged(caplog)) == 1


@pytest.mark.promise(45)
def test_the_number_of_attempts_is_a_setting(script, settings):
    script.always = SLOW_DOWN
    with pytest.raises(Unavailable):
        S3Storage(replace(settings, max_attempts=1)).stat("v1/a")
    assert script.seen() == ["HEAD"]


@pytest.mark.promise(46, 57)
@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (problem(403, "AccessDenied"), "AccessDenied no (the access key may not do this)"),
        (problem(403, "InvalidAccessKeyId"), "the access key is unknown"),
        (problem(403, "SignatureDoesNotMatch"), "the secret key or the region is wrong"),
        (problem(400, "ExpiredToken"), "the session token has expired"),
        (problem(404, "NoSuchBucket"), "the bucket does not exist"),
        (problem(403, "RequestTimeTooSkewed"), "RequestTimeTooSkewed no (clock skew"),
        (problem(403, "Odd", f"{SECRET}\nsecond \x85line"), "Odd ******** second  line"),
    ],
)
def test_lasting_faults_are_named_once_and_not_tried_again(script, storage, caplog, answer, words):
    script.always = answer
    for call in (lambda: put(storage, "v1/a", b"bytes"), lambda: storage.open("v1/a")):
        caplog.clear()
        script.requests.clear()
        with pytest.raises(Unavailable) as refused:
            call()
        assert len(script.requests) == 1
        (line,) = logged(caplog)
        assert line.startswith("storage: bucket bucket: cannot ")
        assert words in line
        assert SECRET not in line + caplog.text + str(refused.value)
        assert line.isprintable()
        assert "bucket" not in str(refused.value)


@pytest.mark.promise(46)
def test_a_bucket_in_another_region(script, storage, caplog):
    script.always = problem(301, "PermanentRedirect")
    with pytest.raises(Unavailable):
        storage.open("v1/a")
    assert "the bucket is in another region" in logged(caplog)[0]
    assert script.seen() == ["GET", "HEAD"]


@pytest.mark.promise(46)
def test_a_missing_bucket_is_no_missing_object(script, storage):
    assert storage.stat("v1/a") is None
    script.always = (404, b"")
    with pytest.raises(Unavailable):
        storage.stat("v1/a")
    with pytest.raises(Unavailable):
        storage.check()
    script.always = problem(404, "NoSuchBucket")
    for call in (lambda: storage.delete("v1/a"), lambda: list(storage.list("v1/"))):
        with pytest.raises(Unavailable):
            call()
    script.always = problem(404, "NoSuchKey")
    with pytest.raises(MissingBytes):
        storage.open("v1/a")
    storage.delete("v1/a")


@pytest.mark.parametrize(
    "answer", [(507, b""), problem(403, "QuotaExceeded"), problem(507, "XMinioStorageFull")]
)
def test_a_full_store(script, storage, answer):
    script.always = answer
    with pytest.raises(NoSpace):
        put(storage, "v1/a", b"bytes")


def test_no_room_to_spool_what_cannot_seek(script, storage):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (MIB, hard))
    source = Zeros(5 * MIB, seeks=False)
    try:
        with pytest.raises(NoSpace):
            storage.put("v1/a", source, size=5 * MIB, sha256=source.sha256)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert script.requests == []


@pytest.mark.promise(33, 45)
def test_a_store_that_hangs_is_given_up_after_one_timeout(script, settings):
    script.hang = 20
    storage = S3Storage(replace(settings, read_timeout=0.3))
    storage._client()
    began = time.monotonic()
    with pytest.raises(Unavailable):
        storage.open("v1/a")
    assert time.monotonic() - began < 10
    assert script.seen() == ["GET"]


@pytest.mark.promise(45)
def test_a_store_that_fails_slowly_is_given_up(script, settings):
    script.hang = 0.2
    script.always = SLOW_DOWN
    storage = S3Storage(replace(settings, read_timeout=0.3, max_attempts=10))
    with pytest.raises(Unavailable):
        storage.open("v1/a")
    assert script.seen() == ["GET"]


def test_a_store_that_is_away(settings, caplog):
    storage = S3Storage(replace(settings, endpoint_url="http://127.0.0.1:1"))
    began = time.monotonic()
    for call in (storage.check, lambda: put(storage, "v1/a", b"1"), lambda: storage.open("v1/a")):
        with pytest.raises(Unavailable):
            call()
    assert time.monotonic() - began < 10
    assert len(logged(caplog)) == 3
    assert "Could not connect" in caplog.text


@pytest.mark.promise(56)
def test_settings_that_make_no_client_do_not_stop_the_start(settings, caplog):
    storage = S3Storage.from_settings(replace(settings, endpoint_url="no address"))
    with pytest.raises(Unavailable):
        storage.check()
    assert "no address" in caplog.text


def test_making_it_asks_nothing(script, settings):
    storage = S3Storage.from_settings(replace(settings, create_bucket=True))
    assert script.requests == []
    storage.check()
    assert script.requests


@pytest.mark.promise(28)
@pytest.mark.parametrize("cut", [0, 5, 100_000])
def test_a_body_that_ends_early(script, storage, cut):
    put(storage, "v1/a", bytes(200_000))
    script.cut = cut
    with pytest.raises((Unavailable, OSError)), storage.open("v1/a") as body:
        body.read()


@pytest.mark.promise(29)
def test_bytes_that_do_not_match_their_checksum_are_not_given_to_the_end(script, storage):
    put(storage, "v1/a", b"0123456789" * 20_000)
    script.headers = crc32_header(b"0123456789" * 20_000)
    assert len(get(storage, "v1/a")) == 200_000
    script.objects["/bucket/v1/a"] = b"0123456789" * 19_999 + b"012345678X"
    read = bytearray()
    with storage.open("v1/a") as body, pytest.raises(Unavailable):
        drain(body, read)
    assert 0 < len(read) < 200_000


def test_a_store_that_ignores_ranges(script, storage):
    put(storage, "v1/a", b"0123456789")
    script.ranges = False
    for span in ({"start": 4}, {"start": 4, "length": 2}, {"length": 4}):
        with pytest.raises(Unavailable):
            storage.open("v1/a", **span)


@pytest.mark.promise(49)
@pytest.mark.parametrize("alter", [lambda body: body[:-1], lambda body: body[:-1] + b"X", lambda _: b""])
def test_other_bytes_stored_than_sent(script, storage, caplog, alter):
    script.alter = alter
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"some bytes")
    assert "it holds other bytes than were sent" in logged(caplog)[0]


@pytest.mark.promise(49)
def test_nothing_stored_though_it_says_so(script, storage):
    script.answers.append((200, b""))
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"some bytes")


@pytest.mark.promise(49)
def test_an_etag_that_says_nothing_has_the_bytes_read_back(script, storage):
    script.etag = "0" * 32
    put(storage, "v1/a", b"some bytes")
    assert script.seen() == ["PUT", "HEAD", "GET"]
    script.alter = lambda body: body[:-1] + b"X"
    with pytest.raises(Unavailable):
        put(storage, "v1/a", b"some bytes")


@pytest.mark.promise(47)
def test_a_lost_answer_is_harmless(script, storage):
    script.lose = 0
    put(storage, "v1/a", b"some bytes")
    assert script.seen() == ["PUT", "PUT", "HEAD"]
    assert get(storage, "v1/a") == b"some bytes"
