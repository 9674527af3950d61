"""Whatever a client sends, there is a clean answer: never a 500, a traceback, or a header of its own making."""

from __future__ import annotations

import io

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tests.builders import a_wheel
from tests.http.conftest import basic
from tests.http.pypi.site import JSON, form, part

WHEEL = a_wheel("foo", "1.0")
PATHS = ["/", "/simple/", "/simple/foo/", "/pypi/foo/json", "/pypi/foo/1.0/json", "/api/package/foo/", "/packages/",
         "/api/package/foo/" + WHEEL.filename, "/rss/updates.xml", "/api/project/foo/status", "/foo/", "/search",
         "/api/package/foo/1.0/yank", "/legacy/+simple/foo/", "/_/oidc/audience", "/api/package/"]  # fmt: skip
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

segments = st.one_of(
    st.sampled_from(["simple", "pypi", "legacy", "api", "package", "foo", "json", "+simple", "1.0", "latest", "yank",
                     "rss", "admin", "user", "group", "..", ".", "", "%", "integrity", "project", "status",
                     "provenance", WHEEL.filename, "static", "packages", "releases.xml"]),
    st.text(max_size=12),
)  # fmt: skip
paths = st.lists(segments, max_size=6).map(lambda parts: "/" + "/".join(parts))
raw_paths = st.one_of(
    paths.map(lambda path: path.encode("utf-8", "surrogatepass")), st.binary(max_size=40).map(b"/".__add__)
)
values = st.one_of(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n"), max_size=60), st.sampled_from([
    JSON, "text/html", "*/*;q=0", "bytes=0-5", "bytes=-", '"x"', "*", "W/", "gzip", "localhost", "[::1", "a:b:c", "0", "-1",
    "Basic Og==", "Bearer ", "multipart/form-data; boundary=x", "application/json", "9" * 30, "Mon, 99 Foo 2001",
]))  # fmt: skip
names = st.sampled_from(["HTTP_ACCEPT", "HTTP_ACCEPT_ENCODING", "HTTP_RANGE", "HTTP_IF_RANGE", "HTTP_IF_NONE_MATCH",
                         "HTTP_AUTHORIZATION", "HTTP_COOKIE", "HTTP_HOST", "HTTP_ORIGIN", "HTTP_REFERER", "CONTENT_TYPE",
                         "HTTP_CONTENT_ENCODING", "HTTP_X_CSRF_TOKEN", "HTTP_SEC_FETCH_SITE", "HTTP_IF_MODIFIED_SINCE",
                         "HTTP_X_FORWARDED_FOR", "HTTP_USER_AGENT"])  # fmt: skip


@pytest.fixture(scope="module")
def full(shared):
    shared.publish(WHEEL)
    return shared


def call(site, method, path: bytes, query="", *, user="boss", body=b"", **environ):
    """A request as the WSGI server hands it over, past what a client library would mend."""
    made = {
        "REQUEST_METHOD": method,
        "SCRIPT_NAME": "",
        "PATH_INFO": path.decode("latin-1"),
        "QUERY_STRING": query,
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": "HTTP/1.1",
        "HTTP_HOST": "localhost:80",
        "REMOTE_ADDR": "127.0.0.1",
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": io.StringIO(),
        "wsgi.multithread": True,
        "wsgi.multiprocess": False,
        "wsgi.run_once": False,
        "CONTENT_LENGTH": str(len(body)),
    }
    if user:
        made["HTTP_AUTHORIZATION"] = basic(user)["Authorization"]
    made.update(environ)
    made = {name: value for name, value in made.items() if value is not None}
    told = []
    application = site.client.app
    answer = application.application if hasattr(application, "application") else application
    chunks = answer(made, lambda status, headers, exc_info=None: told.append((status, headers)))
    body = b"".join(chunks)
    if hasattr(chunks, "close"):
        chunks.close()
    status, headers = told[0]
    return int(status[:3]), status, headers, body


def clean(answer) -> None:
    code, status, headers, body = answer
    assert code not in {500, 501, 503}, (status, body)
    assert b"Traceback" not in body
    for name, value in [("status", status), *headers]:
        assert not set("\r\n\0") & set(name + value), (name, value)
        value.encode("latin-1")


@pytest.mark.promise(103, 108)
@quick
@given(method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]), path=raw_paths)
@example("GET", b"/simple/\xff/")
@example("GET", b"/\xed\xa0\x80/")
@example("GET", b"/simple/foo\0/")
@example("GET", b"/pypi/foo/\x0d\x0aSet-Cookie:x/json")
@example("GET", b"")
@example("GET", b"*")
@example("OPTIONS", b"*")
@example("GET", b"http://localhost/simple/")
def test_any_path(full, method, path):
    clean(call(full, method, path))


