"""The settings of upstreams."""

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.load import load

NAMED = {
    "pypi.fallback": "cache",
    "pypi.upstreams": "corp public",
    "upstream.corp.url": "https://index.corp.example/simple/",
    "upstream.corp.username": "ci",
    "upstream.corp.password": "a secret",
    "upstream.corp.allow": "corp-* shared",
    "upstream.public.url": "https://pypi.org/simple",
    "upstream.public.minimum_age": "7d",
    "upstream.public.minimum_age_except": "urllib3 requests==2.32.0",
}


def read(ini, environ=None):
    return load(ini, environ or {}).fallback


def faults(ini, environ=None):
    with pytest.raises(ConfigurationError) as caught:
        load(ini, environ or {})
    return "\n".join(caught.value.faults)


def test_nothing_is_asked_unless_somebody_says_so():
    assert read({}).mode == "none"
    assert read({}).upstreams == ()


def test_the_plain_settings_mean_one_upstream():
    (upstream,) = read({"pypi.fallback": "cache"}).upstreams
    assert (upstream.name, upstream.ecosystem) == ("pypi", "pypi")
    assert upstream.url.endswith("/simple/")
    assert len(upstream.file_hosts) == 1, "the public index keeps its files on another host"
    (other,) = read({"pypi.fallback": "cache", "pypi.fallback_base_url": "http://10.0.0.1:8000/x/"}).upstreams
    assert other.url == "http://10.0.0.1:8000/x/simple/"
    (simple,) = read({"pypi.fallback": "mirror", "pypi.fallback_url": "http://10.0.0.1/idx"}).upstreams
    assert simple.url == "http://10.0.0.1/idx/"


def test_named_upstreams_keep_their_order_and_their_lines():
    corp, public = read(NAMED).upstreams
    assert (corp.name, corp.username, corp.password) == ("corp", "ci", "a secret")
    assert corp.allow == {"corp-*", "shared"}
    assert corp.url == "https://index.corp.example/simple/"
    assert public.minimum_age == 7 * 24 * 3600
    assert public.minimum_age_except == {"urllib3", "requests==2.32.0"}
    assert "a secret" not in repr(corp)


def test_a_password_may_come_from_the_environment():
    ini = {key: value for key, value in NAMED.items() if key != "upstream.corp.password"}
    corp, _ = read(ini, {"PPC_UPSTREAM_CORP_PASSWORD": "from outside"}).upstreams
    assert corp.password == "from outside"


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"upstream.corp.url": "ftp://x"}, "must be an address"),
        ({"upstream.corp.url": "https://user:hidden@x/"}, "must be without user"),
        ({"upstream.corp.colour": "red"}, "must be upstream.<name>.<field>"),
        ({"upstream.other.url": "https://x"}, "no list names 'other'"),
        ({"pypi.upstreams": "corp public third"}, "upstream.third.url: must be given"),
        ({"pypi.upstreams": "corp corp"}, "has a name twice"),
        ({"pypi.upstreams": "Corp!"}, "is not a name"),
        ({"cargo.upstreams": "corp"}, "belongs to one ecosystem"),
        ({"upstream.negative_ttl": "2m"}, "at most 60 seconds"),
        ({"upstream.requests": "500"}, "must be below server.threads"),
        ({"upstream.reserved": "acme *!"}, "is not a name or a pattern"),
    ],
)
def test_what_is_wrong_stops_the_start(change, word):
    told = faults(NAMED | change)
    assert word in told
    assert "hidden" not in told
    assert "a secret" not in told


def test_more_requests_are_carried_out_where_some_of_them_wait():
    assert load({"pypi.fallback": "cache"}, {}).server.threads > load({}, {}).server.threads
    assert load({"pypi.fallback": "cache", "server.threads": "20"}, {}).server.threads == 20
