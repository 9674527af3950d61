"""The package API as pypicloud's scripts use it: lists, uploads, deletions, and what is hidden from whom."""

import pytest

from tests.builders import a_wheel, an_sdist
from tests.http.account.sending import as_form, as_json, is_refused

FOO, OTHER = "foo-1.0-py3-none-any.whl", "other-1.0-py3-none-any.whl"


def put(app, project, content, *, user="boss", headers=None, name=None, **fields):
    """An upload to the file's own address."""
    filename, body = content
    kind, form = app.encode_multipart(list(fields.items()), [("content", filename, body)])
    sent = {"Content-Type": kind, **(headers or {})}
    return app.ask("POST", f"/api/package/{project}/{name or filename}", user=user, body=form, headers=sent)


def grant(app, project, kind, name, *rights):
    for right in rights:
        assert (
            app.ask("PUT", f"/admin/package/{project}/{kind}/{name}/{right}", user="boss").status_int == 200
        )


def listed(app, path="/api/package/", **rest):
    answer = app.ask("GET", path, **rest)
    assert answer.status_int == 200
    return answer.json["packages"]


def test_an_empty_server(app, users):
    assert app.ask("GET", "/api/package/", user="ann").json == {"packages": []}
    assert app.ask("GET", "/api/package/?verbose=true", user="ann").json == {"packages": []}
    assert app.ask("GET", "/api/package/foo/", user="ann").json == {"packages": [], "write": False}
    assert app.ask("GET", "/api/package/foo/", user="boss").json == {"packages": [], "write": True}


def test_an_upload_answers_with_the_file(app, users, services):
    wheel = a_wheel("Foo_Bar", "1.0", requires_python=">=3.8", metadata={"Summary": "About it"})
    answer = put(app, "foo-bar", wheel)
    assert answer.status_int == 200
    file = answer.json
    assert file == listed(app, "/api/package/foo-bar/", user="ann")[0]
    assert file["name"] == "foo-bar"
    assert file["filename"] == wheel.filename
    assert file["version"] == "1.0"
    assert file["last_modified"] == int(services.clock().timestamp())
    assert file["url"] == f"/api/package/foo-bar/{wheel.filename}#sha256={wheel.sha256}"
    assert file["summary"] == "About it"
    assert file["metadata"] == {
        "summary": "About it",
        "requires_python": ">=3.8",
        "hash_sha256": wheel.sha256,
        "hash_md5": wheel.digests["md5"],
        "uploader": "boss",
    }
    assert app.ask("GET", file["url"].partition("#")[0], user="ann").body == wheel.content


def test_what_is_not_known_is_left_out_of_the_metadata(app, users):
    metadata = put(app, "foo", a_wheel("foo", "1.0")).json["metadata"]
    assert set(metadata) == {"hash_sha256", "hash_md5", "uploader"}


def test_the_name_of_the_part_counts_not_that_of_the_address(app, users):
    assert put(app, "foo", a_wheel("foo", "1.0"), name="whatever.txt").json["filename"] == FOO
    assert app.ask("GET", "/api/package/foo/whatever.txt", user="boss").status_int == 404


@pytest.mark.promise(123)
def test_a_file_of_another_project_is_not_taken_or_given_or_deleted(app, users):
    assert put(app, "other", a_wheel("other", "1.0")).status_int == 200
    assert put(app, "foo", a_wheel("foo", "1.0")).status_int == 200
    assert is_refused(put(app, "foo", a_wheel("other", "2.0")), 400, "other")
    grant(app, "foo", "user", "ann", "read", "write")
    grant(app, "foo", "group", "everyone", "read")
    grant(app, "other", "user", "bob", "read")
    for tail in ("", ".metadata"):
        assert app.ask("GET", f"/api/package/foo/{OTHER}{tail}", user="ann").status_int == 404
        assert app.ask("GET", f"/api/package/foo/{OTHER}{tail}").status_int == 404
    assert is_refused(app.ask("DELETE", f"/api/package/foo/{OTHER}", user="ann"), 400, "Could not find")
    assert is_refused(put(app, "foo", a_wheel("other", "2.0"), user="ann"), 400)
    assert app.ask("GET", f"/api/package/other/{OTHER}", user="bob").status_int == 200


@pytest.mark.promise(106)
def test_another_spelling_has_the_same_rights(app, users):
    put(app, "foo-bar", a_wheel("foo-bar", "1.0"))
    grant(app, "foo-bar", "user", "bob", "read")
    for spelling in ("foo-bar", "Foo_Bar", "FOO.bar", "foo--bar"):
        assert app.ask("GET", f"/api/package/{spelling}/", user="ann").status_int == 404
        assert (
            app.ask("GET", f"/api/package/{spelling}/foo_bar-1.0-py3-none-any.whl", user="ann").status_int
            == 404
        )
        assert (
            app.ask("DELETE", f"/api/package/{spelling}/foo_bar-1.0-py3-none-any.whl", user="bob").status_int
            == 403
        )
        assert len(listed(app, f"/api/package/{spelling}/", user="bob")) == 1


