"""The first administrator: whoever registers first on a new server, from this very machine."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.http.account.sending import COOKIE, as_form, as_json, cookie_of, is_refused, what, who
from tests.http.conftest import PASSWORD, Client, basic


@pytest.fixture
def ini():
    return {"auth.first_admin_by_registration": "true"}


def register(app, name="root", *, headers=None, environ=None):
    sent = as_form(password=PASSWORD)
    return app.ask(
        "PUT",
        f"/api/user/{name}",
        body=sent["body"],
        headers={**sent["headers"], **(headers or {})},
        environ=environ or {},
    )


def admins(services):
    return [account.name for account in services.access.accounts() if account.admin]


def test_the_first_is_made_administrator_and_logged_in(app, services):
    answer = register(app, "Root")
    assert (answer.status_int, answer.body) == (200, b"")
    session = {"Cookie": f"{COOKIE}={cookie_of(answer)}"}
    assert who(app, session) == "root"
    assert app.ask("GET", "/admin/user", headers=session).json == [{"username": "root", "admin": True}]
    event = next(event for event in services.state.audit_events() if event.action == "user.add")
    assert (event.actor, event.subject, what(event)) == ("root", "root", {"admin": True, "pending": False})


@pytest.mark.parametrize("host", ["localhost", "localhost:6543", "127.0.0.1:6543", "[::1]:6543", "LOCALHOST"])
def test_this_machine_by_any_of_its_names(app, services, host):
    peer = "::1" if "[" in host else "127.0.0.1"
    assert register(app, environ={"HTTP_HOST": host, "REMOTE_ADDR": peer}).status_int == 200
    assert admins(services) == ["root"]


def test_also_on_the_login_page(app, services):
    answer = app.ask("PUT", "/acct/login", **as_json(username="root", password=PASSWORD))
    assert answer.status_int == 200
    assert who(app, {"Cookie": f"{COOKIE}={cookie_of(answer)}"}) == "root"


def test_the_second_is_not(app, services):
    register(app)
    assert is_refused(register(app, "eve"), 403)
    services.access.set_registration(True, actor=None)
    assert register(app, "eve").status_int == 200
    assert services.access.pending_users() == ("eve",)
    assert admins(services) == ["root"]


def test_whoever_takes_the_name_of_the_first_gets_nothing(app, services):
    register(app)
    services.access.set_registration(True, actor=None)
    answer = app.ask("PUT", "/api/user/root", **as_form(password="other"))
    assert is_refused(answer, 400, "exists")
    assert "Set-Cookie" not in answer.headers
    assert who(app, basic("root", "other")) is None


@pytest.mark.promise(118)
@pytest.mark.parametrize(
    "environ",
    [
        {"REMOTE_ADDR": "192.0.2.7"},
        {"REMOTE_ADDR": ""},
        {"REMOTE_ADDR": "127.0.0.1.evil.example"},
        {"HTTP_HOST": "pypi.example.org"},
        {"HTTP_HOST": "localhost.evil.example"},
        {"HTTP_HOST": "localhost@evil.example"},
        {"HTTP_HOST": ""},
        {"HTTP_FORWARDED": "for=192.0.2.7"},
        {"HTTP_X_FORWARDED_FOR": "127.0.0.1"},
        {"HTTP_X_FORWARDED_HOST": "localhost"},
        {"HTTP_X_FORWARDED_PROTO": "https"},
        {"HTTP_X_FORWARDED_PORT": "443"},
        {"HTTP_X_FORWARDED_BY": "x"},
        {"HTTP_X_REAL_IP": "127.0.0.1"},
        {"HTTP_VIA": "1.1 proxy"},
        {"HTTP_ORIGIN": "http://evil.example"},
        {"HTTP_SEC_FETCH_SITE": "cross-site"},
    ],
)
def test_from_anywhere_else_or_through_a_proxy_it_is_not_open(app, services, environ):
    answer = register(app, environ=environ)
    assert is_refused(answer, 403)
    assert "Set-Cookie" not in answer.headers
    assert not services.access.accounts()


def test_a_name_or_password_that_does_not_fit_closes_nothing(app, services):
    assert is_refused(register(app, "everyone"), 400)
    assert is_refused(app.ask("PUT", "/api/user/root", **as_form(password="")), 400)
    assert register(app).status_int == 200


def test_a_name_of_somebody_who_is_there_is_refused(app, services):
    services.access.add_user("ann", "word", actor=None)
    assert is_refused(register(app, "ann"), 400, "exists")
    assert admins(services) == []
    assert who(app, basic("ann")) is None
    assert register(app).status_int == 200


@pytest.mark.promise(118)
def test_of_many_at_once_one_wins(services):
    clients = [Client(services) for _ in range(6)]
    with ThreadPoolExecutor(len(clients)) as pool:
        answers = list(pool.map(lambda item: register(item[1], f"root{item[0]}"), enumerate(clients)))
    won = [number for number, answer in enumerate(answers) if answer.status_int == 200]
    assert len(won) == 1
    assert sorted(answer.status_int for answer in answers) == [200] + [403] * 5
    assert admins(services) == [f"root{won[0]}"]
    assert [bool(answer.headers.get("Set-Cookie")) for answer in answers].count(True) == 1


class TestWithoutTheSetting:
    @pytest.fixture
    def ini(self):
        return {}

    def test_nobody_becomes_administrator_by_registration(self, app, services):
        assert is_refused(register(app), 403)
        services.access.set_registration(True, actor=None)
        assert register(app).status_int == 200
        assert services.access.pending_users() == ("root",)
        assert admins(services) == []


class TestBehindAPublicAddress:
    @pytest.fixture
    def ini(self):
        return {"auth.first_admin_by_registration": "true", "server.public_url": "https://pypi.example.org"}

    def test_a_proxy_that_says_nothing_of_itself_opens_nothing(self, app, services):
        assert is_refused(register(app), 403)
        assert not services.access.accounts()
