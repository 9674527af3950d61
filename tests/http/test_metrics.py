"""What collectors of metrics read, and who may."""

import json
import re

import pytest

from pypicloud_like.core.errors import Unavailable
from tests.builders import a_crate, a_wheel
from tests.http.cargo.site import announced, framed
from tests.http.conftest import Client, basic, make_services

LINE = re.compile(r"(?P<name>[a-z_]+)(?:\{(?P<labels>.*)\})? (?P<value>\S+)\Z")
PAIR = re.compile(r'(?P<label>[a-z_]+)="(?P<value>(?:[^"\\]|\\.)*)"(?:,|\Z)')
ELSEWHERE = {"REMOTE_ADDR": "192.0.2.7"}


def read(answer):
    """(name, labels) → value; every line must be well-formed, every family announced once."""
    assert answer.status_int == 200, answer.text
    assert answer.headers["Content-Type"] == "text/plain; version=0.0.4; charset=utf-8"
    found, kinds = {}, {}
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in kinds
            kinds[name] = kind
        elif not line.startswith("# HELP "):
            match = LINE.match(line)
            assert match, line
            base = re.sub(r"_(bucket|sum|count)\Z", "", match["name"])
            assert match["name"] in kinds or kinds.get(base) == "histogram", line
            labels = match["labels"] or ""
            assert PAIR.sub("", labels) == ""
            key = match["name"], frozenset(PAIR.findall(labels))
            assert key not in found
            found[key] = float(match["value"])
    return found


def value(found, name, **labels):
    return found.get((name, frozenset(labels.items())))


def requests(found, route, method, status):
    return value(found, "pypicloud_like_requests_total", route=route, method=method, status=status)


@pytest.mark.promise(162)
def test_requests_by_route_and_class_of_status(app, users):
    app.upload(*a_wheel("foo", "1.0"))
    for name in ("foo", "foo", "bar", "baz"):
        app.ask("GET", f"/simple/{name}/", user="ann")
    app.ask("TRACE", "/simple/foo/", user="ann")
    app.ask("GET", "/no/such/place/at/all")
    found = read(app.ask("GET", "/metrics"))
    page = "/simple/{project}/"
    assert requests(found, page, "GET", "2xx") == 2
    assert requests(found, page, "GET", "4xx") == 2
    assert requests(found, page, "other", "4xx") == 1
    assert requests(found, "(none)", "GET", "4xx") == 1
    labels = {"route": page, "method": "GET", "status": "2xx"}
    assert value(found, "pypicloud_like_request_seconds_count", **labels) == 2
    assert value(found, "pypicloud_like_request_seconds_bucket", **labels, le="+Inf") == 2
    assert value(found, "pypicloud_like_request_seconds_sum", **labels) > 0


@pytest.mark.promise(162)
def test_no_label_has_words_of_a_client(app, users):
    for path in (
        "/simple/some-name/",
        "/api/package/some-name/some-file",
        "/some-place",
        "/static/some-file",
    ):
        app.ask("GET", path, user="ann")
    assert "some-" not in app.ask("GET", "/metrics").text


@pytest.mark.promise(162)
def test_uploads_of_all_kinds_changes_and_refusals(app, users, services):
    wheel = a_wheel("foo", "1.0")
    crate = a_crate("foo", "1.0.0")
    assert app.upload(*wheel).status_int == 200
    assert app.upload(*wheel).status_int == 200, "and nothing changed"
    assert app.upload(wheel.filename, a_wheel("foo", "1.0", files={"x.py": b"1"}).content).status_int == 409
    body = framed(json.dumps(announced("foo", "1.0.0")).encode(), crate.content)
    assert app.ask("PUT", "/api/v1/crates/new", user="boss", body=body).status_int == 200
    app.ask("DELETE", f"/api/package/foo/{wheel.filename}", user="boss")
    found = read(app.ask("GET", "/metrics"))
    assert value(found, "pypicloud_like_uploads_total", ecosystem="pypi") == 1
    assert value(found, "pypicloud_like_uploads_total", ecosystem="cargo") == 1
    assert value(found, "pypicloud_like_uploaded_bytes_total", ecosystem="pypi") == len(wheel.content)
    assert value(found, "pypicloud_like_changes_total", ecosystem="pypi", action="delete") == 1
    assert value(found, "pypicloud_like_errors_total", reason="already_exists") == 1
    assert value(found, "pypicloud_like_index_serial") == services.cache.serial() > 0