@pytest.mark.promise(66, 108)
@quick
@given(
    path=st.sampled_from(PATHS),
    query=st.one_of(
        st.text(st.characters(max_codepoint=255, exclude_characters="\r\n\0"), max_size=60),
        st.sampled_from(
            ["%", "%zz", "%ff=%fe", "format=%ff", "format", "=", "&&&", "a;b", "verbose=%00", ":action=%ff"]
        ),
    ),
)
def test_any_query(full, path, query):
    clean(call(full, "GET", path.encode(), query))
    clean(call(full, "POST", path.encode(), query))


@quick
@given(
    method=st.sampled_from(["GET", "HEAD", "POST", "PUT", "DELETE"]),
    path=st.sampled_from(PATHS),
    headers=st.dictionaries(names, values, max_size=5),
    user=st.sampled_from(["boss", None]),
)
def test_any_headers(full, method, path, headers, user):
    if path.endswith("/" + WHEEL.filename) and method == "DELETE":
        method = "GET"
    clean(call(full, method, path.encode(), user=user, **headers))


@quick
@given(
    body=st.binary(max_size=300),
    kind=st.sampled_from(
        [
            "multipart/form-data; boundary=x",
            "application/json",
            "text/xml",
            "application/x-www-form-urlencoded",
            "",
            "\xff",
        ]
    ),
)
@example(b"--x--\r\n", "multipart/form-data; boundary=x")
@example(b"--x\r\n\r\n\r\n--x--", "multipart/form-data; boundary=x")
@example(
    b'--x\r\nContent-Disposition: form-data; name="content"; filename\r\n\r\n\r\n--x--',
    "multipart/form-data; boundary=x",
)
def test_any_body(full, body, kind):
    for method, path in (("POST", b"/legacy/"), ("POST", b"/pypi/"), ("PUT", b"/api/project/foo/status"),
                         ("POST", b"/api/package/foo/1.0/yank"), ("POST", b"/api/fetch")):  # fmt: skip
        with full.unchanged() if path == b"/legacy/" else io.BytesIO():
            clean(call(full, method, path, body=body, CONTENT_TYPE=kind))


@quick
@given(
    filename=st.text(st.characters(exclude_characters='"\r\n', exclude_categories=["Cs"]), max_size=40),
    name=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
def test_any_file_name_and_project(full, filename, name):
    with full.unchanged():
        kind, body = form([part("name", name), part("content", b"x", filename)])
        answer = call(full, "POST", b"/legacy/", body=body, CONTENT_TYPE=kind)
        clean(answer)
        assert answer[0] in {400, 403, 413}


@pytest.mark.promise(147)
@pytest.mark.parametrize(
    "method", ["TRACE", "CONNECT", "PATCH", "PROPFIND", "get", "G T", "\xff", "X" * 500, "OPTIONS"]
)
@pytest.mark.parametrize("path", [b"/simple/foo/", b"/nothing/at/all", b"*"])
def test_other_methods(full, method, path):
    answer = call(full, method, path)
    clean(answer)
    assert answer[0] in {400, 404, 405}
    if answer[0] == 405:
        assert "Allow" in dict(answer[2])


@pytest.mark.promise(147)
@pytest.mark.parametrize("path", PATHS)
def test_a_request_without_a_host(full, path):
    clean(call(full, "GET", path.encode(), HTTP_HOST=None, SERVER_PROTOCOL="HTTP/1.0"))


@pytest.mark.parametrize("length", ["-1", "x", "", "9" * 30, "1.5", " 5 ", "+5"])
@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", b"/simple/foo/"), ("POST", b"/legacy/"), ("POST", b"/api/package/foo/1.0/yank")],
)
def test_odd_lengths(full, method, path, length):
    answer = call(full, method, path, CONTENT_LENGTH=length, CONTENT_TYPE="multipart/form-data; boundary=x")
    clean(answer)


@pytest.mark.promise(145)
def test_a_value_never_becomes_a_header(full):
    for path in ("/simple/Foo%0d%0aSet-Cookie:%20a=b/", "/pypi/foo/%0d%0aX:y/json", "/simple/foo%0aX"):
        answer = full.ask("GET", path, user="ann")
        assert answer.status_int in {301, 400, 404}
        assert "Set-Cookie" not in answer.headers
        assert "X" not in answer.headers


@pytest.mark.promise(145)
def test_a_raw_line_break_in_the_query_never_reaches_a_redirect(full):
    clean(call(full, "GET", b"/simple/FOO/", "a\r\nSet-Cookie: a=b"))
    clean(call(full, "GET", b"/simple", "\xff\x01\x00"))


@pytest.mark.parametrize("prefix", ["/a b", "/\xc3\xa4", "/\xff", "/a%2Fb", '/"<>'])
def test_odd_mount_points(full, prefix):
    for path in [*PATHS, "/simple", "/simple/FOO/"]:
        clean(call(full, "GET", path.encode(), SCRIPT_NAME=prefix))
