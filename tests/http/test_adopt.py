"""Adoption: files without records get them, where they lie or copied from another folder."""

from __future__ import annotations

import hashlib
import json
import os
from datetime import UTC, datetime

import pytest

from pypicloud_like.core import keys
from pypicloud_like.core.errors import Conflict
from pypicloud_like.core.model import PYPI, Project
from pypicloud_like.ecosystems.pypi.adopter import PypiAdopter
from pypicloud_like.registry.adopt import adopt
from pypicloud_like.registry.rebuild import rebuild
from pypicloud_like.settings.model import FileStorageSettings
from pypicloud_like.storage.files import FileStorage
from tests.builders import a_wheel, a_zip, an_sdist

UPLOADED = datetime(2020, 5, 6, 7, 8, 9, tzinfo=UTC)


def lay(folder, path, body, *, meta=None):
    """A file as pypicloud keeps it, old, with its ``.meta`` beside it."""
    target = folder / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_bytes(body)
    os.utime(target, (UPLOADED.timestamp(), UPLOADED.timestamp()))
    if meta is not None:
        target.with_name(target.name + ".meta").write_text(json.dumps(meta))


@pytest.fixture
def pypicloud(tmp_path):
    """A storage folder as pypicloud leaves it."""
    folder = tmp_path / "storage"
    filename, body = a_wheel("Old_Pkg", "1.0", requires_python=">=3.6")
    meta = {"uploader": "grace", "summary": "ignored", "hash_sha256": hashlib.sha256(body).hexdigest()}
    lay(folder, f"old-pkg/1.0/{filename}", body, meta=meta)
    filename, body = an_sdist("Old_Pkg", "0.9")
    lay(folder, f"old-pkg/0.9/{filename}", body, meta={"requires_python": ">=2.7"})
    lay(folder, "egg/1.0/egg-1.0-py2.7.egg", a_zip({"EGG-INFO/PKG-INFO": b"Name: egg\nVersion: 1.0\n"}))
    lay(folder, "notes.txt", b"no package")
    return folder


def test_a_pypicloud_folder_is_served_as_it_was(app, services, users, pypicloud):
    report = adopt(services, PypiAdopter())
    assert (report.adopted, report.present, report.problems) == (3, 0, [])
    page = app.ask(
        "GET", "/simple/old-pkg/", user="boss", headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    ).json
    wheel = next(file for file in page["files"] if file["filename"].endswith(".whl"))
    assert wheel["upload-time"].startswith("2020-05-06T07:08:09")
    assert wheel["requires-python"] == ">=3.6"
    sdist = next(file for file in page["files"] if file["filename"].endswith(".tar.gz"))
    assert sdist["requires-python"] == ">=2.7"
    for file in page["files"]:
        body = app.ask("GET", file["url"], user="boss").body
        assert hashlib.sha256(body).hexdigest() == file["hashes"]["sha256"]
    metadata = app.ask("GET", wheel["url"] + ".metadata", user="boss")
    assert hashlib.sha256(metadata.body).hexdigest() == wheel["core-metadata"]["sha256"]
    assert services.cache.file(Project(PYPI, "old-pkg"), wheel["filename"]).uploader == "grace"
    assert app.ask("GET", "/simple/egg/", user="boss").status_int == 200


def test_adopted_files_stay_where_they_lie(services, pypicloud):
    adopt(services, PypiAdopter())
    copied = [stat.key for stat in services.storage.list(keys.FILES)]
    assert all(key.endswith(".metadata") for key in copied)


def test_doing_it_again_does_nothing_and_goes_on_with_what_is_new(services, pypicloud):
    adopt(services, PypiAdopter())
    filename, body = a_wheel("late", "1.0")
    lay(pypicloud, f"late/1.0/{filename}", body)
    report = adopt(services, PypiAdopter())
    assert (report.adopted, report.present) == (1, 3)


def test_what_was_adopted_survives_a_rebuild_and_can_be_deleted(app, services, users, pypicloud):
    adopt(services, PypiAdopter())
    assert rebuild(services).changed == 0
    path = next((pypicloud / "old-pkg" / "1.0").glob("*.whl"))
    assert app.ask("DELETE", f"/api/package/old-pkg/{path.name}", user="boss").status_int == 200
    assert not path.exists()


def test_a_file_that_does_not_match_its_digest_is_told_and_left_out(services, pypicloud):
    filename, body = a_wheel("rotten", "1.0")
    lay(pypicloud, f"rotten/1.0/{filename}", body, meta={"hash_sha256": "0" * 64})
    report = adopt(services, PypiAdopter())
    assert len(report.problems) == 1
    assert "rotten" in report.problems[0]
    assert not services.cache.exists(Project(PYPI, "rotten"))


def test_a_broken_file_does_not_stop_the_others(services, pypicloud):
    lay(pypicloud, "broken/1.0/broken-1.0-py3-none-any.whl", b"PK\x03\x04 and no more")
    report = adopt(services, PypiAdopter())
    assert report.adopted == 3
    assert len(report.problems) == 1


def test_of_two_files_of_one_identity_one_is_taken_and_the_other_told(services, pypicloud):
    filename, body = an_sdist("twice", "1.0")
    lay(pypicloud, f"twice/1.0/{filename}", body)
    other, body = an_sdist("twice", "1.0.0")
    lay(pypicloud, f"twice/1.0.0/{other}", body)
    report = adopt(services, PypiAdopter())
    assert len([problem for problem in report.problems if "twice" in problem]) == 1


def test_a_folder_of_wheels_elsewhere_is_copied(app, services, users, tmp_path):
    elsewhere = tmp_path / "wheels"
    filename, body = a_wheel("loose", "1.0")
    lay(elsewhere, filename, body)
    report = adopt(services, PypiAdopter(), source=FileStorage.from_settings(FileStorageSettings(elsewhere)))
    assert report.adopted == 1
    (elsewhere / filename).unlink()
    assert app.ask("GET", f"/api/package/loose/{filename}", user="boss").body == body


def test_only_below_the_prefix_that_was_named(services, pypicloud):
    assert adopt(services, PypiAdopter(), prefix="egg/").adopted == 1


def test_not_while_a_rebuild_is_running(services, pypicloud):
    with services.state.lock("rebuild"), pytest.raises(Conflict):
        adopt(services, PypiAdopter())
