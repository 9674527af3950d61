"""Each rule for an uploaded file: what passes it and what does not."""

from typing import ClassVar

import pytest

from pypicloud_like.core.errors import InvalidUpload
from pypicloud_like.ecosystems.pypi import file_checks
from pypicloud_like.ecosystems.pypi.distributions import read_distribution
from pypicloud_like.ecosystems.pypi.file_checks import METADATA_VERSIONS, Check, proper_filename, warnings_of
from tests.builders import Built, a_wheel, an_sdist
from tests.support.raw_archives import a_zip


def passes(check: Check, built: Built) -> None:
    check(read_distribution(built.filename, built.stream(), built.size))


def refuses(check: Check, built: Built, field: str, reason: str) -> None:
    distribution = read_distribution(built.filename, built.stream(), built.size)
    with pytest.raises(InvalidUpload, match=reason) as refusal:
        check(distribution)
    assert refusal.value.field == field


class TestMetadataVersion:
    @pytest.mark.parametrize("version", METADATA_VERSIONS)
    def test_published_ones_pass(self, version: str) -> None:
        for build in (a_wheel, an_sdist):
            passes(file_checks.check_metadata_version, build(metadata={"Metadata-Version": version}))

    @pytest.mark.parametrize("version", ["2.0", "2.6", "3.0", "1", "", "2.1\u0661", "nonsense"])
    def test_others_do_not(self, version: str) -> None:
        built = a_wheel(metadata={"Metadata-Version": version})
        refuses(file_checks.check_metadata_version, built, "metadata_version", "none of|missing")


class TestName:
    @pytest.mark.parametrize("name", ["Foo.Bar", "foo_bar", "FOO--BAR"])
    def test_any_spelling_passes(self, name: str) -> None:
        passes(file_checks.check_name, a_wheel("foo-bar", metadata={"Name": name}))
        passes(file_checks.check_name, an_sdist("foo-bar", metadata={"Name": name}))

    @pytest.mark.parametrize("name", ["foobar", "bar"])
    def test_another_name_does_not(self, name: str) -> None:
        refuses(file_checks.check_name, a_wheel("foo-bar", metadata={"Name": name}), "name", "says otherwise")
        refuses(
            file_checks.check_name, an_sdist("foo-bar", metadata={"Name": name}), "name", "says otherwise"
        )

    @pytest.mark.parametrize("name", ["", "foo bar", "\uff46oo", "fo\u043e", "-foo"])
    def test_no_name_does_not(self, name: str) -> None:
        refuses(file_checks.check_name, a_wheel(metadata={"Name": name}), "name", "no valid project name")


class TestVersion:
    @pytest.mark.parametrize("version", ["1.0", "1", "1.0.0", "v1.0"])
    def test_any_spelling_passes(self, version: str) -> None:
        passes(file_checks.check_version, a_wheel(metadata={"Version": version}))
        passes(file_checks.check_version, an_sdist(metadata={"Version": version}))

    @pytest.mark.parametrize("version", ["1.0+corp1", "1!1.0", "1.0.post1", "1.0.dev3", "2024.1.1"])
    def test_every_kind_of_version_passes(self, version: str) -> None:
        passes(file_checks.check_version, a_wheel(version=version))
        passes(file_checks.check_version, an_sdist(version=version))

    @pytest.mark.parametrize("version", ["1.1", "1.0+corp1", "1!1.0", "1.0rc1"])
    def test_another_version_does_not(self, version: str) -> None:
        refuses(
            file_checks.check_version, a_wheel(metadata={"Version": version}), "version", "says otherwise"
        )
        refuses(
            file_checks.check_version, an_sdist(metadata={"Version": version}), "version", "says otherwise"
        )

    @pytest.mark.parametrize("version", ["", "one", "1.0-x-y", "1" * 300])
    def test_no_version_does_not(self, version: str) -> None:
        refuses(file_checks.check_version, a_wheel(metadata={"Version": version}), "version", "no PEP 440")


