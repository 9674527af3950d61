import contextlib
import xmlrpc.client

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.core.errors import TooLarge
from pypicloud_like.ecosystems.pypi.xmlrpc import (
    INVALID_CALL,
    INVALID_PARAMETERS,
    LARGEST_CALL,
    METHOD_NOT_FOUND,
    NOT_WELL_FORMED,
    CallRefused,
    Hit,
    SearchCall,
    parse_search,
    render_fault,
    render_results,
)


def a_call(*parameters, method="search"):
    return xmlrpc.client.dumps(parameters, method, allow_none=True).encode()


def refusal(body):
    with pytest.raises(CallRefused) as caught:
        parse_search(body)
    return caught.value.code


def test_the_call_of_pip_search():
    call = a_call({"name": ["saw", "axe"], "summary": ["saw", "axe"]}, "or")
    assert parse_search(call) == SearchCall(("saw", "axe"), ("saw", "axe"), every=False)


@pytest.mark.parametrize(
    ("parameters", "expected"),
    [
        (({"name": "saw"}, "and"), SearchCall(("saw",), (), every=True)),
        (({"name": ["saw"]},), SearchCall(("saw",), (), every=True)),
        (({"summary": [" <a> & b "], "author": ["x"]}, "or"), SearchCall((), ("<a> & b",), every=False)),
        (({"name": ["", " "]}, "or"), SearchCall((), (), every=False)),
        (({}, "or"), SearchCall((), (), every=False)),
        (({"name": ["säge"]}, "or"), SearchCall(("säge",), (), every=False)),
    ],
)
def test_other_calls(parameters, expected):
    assert parse_search(a_call(*parameters)) == expected


@pytest.mark.parametrize(
    "parameters",
    [
        (),
        ({}, "or", "more"),
        (["name"], "or"),
        ({"name": 3}, "or"),
        ({"name": [3]}, "or"),
        ({"name": None}, "or"),
        ({"name": {"a": "b"}}, "or"),
        ({"name": ["a"]}, "xor"),
        ({"name": ["a"]}, ["or"]),
        ({"name": ["a"] * 101}, "or"),
    ],
)
def test_wrong_parameters(parameters):
    assert refusal(a_call(*parameters)) == INVALID_PARAMETERS


@pytest.mark.parametrize("method", ["changelog_since_serial", "system.listMethods", "Search", ""])
def test_other_methods(method):
    assert refusal(a_call({}, method=method)) == METHOD_NOT_FOUND


@pytest.mark.parametrize(
    "body", [b"", b"search", b"<methodCall>", b"\xff\xfe\x00", b"<a/><b/>", b"<a>\xff</a>"]
)
def test_what_is_not_xml(body):
    assert refusal(body) == NOT_WELL_FORMED


@pytest.mark.parametrize(
    "body",
    [
        b"<methodCall/>",
        b"<html><body>no</body></html>",
        b"<methodCall><params><param><value><int>many</int></value></param></params></methodCall>",
        b"<methodCall><params><value><int>" + b"9" * 9000 + b"</int></value></params></methodCall>",
        b"<params><value><struct><member><value>1</value></member></struct></value></params>",
        b"<params><value><base64>%</base64></value></params>",
        b"<params><value><bigdecimal>x</bigdecimal></value></params>",
        b"<methodResponse><fault><value>1</value></fault></methodResponse>",
        b"<?xml version='1.0' encoding='latin-1'?><data/>",
    ],
)
def test_what_is_xml_and_no_call(body):
    assert refusal(body) in {INVALID_CALL, METHOD_NOT_FOUND}


BOMB = """<?xml version="1.0"{encoding}?>
<!DOCTYPE m [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">]>
<methodCall><methodName>search</methodName><params><param><value>&b;&c;</value></param></params></methodCall>"""


@pytest.mark.promise(156)
@pytest.mark.parametrize(
    "body",
    [
        BOMB.format(encoding="").encode(),
        BOMB.format(encoding=' encoding="UTF-16"').encode("utf-16"),
        b'<!DOCTYPE m SYSTEM "http://127.0.0.1/m.dtd"><methodCall/>',
        b"<!DOCTYPE m><methodCall/>",
    ],
)
def test_document_types_are_refused(body):
    with pytest.raises(CallRefused, match="Document types") as caught:
        parse_search(body)
    assert caught.value.code == NOT_WELL_FORMED


def test_a_deep_call_does_no_harm():
    depth = 20_000
    nested = b"<array><data><value>" * depth + b"</value></data></array>" * depth
    body = (
        b"<methodCall><methodName>search</methodName><params><value>"
        + nested
        + b"</value></params></methodCall>"
    )
    assert len(body) < LARGEST_CALL
    assert refusal(body) == INVALID_PARAMETERS


def test_a_large_call_is_refused_unread():
    with pytest.raises(TooLarge):
        parse_search(b" " * (LARGEST_CALL + 1))


TAGS = st.sampled_from(
    [
        "methodCall",
        "methodName",
        "params",
        "param",
        "value",
        "struct",
        "member",
        "name",
        "array",
        "data",
        "int",
        "double",
        "boolean",
        "string",
        "nil",
        "dateTime.iso8601",
        "base64",
        "bigdecimal",
        "biginteger",
        "fault",
    ]
)
TREES = st.recursive(
    st.text("a1-.%", max_size=5),
    lambda inner: st.builds(
        lambda tag, parts: f"<{tag}>{''.join(parts)}</{tag}>", TAGS, st.lists(inner, max_size=4)
    ),
    max_leaves=25,
)


@given(TREES.map(lambda tree: f"<methodCall><methodName>search</methodName>{tree}</methodCall>".encode()))
def test_nothing_but_refusals_comes_of_malformed_calls(body):
    with contextlib.suppress(CallRefused):
        assert isinstance(parse_search(body), SearchCall)


def test_results():
    body = render_results([Hit("acme-tools", "Saws & <axes>", "1.0"), Hit("beta", None, "2.0")])
    assert body.startswith(b"<?xml version='1.0'?>\n<methodResponse>")
    ((found,), method) = xmlrpc.client.loads(body)
    assert method is None
    assert found == [
        {"name": "acme-tools", "summary": "Saws & <axes>", "version": "1.0"},
        {"name": "beta", "summary": "", "version": "2.0"},
    ]


def test_no_results():
    assert xmlrpc.client.loads(render_results([])) == (([],), None)


@given(st.text(st.characters(exclude_categories=[])))
def test_any_summary_can_be_told(summary):
    xmlrpc.client.loads(render_results([Hit("a", summary, "1")]))


def test_a_fault():
    with pytest.raises(xmlrpc.client.Fault) as caught:
        xmlrpc.client.loads(render_fault(METHOD_NOT_FOUND, "no <such>\0 method"))
    assert caught.value.faultCode == METHOD_NOT_FOUND
    assert caught.value.faultString == "no <such> method"
