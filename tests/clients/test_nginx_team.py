"""The sample for nginx in front of several hosts: requests find a host that answers, and nothing else differs."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from tests.clients.demo import Demo
from tests.clients.site import PASSWORD, USER, Site, twine_upload
from tests.support.clients import empty_environment
from tests.support.nginx import SAMPLE, adapted, running
from tests.support.server import LiveServer, free_port

TEAM = SAMPLE.with_name("team-nginx.conf")
UNIT = SAMPLE.with_name("team.service")


@pytest.fixture(scope="module")
def hosts(tmp_path_factory):
    """Two servers over one folder: what is common of several hosts is."""
    options = {
        "server.public_url": f"http://127.0.0.1:{free_port()}",
        "server.trusted_proxies": "127.0.0.1",
        "pypi.default_write": "authenticated",
    }
    data = tmp_path_factory.mktemp("team") / "data"
    with LiveServer(data, options=options) as first, LiveServer(data, options=options) as second:
        first.add_user(USER, PASSWORD)
        yield [first, second]


@pytest.fixture(scope="module")
def team(hosts, tmp_path_factory):
    """A site whose address is nginx's."""
    folder = tmp_path_factory.mktemp("nginx-team")
    port = int(hosts[0].options["server.public_url"].rpartition(":")[2])
    places = {
        f"server 10.0.0.1{number}:6543 ": f"server {host.authority} " for number, host in enumerate(hosts, 1)
    }
    text = adapted(TEAM.read_text(), port=port, places=places)
    with running(text, folder, port):
        yield Site(replace(hosts[0], port=port), hosts[0].add_token(USER))


def test_publish_and_install(team, builder, pip, tmp_path):
    demo = Demo("team-demo")
    (wheel,) = demo.build(builder, tmp_path / "work", kinds=["wheel"])
    builder.ok(*twine_upload(team, wheel))
    python = empty_environment(tmp_path / "environment")
    command = ["python", "-m", "pip", "--python", str(python), "install", demo.name]
    pip.ok(*command, "--index-url", team.index_with_login)


@pytest.mark.parametrize("path", ["/metrics", "/metrics/", "/ready", "/ready/"])
def test_supervisors_ask_the_hosts_themselves(team, hosts, path):
    assert team.server.request(path).status == 404
    assert [host.request(path).status for host in hosts] == [200, 200]


def test_a_client_cannot_say_where_it_comes_from(team):
    statuses = {
        team.server.request(
            "/simple/", auth=(f"nobody{number}", "wrong"), headers={"X-Forwarded-For": f"10.0.0.{number}"}
        ).status
        for number in range(15)
    }
    assert 429 in statuses


def test_a_host_that_is_gone_is_not_noticed(team, hosts):
    hosts[1].kill()
    try:
        login = ("__token__", team.token)
        assert {team.server.request("/simple/", auth=login).status for _ in range(10)} == {200}
    finally:
        hosts[1].launch()


def rules(text: str) -> set[str]:
    """What the main server says, without what is only for files of a folder and for metrics."""
    _, _, main = text.rpartition("server {\n    listen 443 ssl;")
    main = re.sub(r"(?ms)^    location (?!/ ).*?^    \}", "", main)
    return {line.strip() for line in main.splitlines() if line.strip() and line.strip()[0] != "#"}


@pytest.mark.promise(181)
def test_it_keeps_off_all_that_the_other_sample_does():
    assert rules(SAMPLE.read_text()) - rules(TEAM.read_text()) == set()


def test_the_unit_listens_where_the_balancer_asks():
    address = re.search(r"(?m)^ExecStart=.* --host (\S+)", UNIT.read_text())[1]
    assert f"server {address}:6543 " in TEAM.read_text()