class TestRequiresPython:
    @pytest.mark.parametrize("wanted", [None, ">=3.9", ">=3.8,!=3.9.*,<4", " ~= 3.11 "])
    def test_specifiers_pass(self, wanted: str | None) -> None:
        passes(file_checks.check_requires_python, a_wheel(requires_python=wanted))

    @pytest.mark.parametrize("wanted", ["3.9", ">=3.x", "python3", ">=3.9;<4", ">=3," * 1000])
    def test_others_do_not(self, wanted: str) -> None:
        built = an_sdist(requires_python=wanted)
        refuses(file_checks.check_requires_python, built, "requires_python", "no version specifier|longer")


class TestWheelVersion:
    @pytest.mark.parametrize("raw", [b"Wheel-Version: 1.0\n", b"Generator: x\r\nwheel-version: 1.9\r\n"])
    def test_version_1_passes(self, raw: bytes) -> None:
        passes(file_checks.check_wheel_version, a_wheel(files={"{dist_info}/WHEEL": raw}))

    @pytest.mark.parametrize("raw", [b"", b"Wheel-Version: 2.0\n", b"Wheel-Version: one\n", b"\xff\0"])
    def test_others_do_not(self, raw: bytes) -> None:
        refuses(
            file_checks.check_wheel_version,
            a_wheel(files={"{dist_info}/WHEEL": raw}),
            "content",
            "Wheel-Version",
        )

    def test_an_sdist_has_none(self) -> None:
        passes(file_checks.check_wheel_version, an_sdist())


class TestLicenseFiles:
    METADATA: ClassVar = {"Metadata-Version": "2.4", "License-File": ["LICENSE", "docs/AUTHORS"]}

    def test_present_ones_pass(self) -> None:
        files = {"{dist_info}/licenses/LICENSE": b"x", "{dist_info}/licenses/docs/AUTHORS": b"y"}
        passes(file_checks.check_license_files, a_wheel(metadata=self.METADATA, files=files))
        files = {"LICENSE": b"x", "docs/AUTHORS": b"y"}
        passes(file_checks.check_license_files, an_sdist(metadata=self.METADATA, files=files))

    def test_missing_ones_do_not(self) -> None:
        built = a_wheel(metadata=self.METADATA, files={"{dist_info}/licenses/LICENSE": b"x"})
        refuses(file_checks.check_license_files, built, "content", "docs/AUTHORS")
        refuses(file_checks.check_license_files, an_sdist(metadata=self.METADATA), "content", "LICENSE")

    def test_nothing_outside_counts(self) -> None:
        metadata = {"Metadata-Version": "2.4", "License-File": "../WHEEL"}
        refuses(file_checks.check_license_files, a_wheel(metadata=metadata), "content", "WHEEL")

    def test_older_metadata_promised_nothing(self) -> None:
        metadata = {**self.METADATA, "Metadata-Version": "2.3"}
        passes(file_checks.check_license_files, a_wheel(metadata=metadata))


class TestScripts:
    def test_sound_ones_pass(self) -> None:
        raw = b"[console_scripts]\nfoo = foo:main\n"
        passes(file_checks.check_scripts, a_wheel(files={"{dist_info}/entry_points.txt": raw}))
        passes(file_checks.check_scripts, a_wheel())

    def test_a_script_elsewhere_does_not(self) -> None:
        raw = b"[console_scripts]\n../foo = foo:main\n"
        built = a_wheel(files={"{dist_info}/entry_points.txt": raw})
        refuses(file_checks.check_scripts, built, "content", "name of a script")


class TestProperFilename:
    @pytest.mark.parametrize(
        ("name", "version", "filename"),
        [
            ("Foo.Bar", "1.0", "foo_bar-1.0.tar.gz"),
            ("foo", "1.0.post1", "foo-1.0.post1.tar.gz"),
            ("foo", "1.0+corp.1", "foo-1.0+corp.1.tar.gz"),
        ],
    )
    def test_the_name_of_today_passes(self, name: str, version: str, filename: str) -> None:
        passes(file_checks.check_proper_filename, an_sdist(name, version, filename=filename))

    @pytest.mark.parametrize("filename", ["Foo_Bar-1.0.tar.gz", "foo-bar-1.0.tar.gz", "foo_bar-1.0.zip"])
    def test_older_ones_do_not(self, filename: str) -> None:
        extension = ".zip" if filename.endswith(".zip") else ".tar.gz"
        built = an_sdist("foo-bar", filename=filename, extension=extension)
        refuses(file_checks.check_proper_filename, built, "filename", "foo_bar-1.0.tar.gz")

    def test_wheels_are_only_warned_of(self) -> None:
        built = a_wheel("foo", filename="Foo-1.0.0-1-py3-none-any.whl")
        passes(file_checks.check_proper_filename, built)
        distribution = read_distribution(built.filename, built.stream(), built.size)
        assert proper_filename(distribution) == "foo-1.0.0-1-py3-none-any.whl"
        assert any("should be called" in warning for warning in warnings_of(distribution))