def test_a_name_that_can_be_none_is_not_found(app, users):
    for name in ("..", "%2e%2e", "-foo", "a%20b", "%3Cscript%3E"):
        for method, path in (("GET", f"/api/package/{name}/"), ("DELETE", f"/api/package/{name}/x.whl")):
            assert is_refused(app.ask(method, path, user="boss"), 404)


def test_the_same_again_is_fine_and_other_bytes_are_a_conflict(app, users):
    wheel = a_wheel("foo", "1.0")
    assert put(app, "foo", wheel).status_int == put(app, "foo", wheel).status_int == 200
    other = a_wheel("foo", "1.0", description="other bytes")
    answer = put(app, "foo", other)
    assert is_refused(answer, 409, "File already exists")
    assert "File already exists" in answer.status
    assert app.ask("GET", f"/api/package/foo/{FOO}", user="ann").body == wheel.content


class TestOverwriting:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_overwrite_groups": "maintainers", "pypi.default_write": "authenticated"}

    def test_by_members_of_the_group_and_nobody_else(self, app, users):
        users.add_group("maintainers", actor=None)
        users.add_member("maintainers", "ann", actor=None)
        put(app, "foo", a_wheel("foo", "1.0"))
        grant(app, "foo", "group", "authenticated", "read", "write")
        other = a_wheel("foo", "1.0", description="other bytes")
        for user in ("bob", "boss"):
            assert is_refused(put(app, "foo", other, user=user), 409, "File already exists")
        assert put(app, "foo", other, user="ann").status_int == 200
        assert app.ask("GET", f"/api/package/foo/{FOO}", user="bob").body == other.content


def test_deleting(app, users, services):
    put(app, "foo", a_wheel("foo", "1.0"))
    put(app, "foo", an_sdist("foo", "1.0"))
    answer = app.ask("DELETE", f"/api/package/foo/{FOO}", user="boss")
    assert (answer.status_int, answer.body) == (200, b"")
    assert [file["filename"] for file in listed(app, "/api/package/foo/", user="ann")] == ["foo-1.0.tar.gz"]
    for name in (FOO, "nosuch.whl", "%2E%2E", "<b>"):
        assert is_refused(app.ask("DELETE", f"/api/package/foo/{name}", user="boss"), 400, "Could not find")
    assert is_refused(app.ask("DELETE", f"/api/package/nosuch/{FOO}", user="boss"), 400, "Could not find")


class TestDeletingByGroup:
    @pytest.fixture
    def ini(self):
        return {"pypi.allow_delete_groups": "keepers"}

    def test_needs_the_group_and_the_right_to_write(self, app, users):
        users.add_group("keepers", actor=None)
        users.add_member("keepers", "bob", actor=None)
        put(app, "foo", a_wheel("foo", "1.0"))
        grant(app, "foo", "user", "ann", "read", "write")
        for user in ("ann", "bob", "boss"):
            assert is_refused(app.ask("DELETE", f"/api/package/foo/{FOO}", user=user), 403)
        assert is_refused(app.ask("DELETE", f"/api/package/foo/{FOO}"), 401)
        grant(app, "foo", "user", "bob", "write")
        assert app.ask("DELETE", f"/api/package/foo/{FOO}", user="bob").status_int == 200


def test_verbose_in_every_spelling(app, users, services):
    put(app, "foo", a_wheel("foo", "1.0", metadata={"Summary": "About foo"}))
    put(app, "foo", a_wheel("foo", "2.0rc1", metadata={"Summary": "Newer foo"}))
    modified = int(services.clock().timestamp())
    verbose = [
        {
            "name": "foo",
            "summary": "Newer foo",
            "last_modified": modified,
            "stable": "1.0",
            "unstable": "2.0rc1",
        }
    ]
    for word in ("true", "True", "1", "yes", "on"):
        assert listed(app, f"/api/package/?verbose={word}", user="ann") == verbose
    for word in ("false", "0", "no", "off", ""):
        assert listed(app, f"/api/package/?verbose={word}", user="ann") == ["foo"]
    assert is_refused(app.ask("GET", "/api/package/?verbose=perhaps", user="ann"), 400, "verbose")


def test_without_its_last_slash_a_list_leads_to_it(app, users):
    put(app, "foo", a_wheel("foo", "1.0"))
    for path in ("/api/package", "/api/package/foo", "/packages"):
        answer = app.ask("GET", f"{path}?verbose=true", user="ann")
        assert answer.status_int in {301, 302}
        assert answer.headers["Location"].endswith(f"{path}/?verbose=true")


