"""Whose forwarding headers are believed."""

import pytest

from pypicloud_like.cli.proxies import mind_proxies

FORWARDED = {
    "HTTP_X_FORWARDED_FOR": "203.0.113.9, 10.0.0.7",
    "HTTP_X_FORWARDED_PROTO": "https",
    "HTTP_X_FORWARDED_HOST": "packages.example.org",
    "HTTP_FORWARDED": "for=198.51.100.1",
    "HTTP_X_REAL_IP": "198.51.100.1",
}


def seen(peer, headers, *, trusted=(), count=1):
    found = {}

    def app(environ, _start_response):
        found.update(environ)
        return []

    environ = {
        "REMOTE_ADDR": peer,
        "REMOTE_HOST": peer,
        "HTTP_HOST": "127.0.0.1:6543",
        "SERVER_PORT": "6543",
        "wsgi.url_scheme": "http",
    }
    answers = []
    minded = mind_proxies(app, trusted=trusted, count=count)
    list(minded(environ | headers, lambda *args: answers.append(args)))
    return found or answers[0][0]


@pytest.mark.promise(143)
@pytest.mark.parametrize("trusted", [(), ("192.0.2.0/24",)])
def test_untrusted_headers_are_taken_away_but_not_forgotten(trusted):
    environ = seen("127.0.0.1", FORWARDED, trusted=trusted)
    assert not FORWARDED.keys() & environ.keys()
    assert environ["REMOTE_ADDR"] == "127.0.0.1"
    assert environ["wsgi.url_scheme"] == "http"
    assert environ["HTTP_HOST"] == "127.0.0.1:6543"
    assert environ["HTTP_VIA"]


def test_direct_requests_are_left_alone():
    assert "HTTP_VIA" not in seen("127.0.0.1", {})
    assert "HTTP_VIA" not in seen("127.0.0.1", {}, trusted=["127.0.0.0/8"])


@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:127.0.0.1"])
def test_trusted_headers_are_believed(peer):
    environ = seen(peer, FORWARDED, trusted=["10.0.0.1/32", "127.0.0.0/8"])
    assert environ["REMOTE_ADDR"] == "10.0.0.7"
    assert environ["wsgi.url_scheme"] == "https"
    assert environ["HTTP_HOST"] == "packages.example.org"
    assert "HTTP_FORWARDED" not in environ
    assert environ["HTTP_VIA"]


@pytest.mark.promise(143)
def test_as_many_hops_count_as_there_are_proxies():
    assert seen("127.0.0.1", FORWARDED, trusted=["127.0.0.1/32"], count=2)["REMOTE_ADDR"] == "203.0.113.9"


def test_nonsense_of_a_trusted_proxy_is_refused():
    status = seen("127.0.0.1", {"HTTP_X_FORWARDED_PROTO": "https,gopher"}, trusted=["127.0.0.1/32"], count=2)
    assert status == "400 Bad Request"


def test_a_peer_without_an_address_is_trusted_by_nobody():
    assert seen("localhost", FORWARDED, trusted=["127.0.0.1/32"])["REMOTE_ADDR"] == "localhost"
