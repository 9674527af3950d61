"""READMEs as HTML: what authors want to be seen is seen, and nothing of it can do anything."""

from __future__ import annotations

import re
import time

import pytest

from pypicloud_like.registry.presented import MARKDOWN, PLAIN, RST, Readme
from pypicloud_like.web.browse.readme_html import fitted
from pypicloud_like.web.browse.readmes import Readmes


@pytest.fixture(scope="module")
def readmes() -> Readmes:
    return Readmes()


def test_markdown(readmes):
    text = "# Top\n\nA [link](https://example.org) and `code`.\n\n```python\nimport os\n```\n\n|a|b|\n|-|-|\n|1|2|\n"
    html = readmes.html(Readme(text, MARKDOWN))
    assert '<h3 id="user-content-top">Top</h3>' in html
    assert '<a href="https://example.org" rel="nofollow noopener">link</a>' in html
    assert '<span class="kn">import</span>' in html
    assert "<td>2</td>" in html


def test_restructured_text(readmes):
    html = readmes.html(Readme("Top\n===\n\nSee `it <https://example.org>`_.\n\n* one\n", RST))
    assert "<h3>Top</h3>" in html
    assert 'href="https://example.org"' in html
    assert "<li>" in html


def test_plain_text_stays_as_it_is(readmes):
    assert (
        readmes.html(Readme("a <b> *c*\n", PLAIN))
        == '<pre class="plain" tabindex="0">a &lt;b&gt; *c*\n</pre>'
    )


@pytest.mark.promise(135)
@pytest.mark.parametrize(
    "text", ["Top\n=\n\n.. raw:: html\n\n   <b>x</b>\n", ".. include:: /etc/passwd\n", "|unclosed\n===\n"]
)
def test_what_is_no_restructured_text_is_shown_as_it_was_written(readmes, text):
    html = readmes.html(Readme(text, RST))
    assert html.startswith("<pre")
    assert "root:" not in html
    assert "<b>" not in html


HOSTILE = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    '<a href="javascript:alert(1)">x</a>',
    "[x](javascript:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "<iframe src=//evil.example></iframe>",
    '<form action="/admin/register"><button>x</button></form>',
    "<style>body{display:none}</style>",
    '<p style="position:fixed" onclick="x()">x</p>',
    "<svg><script>alert(1)</script></svg><math><mtext><img src onerror=alert(1)>",
    '<div class="note bad" id="content">x</div>',
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
]


@pytest.mark.promise(134, 135)
@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_in_it_acts(readmes, text):
    html = readmes.html(Readme(f"before\n\n{text}\n\nafter", MARKDOWN)).lower()
    lively = ("<script", "<img", "<iframe", "<form", "<button", "<style", "<svg", "javascript:", "data:text")
    shown = html.replace("&lt;", "")
    for word in (*lively, 'class="note', 'id="content"'):
        assert word not in html, shown
    assert not re.search(r"<[^>]*\s(on\w+|style)\s*=", html)


@pytest.mark.promise(135)
def test_links_lead_out_or_stay_within():
    assert fitted('<a href="/admin/rebuild">x</a>') == "<a>x</a>"
    assert fitted('<a href="docs/x.md">x</a>') == "<a>x</a>"
    assert fitted('<a href="//evil.example/">x</a>') == "<a>x</a>"
    assert fitted('<a href="#use">x</a><h2 id="use">Use</h2>') == (
        '<a href="#user-content-use">x</a><h4 id="user-content-use">Use</h4>'
    )


@pytest.mark.promise(135)
def test_pictures_are_links_to_them():
    assert fitted('<img src="https://x/y.png" alt="A &amp; b">') == (
        '<a href="https://x/y.png" rel="nofollow noopener">[A &amp; b]</a>'
    )
    assert fitted('<a href="https://ci"><img src="https://x/y.svg" alt="build"></a>') == (
        '<a href="https://ci" rel="nofollow noopener">[build]</a>'
    )
    assert fitted('<img src="/x.png">') == "[picture]"


def test_a_link_without_content_is_none():
    assert fitted('<h1>x<a href="#x"></a></h1>') == "<h3>x</h3>"


@pytest.mark.promise(98, 135)
def test_one_that_takes_too_long_is_shown_as_it_was_written_and_the_next_is_rendered():
    readmes = Readmes(seconds=2)
    begun = time.monotonic()
    assert readmes.html(Readme(">" * 200_000 + "a", MARKDOWN)).startswith("<pre")
    assert time.monotonic() - begun < 10
    assert "<em>b</em>" in readmes.html(Readme("a *b*", MARKDOWN))
