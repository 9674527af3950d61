"""The request that rebuilds the index: who may make it, how, and that it is remembered."""

from tests.builders import a_wheel
from tests.http.account.sending import as_form, as_json, is_refused, log_in


def rebuilds(services):
    return [
        (event.actor, event.subject) for event in services.state.audit_events() if event.action == "rebuild"
    ]


def test_get_and_post_with_and_without_a_last_slash_tell_what_was_found(app, users, services):
    app.upload(*a_wheel("foo", "1.0"))
    for method in ("GET", "POST"):
        for path in ("/admin/rebuild", "/admin/rebuild/"):
            answer = app.ask(method, path, user="boss")
            assert answer.status_int == 200
            report = answer.json
            assert report["projects"] == report["records"] == 1
            assert report["changed"] == report["removed"] == report["kept_without_record"] == 0
    assert rebuilds(services) == [("boss", "index")] * 4


def test_confirmation_in_every_spelling(app, users):
    for word in ("true", "1", "yes", "on", "false", "0", "no", "off"):
        assert app.ask("GET", f"/admin/rebuild?confirmed={word}", user="boss").status_int == 200
        assert app.ask("POST", "/admin/rebuild", user="boss", **as_form(confirmed=word)).status_int == 200
    assert app.ask("POST", "/admin/rebuild", user="boss", **as_json(confirmed=True)).status_int == 200


def test_a_refused_request_rebuilds_nothing(app, users, services):
    assert is_refused(app.ask("GET", "/admin/rebuild"), 401)
    assert is_refused(app.ask("GET", "/admin/rebuild", user="ann"), 403)
    assert is_refused(app.ask("GET", "/admin/rebuild?confirmed=perhaps", user="boss"), 400, "confirmed")
    session = log_in(app, "boss")
    assert is_refused(app.ask("POST", "/admin/rebuild", headers=session.cookie), 403)
    assert app.ask("PUT", "/admin/rebuild", user="boss").status_int == 405
    assert rebuilds(services) == []
    assert app.ask("POST", "/admin/rebuild", headers=session.headers).status_int == 200
