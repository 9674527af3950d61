"""Finding: what a word matches, what is special in it, and what a prefix changes."""

from __future__ import annotations

from unittest.mock import patch

from hypothesis import given, settings
from hypothesis import strategies as st

from pypicloud_like.catalogue.search import Finder, Words, clean, strip_prefix

THINGS = [
    ("django-rest-framework", "django-rest-framework", "APIs for the web"),
    ("Django Social", "django-social", "Log in with others"),
    ("requests", "requests", "HTTP for humans\nand 100% of them"),
    ("a-b", "a-b", ""),
    ("@std/path", "std-path", "Paths"),
]


def found(words: str, prefix: str = "") -> set[str]:
    finder = Finder([Words.of(*thing, prefix=prefix) for thing in THINGS], prefix=prefix)
    return {THINGS[place][0] for place in finder.find(words)}


def test_parts_of_titles_and_descriptions_in_any_case():
    assert found("REST") == {"django-rest-framework"}
    assert found("for") == {"django-rest-framework", "requests"}
    assert found("HUMANS AND") == {"requests"}


def test_beginnings_of_slugs():
    assert found("std-p") == {"@std/path"}


def test_what_is_left_of_a_title_without_separators():
    assert found("rest framework", "django") == {"django-rest-framework"}
    assert found("restframe", "django") == {"django-rest-framework"}
    assert found("django_social") == {"Django Social"}
    assert found("social", "django") == {"Django Social"}


def test_nothing_special_in_a_word():
    assert found("%") == {"requests"}
    assert found("_") == set()
    assert found("\\") == set()
    assert found("--") == set()
    assert found("\n") == found(" ") == found("") == set()


def test_the_prefix_of_the_published_example():
    name = "django-rest-framework-social-oauth2"
    assert strip_prefix(name, "django") == "rest-framework-social-oauth2"
    assert clean(strip_prefix(name, "django")) == "restframeworksocialoauth2"
    assert strip_prefix("my-django-app", "django") == "my-app"
    assert strip_prefix("A-B", "") == "a-b"


texts = st.text("ab-_ %", max_size=6)


@settings(deadline=None)
@given(
    st.lists(st.builds(Words.of, texts, texts, texts, keywords=st.lists(texts, max_size=2)), max_size=6),
    texts.filter(str.strip),
    st.integers(1, 40),
)
def test_it_finds_what_looking_at_each_finds(things, words, short):
    lower = words.lower()
    cleaned = clean(lower)
    expected = {
        place
        for place, thing in enumerate(things)
        if lower in thing.title
        or lower in thing.description
        or any(lower in keyword for keyword in thing.keywords.split("\t"))
        or thing.slug.startswith(lower)
        or thing.title.startswith(lower)
        or (cleaned and thing.cleaned.startswith(cleaned))
    }
    with patch("pypicloud_like.catalogue.search._SHORT", short):  # indexed in blocks of so many characters
        assert list(Finder(things).find(words)) == sorted(expected)
