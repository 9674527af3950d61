import pytest

from pypicloud_like.ecosystems.pypi.releases import (
    LATEST_WORDS,
    find_release,
    named_release,
    project_release,
    releases,
)
from tests.unit.pypi_render.samples import a_file


def known(*versions):
    """Releases of these versions; a leading ``-`` stands for yanked."""
    return releases(
        a_file(v.removeprefix("-"), yanked="bad" if v.startswith("-") else None) for v in versions
    )


def version(release):
    return release and release.version


@pytest.mark.parametrize(
    ("versions", "project", "latest", "stable", "unstable"),
    [
        (["2.0", "2.1rc1"], "2.0", "2.0", "2.0", "2.1rc1"),
        (["2.0rc1", "2.0"], "2.0", "2.0", "2.0", "2.0"),
        (["1.9", "1.10"], "1.10", "1.10", "1.10", "1.10"),
        (["1.0", "1.1.dev1"], "1.0", "1.0", "1.0", "1.1.dev1"),
        (["1.0a1", "1.0.dev3", "1.0b2"], "1.0b2", "1.0b2", None, "1.0b2"),
        (["1.0", "1.0.post1", "1.0+local"], "1.0.post1", "1.0.post1", "1.0.post1", "1.0.post1"),
        (["2.0", "1!0.1"], "1!0.1", "1!0.1", "1!0.1", "1!0.1"),
        (["1.0", "-2.0"], "1.0", "1.0", "1.0", "1.0"),
        (["1.0a1", "-2.0"], "1.0a1", "1.0a1", None, "1.0a1"),
        (["-1.0", "-2.0", "-3.0rc1"], "2.0", None, None, None),
        (["zebra", "ant"], "zebra", "zebra", None, None),
        (["zebra", "1.0.dev1"], "1.0.dev1", "1.0.dev1", None, "1.0.dev1"),
        (["zebra", "-1.0"], "zebra", "zebra", None, None),
        ([], None, None, None, None),
    ],
)
def test_choice_of_a_release(versions, project, latest, stable, unstable):
    for order in (versions, versions[::-1]):
        given = known(*order)
        assert version(project_release(given)) == project
        assert version(named_release("latest", given)) == latest
        assert version(named_release("latest-stable", given)) == stable
        assert version(named_release("latest-unstable", given)) == unstable


def test_other_words_stand_for_nothing():
    assert named_release("newest", known("1.0")) is None
    assert {"latest", "latest-stable", "latest-unstable"} == LATEST_WORDS


def test_grouping_and_order():
    files = [a_file("1.10"), a_file("1.9", sdist=True), a_file("1.9"), a_file("odd"), a_file("1.9.0")]
    assert [(release.version, len(release.files)) for release in releases(files)] == [
        ("odd", 1),
        ("1.9", 2),
        ("1.9.0", 1),
        ("1.10", 1),
    ]
    assert [file.filename for file in releases(files)[1].files] == [
        "acme_tools-1.9-py3-none-any.whl",
        "acme_tools-1.9.tar.gz",
    ]


def test_a_release_is_yanked_when_all_its_files_are():
    wheel, sdist = a_file("1.0", yanked=""), a_file("1.0", sdist=True, yanked="broken")
    (release,) = releases([wheel, sdist])
    assert release.is_yanked
    assert release.yanked_reason == "broken"
    (release,) = releases([wheel, a_file("1.0", sdist=True)])
    assert not release.is_yanked
    assert release.yanked_reason is None
    (release,) = releases([wheel])
    assert release.yanked_reason is None


@pytest.mark.parametrize(
    ("wanted", "found"),
    [
        ("1.0", "1.0"),
        ("1.0.0", "1.0"),
        ("v1", "1.0"),
        ("2.0RC1", "2.0rc1"),
        ("odd", "odd"),
        ("Odd", None),
        ("3", None),
        ("latest", None),
        ("", None),
    ],
)
def test_a_version_is_found_however_it_is_spelled(wanted, found):
    assert version(find_release(wanted, known("1.0", "2.0rc1", "odd"))) == found


def test_of_two_spellings_only_the_exact_one_is_found():
    two = known("1.0", "1.0.0")
    assert version(find_release("1.0", two)) == "1.0"
    assert version(find_release("1.0.0", two)) == "1.0.0"
    assert find_release("1", two) is None