class TestLists:
    """Of four projects somebody sees those they may read, wherever they look."""

    LISTS = (
        "/api/package/",
        "/api/package/?verbose=true",
        "/simple/",
        "/pypi/",
        "/packages/",
        "/rss/updates.xml",
        "/rss/packages.xml",
    )

    @pytest.fixture(autouse=True)
    def four(self, app, users):
        for name in ("open-to-all", "by-default", "for-devs", "for-bob"):
            assert put(app, name, a_wheel(name, "1.0")).status_int == 200
        users.add_group("devs", actor=None)
        users.add_member("devs", "ann", actor=None)
        grant(app, "open-to-all", "group", "everyone", "read")
        grant(app, "for-devs", "group", "devs", "read")
        grant(app, "for-bob", "user", "bob", "read")

    @pytest.mark.parametrize(
        ("user", "seen"),
        [
            (None, {"open-to-all"}),
            ("ann", {"open-to-all", "by-default", "for-devs"}),
            ("bob", {"open-to-all", "by-default", "for-bob"}),
            ("boss", {"open-to-all", "by-default", "for-devs", "for-bob"}),
        ],
    )
    def test_show_what_may_be_read(self, app, user, seen):
        hidden = {"open-to-all", "by-default", "for-devs", "for-bob"} - seen
        for path in self.LISTS:
            answer = app.ask("GET", path, user=user)
            assert answer.status_int == 200
            for name in seen:
                assert name in answer.text or name.replace("-", "_") in answer.text, path
            for name in hidden:
                assert name not in answer.text, path
                assert name.replace("-", "_") not in answer.text, path
            assert "private" in answer.headers["Cache-Control"]
            assert {"Authorization", "Cookie"} <= set(answer.headers["Vary"].replace(" ", "").split(","))
        assert listed(app, user=user) == sorted(seen)

    def test_and_files_only_to_whom_may_read_them(self, app):
        wheel = "/api/package/for-devs/for_devs-1.0-py3-none-any.whl"
        for user, status in (("ann", 200), ("boss", 200), ("bob", 404), (None, 401)):
            for path in (wheel, f"{wheel}.metadata", "/api/package/for-devs/"):
                assert app.ask("GET", path, user=user).status_int == status
                assert app.ask("HEAD", path, user=user).status_int == status

    def test_the_write_flag_is_the_callers(self, app):
        grant(app, "for-devs", "user", "bob", "read")
        grant(app, "for-devs", "group", "devs", "write")
        for user, may in (("ann", True), ("bob", False), ("boss", True)):
            assert app.ask("GET", "/api/package/for-devs/", user=user).json["write"] is may
        assert app.ask("GET", "/api/package/open-to-all/").json["write"] is False


def test_the_flat_page_links_every_file_by_its_name(app, users):
    wheel, sdist = a_wheel("foo", "1.0"), an_sdist("bar", "2.0")
    put(app, "foo", wheel)
    put(app, "bar", sdist)
    page = app.ask("GET", "/packages/", user="ann")
    links = [(link["href"], link.text) for link in page.html.find_all("a")]
    assert links == [
        (f"/api/package/bar/{sdist.filename}#sha256={sdist.sha256}", sdist.filename),
        (f"/api/package/foo/{wheel.filename}#sha256={wheel.sha256}", wheel.filename),
    ]


def test_an_upload_that_is_none(app, users):
    path = f"/api/package/foo/{FOO}"
    kind, body = app.encode_multipart([("summary", "x")], [])
    assert is_refused(
        app.ask("POST", path, user="boss", body=body, headers={"Content-Type": kind}), 400, "'content'"
    )
    assert is_refused(app.ask("POST", path, user="boss", **as_json(content="x")), 415)
    assert is_refused(app.ask("POST", path, user="boss", **as_form(content="x")), 415)
    assert is_refused(put(app, "foo", ("foo-1.0.exe", b"MZ")), 400)
    assert is_refused(put(app, "foo", ("nonsense", b"x")), 400)
    assert is_refused(put(app, "foo", (FOO, b"no archive")), 400)
    assert listed(app, user="boss") == []


def test_fetching_says_that_it_is_not_enabled(app, users):
    for path in ("/api/fetch", "/api/fetch/"):
        assert is_refused(
            app.ask("POST", path, user="ann", **as_form(requirements="foo>=1\n# x\n")), 403, "not enabled"
        )
        assert is_refused(
            app.ask("POST", path, user="ann", **as_json(requirements="foo bar baz")), 400, "requirements"
        )
        assert is_refused(app.ask("POST", path, user="ann"), 400, "Missing argument 'requirements'")
        assert is_refused(app.ask("POST", path, **as_form(requirements="foo")), 401)


def test_hostile_names_in_errors_are_data(app, users):
    name = "%3Cscript%3Ealert(1)%3C%2Fscript%3E%0D%0AX-Evil:%201"
    answer = app.ask("DELETE", f"/api/package/foo/{name.replace('%2F', '')}", user="boss")
    assert is_refused(answer, 400, "<script>")
    assert "X-Evil" not in answer.headers
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    page = app.ask("GET", f"/simple/{name.replace('%2F', '')}/", user="boss", headers={"Accept": "text/html"})
    assert page.status_int in {400, 404}
    assert "<script" not in page.text
