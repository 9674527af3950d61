"""The issuers of identity tokens in the settings."""

from __future__ import annotations

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.load import load

GITHUB = "https://token.actions.githubusercontent.com"


def trust(tmp_path, environ=None, **given):
    ini = {key.replace("__", "."): value for key, value in given.items()}
    return load({"oidc.audience": "packages.example.org", **ini}, environ or {}, here=tmp_path).trust


def test_nobody_is_trusted_unless_it_is_said(tmp_path):
    assert load({}, {}, here=tmp_path).trust.issuers == ()


def test_well_known_issuers_need_an_address_alone(tmp_path):
    github, gitlab, own = trust(
        tmp_path,
        oidc__issuers="github gitlab own",
        oidc__github__url=GITHUB,
        oidc__gitlab__url="https://gitlab.com",
        oidc__own__url="https://ci.example.org/",
    ).issuers
    assert (github.kind, github.identity, github.audience) == (
        "github",
        ("repository",),
        "packages.example.org",
    )
    assert github.pinned == ("repository_id", "repository_owner_id")
    assert (gitlab.kind, gitlab.identity, gitlab.pinned) == (
        "gitlab",
        ("project_path",),
        ("project_id", "namespace_id"),
    )
    assert (own.kind, own.identity, own.pinned, own.url) == ("other", ("sub",), (), "https://ci.example.org/")


def test_everything_can_be_said(tmp_path):
    (own,) = trust(
        tmp_path,
        {"PPC_OIDC_OWN_TIMEOUT": "1.5"},
        oidc__issuers="own",
        oidc__own__url="https://git.example.org",
        oidc__own__kind="gitlab",
        oidc__own__audience="other",
        oidc__own__identity="project_path ref",
        oidc__own__pinned="",
        oidc__own__key_hosts="keys.example.org",
        oidc__own__ca_file="ca.pem",
    ).issuers
    assert (own.kind, own.audience, own.identity, own.pinned) == (
        "gitlab",
        "other",
        ("project_path", "ref"),
        (),
    )
    assert (own.key_hosts, own.ca_file, own.timeout) == ({"keys.example.org"}, tmp_path / "ca.pem", 1.5)


def test_the_audience_is_the_public_address(tmp_path):
    given = {
        "oidc.issuers": "gh",
        "oidc.gh.url": GITHUB,
        "server.public_url": "https://packages.example.org/x/",
    }
    found = load(given, {}, here=tmp_path).trust
    assert (found.audience, found.issuers[0].audience) == ("packages.example.org/x", "packages.example.org/x")


@pytest.mark.parametrize(
    ("given", "fault"),
    [
        ({"oidc.issuers": "gh"}, "oidc.gh.url: must be given"),
        ({"oidc.issuers": "gh", "oidc.gh.url": GITHUB}, "oidc.gh.audience: must be given"),
        ({"oidc.gh.url": GITHUB}, "no list names 'gh'"),
        ({"oidc.issuers": "gh", "oidc.gh.url": "http://ci.example.org"}, "must be https"),
        ({"oidc.issuers": "gh", "oidc.gh.url": "http://10.0.0.1"}, "must be https"),
        ({"oidc.issuers": "gh", "oidc.gh.url": "http://localhost.example.org"}, "must be https"),
        ({"oidc.issuers": "gh", "oidc.gh.url": "https://a:b@ci.example.org"}, "without user"),
        ({"oidc.issuers": "gh", "oidc.gh.url": GITHUB, "oidc.gh.identity": " "}, "must name a claim"),
        ({"oidc.issuers": "gh", "oidc.gh.url": GITHUB, "oidc.gh.kind": "bitbucket"}, "must be one of"),
        ({"oidc.issuers": "gh", "oidc.gh.url": GITHUB, "oidc.gh.secret": "x"}, "must be oidc.<name>.<field>"),
        ({"oidc.issuers": "a b", "oidc.a.url": GITHUB, "oidc.b.url": GITHUB}, "is that of oidc.a.url"),
        ({"oidc.audiance": "x"}, "must be oidc.<name>.<field>"),
    ],
)
def test_faults(tmp_path, given, fault):
    with pytest.raises(ConfigurationError) as raised:
        load(given, {}, here=tmp_path)
    assert fault in str(raised.value)


@pytest.mark.parametrize("url", ["http://127.0.0.1:8000", "http://localhost:8000/realm", "http://[::1]:8000"])
def test_plain_http_is_for_this_machine(tmp_path, url):
    (own,) = trust(tmp_path, oidc__issuers="own", oidc__own__url=url).issuers
    assert own.url == url