def test_the_process(app):
    found = read(app.ask("GET", "/metrics"))
    assert value(found, "process_resident_memory_bytes") > 10 * 2**20
    assert 3 < value(found, "process_open_fds") < value(found, "process_max_fds")
    assert value(found, "process_cpu_seconds_total") > 0
    assert value(found, "process_threads") >= 1
    (info,) = [labels for name, labels in found if name == "pypicloud_like_info"]
    assert {"version", "python", "process"} == {label for label, _ in info}


def test_without_the_index_the_rest_is_told(app, services, monkeypatch):
    def fail():
        raise Unavailable("database")

    monkeypatch.setattr(services.cache, "serial", fail)
    found = read(app.ask("GET", "/metrics"))
    assert value(found, "pypicloud_like_index_serial") is None
    assert value(found, "process_threads") >= 1


def test_what_the_server_and_upstreams_tell(tmp_path, clock):
    services = make_services(tmp_path, {"pypi.fallback": "cache", "upstream.requests": "7"}, clock)
    try:
        services.metrics.gauges.update(connections=lambda: 3, queue=lambda: 2)
        services.upstreams.counts["held"] += 5
        services.upstreams.documents.counts["stale"] += 2
        with services.upstreams.slots.one():
            found = read(Client(services).ask("GET", "/metrics"))
        assert value(found, "pypicloud_like_server_connections") == 3
        assert value(found, "pypicloud_like_server_queue") == 2
        assert value(found, "pypicloud_like_upstream_files_total", result="held") == 5
        assert value(found, "pypicloud_like_upstream_pages_total", result="stale") == 2
        assert value(found, "pypicloud_like_upstream_slots") == 7
        assert value(found, "pypicloud_like_upstream_slots_taken") == 1
    finally:
        services.close()


class TestWhoMayRead:
    @pytest.fixture
    def statuses(self, tmp_path, clock):
        """Statuses for: this machine, another one, an administrator there, a user there, a proxy here."""
        made = []

        def ask(**ini):
            services = make_services(tmp_path, ini, clock)
            made.append(services)
            if services.access.account("boss") is None:
                services.access.add_user("boss", "correct horse battery", admin=True, actor=None)
                services.access.add_user("ann", "correct horse battery", actor=None)
            app = Client(services)

            def status(environ, user=None):
                headers = basic(user) if user else {}
                return app.get(
                    "/metrics", headers=headers, extra_environ=environ, expect_errors=True
                ).status_int

            return [
                status({}),
                status(ELSEWHERE),
                status(ELSEWHERE, "boss"),
                status(ELSEWHERE, "ann"),
                status({"HTTP_X_FORWARDED_FOR": "192.0.2.7"}),
                status({"HTTP_HOST": "evil.example"}),
            ]

        yield ask
        for services in made:
            services.close()

    @pytest.mark.parametrize(
        ("setting", "expected"),
        [
            ("loopback admin", [200, 401, 200, 403, 401, 401]),
            ("admin", [401, 401, 200, 403, 401, 401]),
            ("loopback", [200, 403, 403, 403, 403, 403]),
            ("everyone", [200, 200, 200, 200, 200, 200]),
            ("192.0.2.0/24", [403, 200, 200, 200, 403, 403]),
            ("", [403, 403, 403, 403, 403, 403]),
        ],
    )
    def test_the_setting(self, statuses, setting, expected):
        assert statuses(**{"server.metrics": setting}) == expected

    def test_the_default(self, statuses):
        assert statuses()[:4] == [200, 401, 200, 403]

    def test_behind_a_proxy_that_nobody_named_this_machine_is_not_believed(self, statuses):
        public = {"server.public_url": "https://packages.example.org"}
        assert statuses(**public)[0] == 401
        assert statuses(**public, **{"server.trusted_proxies": "127.0.0.1"})[0] == 200

    @pytest.mark.parametrize("setting", ["localhost", "10.0.0.1/8", "admins", "10.0.0.0/8,11.0.0.0/8"])
    def test_a_setting_that_is_none_is_told(self, statuses, setting):
        with pytest.raises(Exception, match=r"server\.metrics"):
            statuses(**{"server.metrics": setting})
