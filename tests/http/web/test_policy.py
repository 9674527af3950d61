"""Which scripts and styles a page lets in."""

from __future__ import annotations

import re


def test_a_page_lets_in_its_own_scripts_and_styles_and_nothing_that_was_uploaded(ann):
    answers = [ann.get(path) for path in ("/", "/", "/nothing/of/that/name", "/account")]
    seen = set()
    for answer in (each for each in answers if each.content_type == "text/html"):
        policy = answer.headers["Content-Security-Policy"]
        (nonce,) = set(re.findall(r"'nonce-([\w-]+)'", policy))
        assert f"script-src 'nonce-{nonce}';" in policy
        assert f"style-src 'nonce-{nonce}';" in policy
        assert set(re.findall(r'nonce="([\w-]+)"', answer.text)) == {nonce}
        assert answer.text.count("<script") == 1
        seen.add(nonce)
    assert len(seen) >= 3, "each answer has a word of its own"


def test_a_login_that_fails_keeps_the_name_and_the_way_to_register(app, users):
    users.set_registration(True, actor=None)
    said = {"username": '"><script>', "password": "wrong"}
    answer = app.post("/acct/login", said, headers={"Accept": "text/html"}, expect_errors=True)
    assert answer.status_int == 403
    assert 'value="&#34;&gt;&lt;script&gt;"' in answer.text
    assert 'href="/acct/register"' in answer.text
