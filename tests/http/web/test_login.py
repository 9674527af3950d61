"""What the login says when it fails."""

from __future__ import annotations


def test_a_login_that_fails_still_shows_the_way_to_register(app, users):
    users.set_registration(True, actor=None)
    said = {"username": '"><script>', "password": "wrong"}
    answer = app.post("/acct/login", said, headers={"Accept": "text/html"}, expect_errors=True)
    assert answer.status_int == 403
    assert "<script>" not in answer.text
    assert 'href="/acct/register"' in answer.text
