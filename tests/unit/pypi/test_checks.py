"""Each rule for what a form says of its file."""

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi import checks
from pypicloud_like.ecosystems.pypi.checks import Claims, check_upload
from pypicloud_like.ecosystems.pypi.inspect import inspect
from tests.builders import Built, a_wheel, an_sdist

WHEEL = a_wheel("Foo.Bar", "1.0", requires_python=">=3.9,<4")
SDIST = an_sdist("Foo.Bar", "1.0")


def upload(built: Built, **form: str) -> None:
    check_upload(
        built.filename, built.stream(), built.size, claims=Claims.from_form(form), digests=built.digests
    )


def refused(built: Built, field: str, **form: str) -> str:
    with pytest.raises(InvalidUpload) as refusal:
        upload(built, **form)
    assert refusal.value.field == field
    return refusal.value.reason


def digests_of(built: Built) -> dict[str, str]:
    found = built.digests
    return {
        "md5_digest": found["md5"],
        "sha256_digest": found["sha256"],
        "blake2_256_digest": found["blake2b_256"],
    }


def test_nothing_said_is_fine() -> None:
    for built in (WHEEL, SDIST):
        upload(built)
        upload(
            built, name="", version="", filetype="", requires_python="", sha256_digest="", pyversion="UNKNOWN"
        )


def test_what_clients_say_is_fine() -> None:
    common = {"protocol_version": "1", "metadata_version": "2.1", "name": "Foo-Bar", "version": "1.0.0"}
    upload(WHEEL, filetype="bdist_wheel", pyversion="py3", **common, **digests_of(WHEEL))
    upload(SDIST, filetype="sdist", pyversion="source", **common, **digests_of(SDIST))


@pytest.mark.parametrize("version", ["0", "2", "1.0", "x"])
def test_protocol_version(version: str) -> None:
    refused(WHEEL, "protocol_version", protocol_version=version)


@pytest.mark.parametrize("version", ["2.0", "9.9", "x"])
def test_metadata_version(version: str) -> None:
    refused(WHEEL, "metadata_version", metadata_version=version)


class TestDigests:
    @pytest.mark.parametrize("field", ["md5_digest", "sha256_digest", "blake2_256_digest"])
    def test_each_alone_and_in_any_case(self, field: str) -> None:
        digest = digests_of(WHEEL)[field]
        upload(WHEEL, **{field: digest})
        upload(WHEEL, **{field: digest.upper()})

    @pytest.mark.parametrize("field", ["md5_digest", "sha256_digest", "blake2_256_digest"])
    def test_a_wrong_one_among_right_ones_is_named(self, field: str) -> None:
        refused(WHEEL, field, **{**digests_of(WHEEL), field: digests_of(SDIST)[field]})

    @pytest.mark.parametrize("digest", ["0", "g" * 64, "0" * 63, "0" * 65, "\uff10" * 64, "0" * 32])
    def test_a_malformed_one_is_named(self, digest: str) -> None:
        assert "64 hexadecimal" in refused(WHEEL, "sha256_digest", sha256_digest=digest)

    def test_they_are_compared_before_the_file_is_looked_into(self) -> None:
        broken = Built(WHEEL.filename, b"")
        refused(broken, "sha256_digest", sha256_digest=WHEEL.sha256)


class TestFiletype:
    @pytest.mark.parametrize("filetype", ["bdist_egg", "bdist_wininst", "wheel", "SDIST"])
    def test_unknown(self, filetype: str) -> None:
        assert "must be" in refused(WHEEL, "filetype", filetype=filetype)

    def test_of_another_file(self) -> None:
        refused(WHEEL, "filetype", filetype="sdist")
        refused(SDIST, "filetype", filetype="bdist_wheel")


class TestPyversion:
    def test_of_another_kind(self) -> None:
        refused(WHEEL, "pyversion", pyversion="source")
        refused(SDIST, "pyversion", pyversion="py3")


class TestName:
    @pytest.mark.parametrize("name", ["foo-bar", "FOO_BAR", "Foo.Bar", "foo--bar"])
    def test_any_spelling(self, name: str) -> None:
        upload(WHEEL, name=name)

    @pytest.mark.parametrize("name", ["foobar", "foo", "foo-bar2"])
    def test_another(self, name: str) -> None:
        assert "the form says" in refused(WHEEL, "name", name=name)

    @pytest.mark.parametrize("name", ["-foo", "foo bar", "fo\u043e-bar", "\uff46oo-bar", "foo/bar", "foo\0"])
    def test_no_name_at_all(self, name: str) -> None:
        assert "ASCII" in refused(WHEEL, "name", name=name)


class TestVersion:
    @pytest.mark.parametrize("version", ["1", "1.0", "1.0.0", "v1.0"])
    def test_any_spelling(self, version: str) -> None:
        upload(SDIST, version=version)

    @pytest.mark.parametrize("version", ["1.1", "1.0+x", "1!1.0"])
    def test_another(self, version: str) -> None:
        assert "the form says" in refused(SDIST, "version", version=version)

    @pytest.mark.parametrize("version", ["one", "1.0 1", "9" * 5000])
    def test_no_version_at_all(self, version: str) -> None:
        assert "PEP 440" in refused(SDIST, "version", version=version)


class TestRequiresPython:
    @pytest.mark.parametrize("wanted", [">=3.9,<4", "<4, >=3.9", ">= 3.9 , < 4"])
    def test_any_order(self, wanted: str) -> None:
        upload(WHEEL, requires_python=wanted)

    @pytest.mark.parametrize("wanted", [">=3.9", ">=3.8,<4"])
    def test_another(self, wanted: str) -> None:
        assert "the form says" in refused(WHEEL, "requires_python", requires_python=wanted)

    def test_where_the_file_has_none(self) -> None:
        assert "the form says" in refused(SDIST, "requires_python", requires_python=">=3.9")

    @pytest.mark.parametrize("wanted", ["3.9", "x" * 10_000])
    def test_no_specifier(self, wanted: str) -> None:
        refused(WHEEL, "requires_python", requires_python=wanted)


def test_names_of_sdists_by_setting() -> None:
    built = an_sdist("Foo.Bar", filename="Foo.Bar-1.0.tar.gz")
    found = inspect(built.filename, built.stream(), built.size)
    assert (found.project, len(found.warnings)) == ("foo-bar", 1)
    with pytest.raises(InvalidUpload, match=r"foo_bar-1\.0\.tar\.gz"):
        check_upload(
            built.filename,
            built.stream(),
            built.size,
            claims=Claims(),
            digests=built.digests,
            strict_sdist_names=True,
        )


def test_every_check_is_in_its_list() -> None:
    listed = {check.__name__ for check in (*checks.CLAIM_CHECKS, *checks.AGREEMENT_CHECKS)}
    written = {name for name in vars(checks) if name.startswith("check_")}
    assert written - listed == {"check_digests", "check_claims", "check_agreement", "check_upload"}