class TestWarnings:
    def warned(self, built: Built) -> tuple[str, ...]:
        return warnings_of(read_distribution(built.filename, built.stream(), built.size))

    def test_a_sound_file_gets_none(self) -> None:
        assert self.warned(a_wheel()) == ()
        assert self.warned(an_sdist()) == ()

    @pytest.mark.parametrize(
        ("metadata", "word"),
        [
            ({"Summary": "x" * 513}, "summary"),
            ({"License": "MIT", "License-Expression": "MIT"}, "License"),
            ({"Description": "x"}, "Content-Type"),
        ],
    )
    def test_what_should_be_otherwise(self, metadata: dict[str, str], word: str) -> None:
        (warning,) = self.warned(a_wheel(metadata=metadata))
        assert word in warning


class TestShape:
    """What has to be where in a wheel and in an sdist."""

    @pytest.mark.parametrize("missing", ["METADATA", "WHEEL", "RECORD"])
    def test_a_wheel_without_a_file_of_its_own(self, missing: str) -> None:
        built = a_wheel(without=[f"{{dist_info}}/{missing}"])
        with pytest.raises(InvalidUpload, match=rf"there is no .*{missing}"):
            read_distribution(built.filename, built.stream(), built.size)

    @pytest.mark.parametrize(
        "folder", ["bar-1.0.dist-info", "foo-1.1.dist-info", "foo.dist-info", "foo-1.0.DIST-INFO"]
    )
    def test_a_wheel_whose_metadata_is_called_otherwise(self, folder: str) -> None:
        built = a_wheel(dist_info=folder)
        with pytest.raises(InvalidUpload, match="is not called"):
            read_distribution(built.filename, built.stream(), built.size)

    def test_a_wheel_whose_metadata_is_spelled_otherwise(self) -> None:
        built = a_wheel("foo-bar", "1.0", dist_info="Foo.Bar-1.0.0.dist-info")
        assert read_distribution(built.filename, built.stream(), built.size).parsed.name == "foo-bar"

    @pytest.mark.parametrize("folder", ["bar-1.0.dist-info", "foo-1.0.Dist-Info"])
    def test_a_wheel_with_two_metadata_folders(self, folder: str) -> None:
        built = a_wheel(files={f"{folder}/METADATA": b""})
        with pytest.raises(InvalidUpload, match="exactly one"):
            read_distribution(built.filename, built.stream(), built.size)

    @pytest.mark.parametrize("extension", [".tar.gz", ".zip"])
    def test_an_sdist_without_metadata(self, extension: str) -> None:
        built = an_sdist(without=["PKG-INFO"], files={"foo.egg-info/PKG-INFO": b"x"}, extension=extension)
        with pytest.raises(InvalidUpload, match=r"there is no .*PKG-INFO"):
            read_distribution(built.filename, built.stream(), built.size)

    def test_an_sdist_as_a_zip_has_one_top_folder(self) -> None:
        built = Built("foo-1.0.zip", a_zip({"foo-1.0/PKG-INFO": b"", "bar-1.0/x": b""}))
        with pytest.raises(InvalidUpload, match="exactly one top folder"):
            read_distribution(built.filename, built.stream(), built.size)

    def test_an_sdist_of_an_older_tool(self) -> None:
        built = an_sdist("Foo.Bar", "1.0-1", filename="Foo.Bar-1.0-1.tar.gz", top="Foo.Bar-1.0.post1")
        found = read_distribution(built.filename, built.stream(), built.size)
        assert (found.parsed.name, found.parsed.identity, found.root) == (
            "foo-bar",
            "1.0.post1.sdist",
            "Foo.Bar-1.0.post1",
        )
