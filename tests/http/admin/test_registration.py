"""Registration as the administrator opens, closes and grants it."""

from tests.http.account.sending import as_form, as_json, in_every_shape, is_refused, what
from tests.http.conftest import PASSWORD


def test_registration_goes_on_and_off_in_every_spelling(app, users):
    for words, allowed in (("true 1 yes on", True), ("false 0 no off", False)):
        for word in words.split():
            users.set_registration(not allowed, actor=None)
            answer = app.ask("POST", "/admin/register", user="boss", **as_form(allow=word))
            assert (answer.status_int, answer.body) == (200, b"")
            assert users.registration() is allowed


def test_in_every_shape(app, users):
    for answer in in_every_shape(app, "POST", "/admin/register", {"allow": "on"}, user="boss"):
        assert answer.status_int == 200
        assert users.registration()
        users.set_registration(False, actor=None)


def test_json_booleans(app, users):
    for value in (True, False):
        app.ask("POST", "/admin/register", user="boss", **as_json(allow=value))
        assert users.registration() is value


def test_what_the_body_says_counts_before_the_query(app, users):
    app.ask("POST", "/admin/register?allow=false", user="boss", **as_form(allow="true"))
    assert users.registration()


def test_each_switch_is_in_the_audit_once(app, users, services):
    for word in ("true", "true", "false"):
        app.ask("POST", "/admin/register", user="boss", **as_form(allow=word))
    rows = [event for event in services.state.audit_events() if event.action == "registration"]
    assert [(event.actor, what(event)) for event in reversed(rows)] == [
        ("boss", {"allowed": True}),
        ("boss", {"allowed": False}),
    ]


def test_malformed_parameters_change_nothing(app, users):
    users.set_registration(True, actor=None)
    post = {"method": "POST", "path": "/admin/register", "user": "boss"}
    json_kind = {"Content-Type": "application/json"}
    form_kind = {"Content-Type": "application/x-www-form-urlencoded"}
    assert is_refused(app.ask(**post), 400, "Missing argument 'allow'")
    assert is_refused(app.ask(**post, **as_form(allow="perhaps")), 400, "allow")
    for body in (b"{", b"[false]", b'"no"', b"null", b"\xff", b'{"allow": NaNo}', b"[" * 100_000):
        assert is_refused(app.ask(**post, body=body, headers=json_kind), 400)
    for body in (b"allow=%ff", b"\xff", b"&".join(b"a=1" for _ in range(1000))):
        assert is_refused(app.ask(**post, body=body, headers=form_kind), 400)
    assert is_refused(app.ask("POST", "/admin/register?allow=%ff", user="boss"), 400)
    assert is_refused(app.ask(**post, body=b"x", headers={"Content-Type": "text/plain"}), 415)
    zipped = {**json_kind, "Content-Encoding": "gzip"}
    assert is_refused(app.ask(**post, body=b"{}", headers=zipped), 415)
    broken = {"Content-Type": "multipart/form-data; boundary=x"}
    assert is_refused(app.ask(**post, body=b"--y\r\n\r\n", headers=broken), 400)
    too_large = b'{"allow": false, "x": "' + b"x" * 1024 * 1024 + b'"}'
    assert is_refused(app.ask(**post, body=too_large, headers=json_kind), 413)
    assert users.registration()


def test_an_invitation_names_its_user_and_where_to_go(app, users, services):
    answer = app.ask("GET", "/admin/token/carl", user="boss")
    assert answer.headers["Cache-Control"] in {"no-store", "private, no-store"}
    token = answer.json["token"]
    name, issued, signature = token.split(":")
    assert name == "carl"
    assert int(issued) == int(services.clock().timestamp())
    assert len(signature) == 64
    assert answer.json["token_url"] == f"http://localhost:80/acct/login#/?token={token}"
    assert app.ask("GET", "/admin/token/carl/", user="boss").status_int == 200
    event = services.state.audit_events()[0]
    assert (event.action, event.actor, event.subject) == ("invite", "boss", "carl")
    assert signature not in repr(services.state.audit_events())


def test_nobody_is_invited_by_a_name_that_is_taken_or_impossible(app, users, services):
    users.add_user("newcomer", PASSWORD, pending=True, actor=None)
    for name in ("ann", "ANN", "newcomer"):
        assert is_refused(app.ask("GET", f"/admin/token/{name}", user="boss"), 409, "exists")
    for name in ("everyone", "__token__", "a b", "a:b", "%0Aa", "x" * 101):
        assert is_refused(app.ask("GET", f"/admin/token/{name}", user="boss"), 400)
    assert not [event for event in services.state.audit_events() if event.action == "invite"]


def test_who_waits_is_told_to_administrators_only(app, users):
    for path in ("/admin/pending_users", "/admin/token/carl"):
        assert is_refused(app.ask("GET", path), 401)
        assert is_refused(app.ask("GET", path, user="ann"), 403)
