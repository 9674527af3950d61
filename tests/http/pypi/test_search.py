"""Searching by XML-RPC, as ``pip search`` does."""

from __future__ import annotations

import xmlrpc.client

import pytest

from pypicloud_like.core.model import PYPI, Project, Right
from tests.builders import a_wheel


def call(site, *parameters, method="search", user="ann", path="/pypi"):
    return post(site, xmlrpc.client.dumps(parameters, method).encode(), user=user, path=path)


def post(site, body, *, user="ann", path="/pypi", kind="text/xml"):
    return site.ask("POST", path, user=user, body=body, headers={"Content-Type": kind})


def names(site, *parameters, **rest) -> list[str]:
    answer = call(site, *parameters, **rest)
    assert answer.status_int == 200
    ((hits,), _) = xmlrpc.client.loads(answer.body)
    return [hit["name"] for hit in hits]


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(
        a_wheel("foo-tools", "1.0", metadata={"Summary": "100% of it"}),
        a_wheel("foo-tools", "1.1rc1", metadata={"Summary": "100% of it"}),
        a_wheel("bar", "2.0", metadata={"Summary": "Tools for under_scores"}),
        a_wheel("secret-tools", "1.0"),
    )
    shared.services.access.grant(Project(PYPI, "secret-tools"), "user", "bob", Right.READ, actor=None)
    return shared


@pytest.mark.parametrize("path", ["/pypi", "/pypi/"])
def test_a_word_is_found_in_names_or_summaries(full, path):
    assert names(full, {"name": ["tools"], "summary": ["tools"]}, "or", path=path) == ["bar", "foo-tools"]
    assert names(full, {"name": "FOO"}) == ["foo-tools"]
    assert names(full, {"name": ["tools", "foo"]}, "and") == ["foo-tools"]


def test_a_hit_tells_name_version_and_summary(full):
    ((hits,), _) = xmlrpc.client.loads(call(full, {"name": "bar"}).body)
    assert hits == [{"name": "bar", "version": "2.0", "summary": "Tools for under_scores"}]


def test_only_what_the_caller_may_read_is_found(full):
    assert names(full, {"name": "secret"}) == []
    assert names(full, {"name": "secret"}, user="bob") == ["secret-tools"]
    anonymous = call(full, {"name": "o"}, user=None)
    assert anonymous.status_int in {200, 401}
    assert b"foo" not in anonymous.body


@pytest.mark.promise(66)
@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("%", ["foo-tools"]),
        ("_", ["bar"]),
        ("under_s", ["bar"]),
        ("underxs", []),
        ("%o%", []),
        ("'", []),
        ("' OR 1=1 --", []),
        ("\\", []),
        ("\\%", []),
        ('"', []),
        ("*", []),
        ("x" * 1000, []),
        ("☃", []),
        ("", []),
    ],
    ids=lambda value: str(value)[:20],
)
def test_odd_words_are_just_words(full, word, found):
    assert names(full, {"name": [word], "summary": [word]}, "or") == found


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"x",
        b"<",
        b"<methodCall/>",
        b"<?xml version='1.0' encoding='utf-7'?><methodCall/>",
        b"\xff\xfe\x00",
        b"<!DOCTYPE x [<!ENTITY a 'aaaa'>]><methodCall><methodName>&a;</methodName></methodCall>",
        b"<!DOCTYPE x SYSTEM 'file:///etc/passwd'><methodCall><methodName>search</methodName></methodCall>",
        b"<methodCall>" + b"<a>" * 50_000,
        xmlrpc.client.dumps((), "search").encode(),
        xmlrpc.client.dumps((1, 2, 3), "search").encode(),
        xmlrpc.client.dumps(({"name": 5},), "search").encode(),
        xmlrpc.client.dumps(({"name": ["x"] * 200},), "search").encode(),
        xmlrpc.client.dumps(({"name": ["x" * 100_000]},), "search").encode(),
        xmlrpc.client.dumps(({"name": "x"}, "xor"), "search").encode(),
        xmlrpc.client.dumps(({"name": "x"},), "list_packages").encode(),
        xmlrpc.client.dumps(({"name": "x"},), "system.listMethods").encode(),
        b"<methodCall><methodName>search</methodName><params><param><value><int>9999999999999999999</int></value></param></params></methodCall>",
        b"<methodCall><methodName>search</methodName><params><param><value><base64>!!</base64></value></param></params></methodCall>",
    ],
    ids=range(19),
)
def test_a_call_that_is_none_is_answered_with_a_fault(full, body):
    answer = post(full, body)
    assert answer.status_int == 200
    with pytest.raises(xmlrpc.client.Fault) as fault:
        xmlrpc.client.loads(answer.body)
    assert "passwd" not in fault.value.faultString
    assert "Traceback" not in fault.value.faultString


@pytest.mark.promise(66)
def test_a_nul_in_a_word(full):
    body = xmlrpc.client.dumps(({"name": "a?b"},), "search").replace("?", "\0").encode()
    assert post(full, body).status_int in {200, 400}


def test_a_call_that_is_too_long(full):
    assert post(full, b"<x>" + b"a" * (1024 * 1024 + 1)).status_int == 413


def test_the_answer_is_kept_by_nobody(full):
    assert "no-store" in call(full, {"name": "x"}).headers["Cache-Control"]
