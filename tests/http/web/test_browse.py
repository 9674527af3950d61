"""Pages for everyone: home, search, projects, comparisons."""

from __future__ import annotations

import html

import pytest

from pypicloud_like.core.model import PYPI, Project, Right, Status
from pypicloud_like.registry import curate
from tests.builders import a_wheel, an_sdist
from tests.http.conftest import basic

FOO = Project(PYPI, "foo")
HOSTILE = '"><script>alert(1)</script><img src=x onerror=alert(1)>'


@pytest.fixture
def ini():
    return {"pypi.default_read": "authenticated", "pypi.default_write": "authenticated"}


@pytest.fixture
def full(site):
    """One package of each ecosystem."""
    site.wheel("foo", "1.0", Summary="Counts foos")
    site.wheel("foo", "1.1", Summary="Counts foos", Requires_Dist="bar>=2")
    site.wheel("bar", "2.0")
    site.crate("baz", "0.1.0", description="Bazzes")
    site.module("@acme/qux", "1.0.0")
    return site


class TestHome:
    def test_it_has_what_came_last_of_each_kind(self, full, ann):
        page = ann.read("/")
        for path in ("/project/foo/1.1/", "/project/bar/2.0/", "/crates/baz/0.1.0", "/@acme/qux@1.0.0"):
            assert f'href="{path}"' in page
        assert "/project/foo/1.0/" not in page

    def test_it_says_how_to_point_tools_here(self, app):
        page = html.unescape(app.ask("GET", "/").text)
        assert "pip config set global.index-url http://localhost:80/simple/" in page
        assert 'index = "sparse+http://localhost:80/cargo/index/"' in page
        assert "export JSR_URL=http://localhost:80/" in page

    def test_who_may_read_nothing_is_told_to_log_in_and_sees_nothing(self, full, app):
        page = app.ask("GET", "/").text
        assert "log in" in page
        assert "Counts foos" not in page

    def test_what_somebody_may_not_read_is_not_there(self, full, users, ann, bob):
        assert "Counts foos" in bob.read("/")
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        assert "Counts foos" not in bob.read("/")
        assert "Counts foos" in ann.read("/")


class TestSearch:
    def test_without_words_all_packages_are_there(self, full, ann):
        page = ann.read("/search")
        assert "4 packages" in page
        for name in ("foo", "bar", "baz", "@acme/qux"):
            assert f">{name}</a>" in page

    def test_by_words_and_kind(self, full, ann):
        assert "1 package<" in ann.read("/search?q=foos")
        assert "2 packages" in ann.read("/search?in=pypi")
        assert "1 package<" in ann.read("/search?in=cargo")
        assert "0 packages" in ann.read("/search?q=foos&in=jsr")

    @pytest.mark.parametrize(
        ("by", "first"), [("name", "@acme/qux"), ("updated", "@acme/qux"), ("downloads", "foo")]
    )
    def test_orders(self, full, ann, services, by, first):
        services.downloads.count(FOO, "1.0")
        services.downloads.flush()
        page = ann.read(f"/search?by={by}")
        names = ("foo", "bar", "baz", "@acme/qux")
        assert min(names, key=lambda name: page.index(f">{name}</a>")) == first

    def test_deprecated_ones_are_left_out_until_they_are_asked_for(self, full, ann, services):
        curate.set_status(services, FOO, Status.DEPRECATED, reason="", actor="ann")
        assert ">foo</a>" not in ann.read("/search")
        assert ">foo</a>" in ann.read("/search?old=1")

    def test_many_are_on_several_pages(self, site, ann):
        for number in range(25):
            site.wheel(f"many-{number:02}", "1.0")
        first, second = ann.read("/search?q=many&by=name"), ann.read("/search?q=many&by=name&page=2")
        assert 'href="?q=many&amp;by=name&amp;page=2"' in first
        assert ">many-00</a>" in first
        assert ">many-24</a>" in second
        assert ">many-00</a>" not in second

    def test_a_comparison_that_fits_is_told(self, full, ann):
        full.curate("POST", "grids", {"title": "Counters"}, status=201)
        assert 'href="/grids/g/counters/"' in ann.read("/search?q=counters")

    def test_nobody_comes_back_after_the_login(self, full, app):
        answer = app.ask("GET", "/search?q=foo")
        assert (answer.status_int, answer.headers["Location"]) == (
            302,
            "http://localhost:80/acct/login?next=/search%3Fq%3Dfoo",
        )

    def test_what_may_not_be_read_is_not_found(self, full, users, bob):
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        page = bob.read("/search?q=foos")
        assert "0 packages" in page
        assert "(0)" in page

    @pytest.mark.parametrize(
        "query", [f"q={HOSTILE}", "in=x&by=x&category=x&page=x", "q=%00", "category=99999999999999999999"]
    )
    def test_odd_questions(self, full, ann, query):
        answer = ann.get(f"/search?{query}")
        assert answer.status_int in {200, 400}
        assert "<script>" not in answer.text
        assert "<img" not in answer.text


class TestProject:
    def test_a_python_project(self, full, ann):
        page = html.unescape(ann.read("/project/foo/"))
        assert "Counts foos" in page
        assert "pip install --index-url http://localhost:80/simple/ foo==1.1" in page
        assert 'href="/api/package/foo/foo-1.1-py3-none-any.whl"' in page
        assert 'href="/project/foo/1.0/"' in page
        assert 'href="/project/bar/"' in page
        assert ">=2" in page

    def test_an_older_release(self, full, ann):
        page = ann.read("/project/foo/1.0/")
        assert "foo-1.0-py3-none-any.whl" in page
        assert "There are other versions" in page

    def test_another_spelling(self, full, ann):
        assert "Counts foos" in ann.read("/project/FOO")

    def test_a_crate(self, full, ann):
        for path in ("/crates/baz", "/crates/baz/0.1.0", "/crates/BAZ/"):
            page = html.unescape(ann.read(path))
            assert "Bazzes" in page
            assert "cargo add baz@0.1.0 --registry here" in page

    def test_a_package_of_jsr(self, full, ann):
        for path in ("/@acme/qux", "/@acme/qux@1.0.0"):
            page = html.unescape(ann.read(path))
            assert "deno add jsr:@acme/qux@1.0.0" in page

    def test_who_depends_on_it(self, full, bob, users):
        assert 'href="/project/foo/"' in bob.read("/project/bar/")
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        assert "/project/foo/" not in bob.read("/project/bar/")

    def test_the_description(self, site, ann):
        metadata = {"Description-Content-Type": "text/markdown"}
        site.publish(a_wheel("foo", "1.0", metadata=metadata, description="# Top\n\n*much* `code`\n"))
        page = ann.read("/project/foo/")
        assert "<em>much</em>" in page
        assert "<h3" in page

    def test_a_long_description_has_a_page_of_its_own(self, site, ann):
        metadata = {"Description-Content-Type": "text/markdown"}
        text = "word *word*\n\n" * 5000
        site.publish(a_wheel("foo", "1.0", metadata=metadata, description=text))
        page = ann.read("/project/foo/")
        assert len(page) < 30_000
        assert 'href="/project/foo/1.0/?readme=whole"' in page
        assert ann.read("/project/foo/1.0/?readme=whole").count("<em>word</em>") == 5000

    @pytest.mark.promise(134, 136)
    def test_hostile_metadata(self, site, ann):
        fields = {"Summary": HOSTILE, "Keywords": HOSTILE, "Author": HOSTILE, "License": HOSTILE}
        fields |= {"Project-URL": [f"{HOSTILE}, https://x", "Home, javascript:alert(1)"]}
        fields |= {"Description-Content-Type": "text/markdown"}
        site.publish(a_wheel("foo", "1.0", metadata=fields, description=HOSTILE))
        for path in ("/project/foo/", "/", "/search?q=foo"):
            page = ann.read(path)
            assert "<script>" not in page
            assert "<img" not in page
            assert "javascript:" not in page

    @pytest.mark.promise(98)
    @pytest.mark.parametrize("depth", [400, 100_000])
    def test_requirements_that_cannot_be_read_are_left_out(self, site, ann, depth):
        nested = f"bar; {'(' * depth}os_name == 'x'{')' * depth}"
        long = "bar; os_name == 'x'" + " and os_name == 'x'" * (depth // 4)
        site.wheel("odd", "1.0", Requires_Dist=[nested, long, "zip>=1"])
        page = ann.read("/project/odd/")
        assert "zip" in page
        assert len(page) < 50_000

    def test_yanked_and_statuses_are_told(self, full, ann, services):
        curate.yank(services, services.cache.files(FOO), reason="loses <b>data</b>", actor="ann")
        curate.set_status(services, FOO, Status.ARCHIVED, reason="no more", actor="ann")
        page = ann.read("/project/foo/")
        assert "loses &lt;b&gt;data&lt;/b&gt;" in page
        assert "archived</strong>: no more" in page

    def test_a_quarantined_one_is_only_for_who_maintains_it(self, full, ann, browse, services, users):
        curate.set_status(services, FOO, Status.QUARANTINED, reason="", actor="boss")
        users.grant(FOO, "group", "authenticated", Right.READ, actor=None)
        assert "quarantined" in ann.read("/project/foo/")
        assert browse("bob").get("/project/foo/").status_int == 404

    def test_what_may_not_be_read_is_as_what_is_not_there(self, full, bob, app, users):
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        hidden, missing = bob.get("/project/foo/"), bob.get("/project/fop/")
        assert (hidden.status_int, missing.status_int) == (404, 404)
        assert hidden.text.replace(">foo not", ">fop not") == missing.text
        assert app.ask("GET", "/project/foo/").status_int == 302

    @pytest.mark.parametrize(
        "path",
        [
            "/project/foo/9.9/",
            "/project/-/",
            "/project/" + "x" * 3000 + "/",
            "/crates/x/1.0.0",
            "/crates/1x",
            "/@x/y",
            "/@acme/qux@9.0.0",
            "/@acme/%3Cscript%3E",
            "/grids/g/nope/",
            "/packages/p/nope/",
        ],
    )
    def test_what_is_not_there(self, full, ann, path):
        answer = ann.get(path)
        assert answer.status_int in {400, 404}
        assert "<script>" not in answer.text

    def test_downloads_are_drawn_and_counted(self, full, ann, services):
        for _ in range(3):
            services.downloads.count(FOO, "1.0")
        services.downloads.flush()
        page = ann.read("/project/foo/")
        assert "3 in 90 days, 3 in all" in page
        assert "<rect" in page

    def test_many_files_are_on_several_pages(self, site, ann):
        for number in range(120):
            site.publish(a_wheel("foo", "1.0", build=str(number)))
        page = ann.read("/project/foo/")
        assert page.count("-py3-none-any.whl</a>") == 100
        assert 'href="?files=2#files"' in page
        assert ann.read("/project/foo/?files=2").count("-py3-none-any.whl</a>") == 20

    def test_both_kinds_of_files(self, site, ann):
        site.publish(a_wheel("foo", "1.0"))
        site.publish(an_sdist("foo", "1.0"))
        page = ann.read("/project/foo/")
        assert "bdist_wheel" in page
        assert "sdist" in page

    def test_a_password_in_the_header_does_too(self, full, app):
        assert app.ask("GET", "/project/foo/", headers=basic("ann")).status_int == 200


class TestComparisons:
    @pytest.fixture
    def grid(self, full):
        made = full.curate("POST", "grids", {"title": "Counters", "description": "Which one"}, status=201)
        for slug in ("foo", "baz"):
            package = full.read(f"packages/{slug}/")["id"]
            full.curate("PUT", f"grids/{made['id']}/packages/{package}")
        feature = full.curate(
            "POST", f"grids/{made['id']}/features", {"title": "Fast", "description": "How"}, status=201
        )
        package = full.read("packages/foo/")["id"]
        path = f"grids/{made['id']}/features/{feature['id']}/packages/{package}"
        full.curate("PUT", path, {"text": f"very {HOSTILE}"})
        return made

    def test_packages_are_columns_and_features_rows(self, grid, ann):
        page = ann.read("/grids/g/counters/")
        assert page.count('<th scope="col"><a') == 2
        assert "very &#34;&gt;&lt;script" in page
        assert "2 packages" in ann.read("/grids/")

    def test_what_may_not_be_read_is_no_column(self, grid, bob, users):
        users.grant(FOO, "user", "ann", Right.READ, actor=None)
        page = bob.read("/grids/g/counters/")
        assert page.count('<th scope="col"><a') == 1
        assert "foo" not in page.replace("footer", "").replace("foot", "")
        assert "1 package<" in bob.read("/grids/")

    def test_a_project_tells_where_it_is_compared(self, grid, ann):
        assert 'href="/grids/g/counters/"' in ann.read("/project/foo/")

    def test_addresses_of_the_catalogue_lead_to_pages(self, grid, full, ann):
        for each in full.read("search/?q=counter"):
            path = each["absolute_url"]
            assert ann.get(path).status_int in {200, 302}
        assert ann.get("/packages/p/foo/").headers["Location"] == "/project/foo/"

    def test_a_package_from_outside(self, full, ann):
        category = full.read("categories/")["results"][0]["id"]
        said = {"title": "Elsewhere", "repo_url": "https://git.example/x", "category": category}
        full.curate("POST", "packages", said, status=201)
        assert "https://git.example/x" in ann.read("/packages/p/elsewhere/")
        assert "elsewhere</span>" in ann.read("/search?q=elsewhere")
