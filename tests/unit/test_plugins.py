"""Finding backends by name, and the folders of assets."""

import sys

import pytest

from pypicloud_like import assets, plugins
from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.model import FileStorageSettings, MemoryStorageSettings, PluginSettings
from pypicloud_like.storage.files import FileStorage
from pypicloud_like.storage.memory import MemoryStorage


def test_by_entry_point():
    assert plugins.find("storage", "memory") is MemoryStorage
    assert plugins.find("pypicloud_like.storage", "file") is FileStorage
    assert plugins.known("storage") == ["file", "memory", "s3"]
    assert plugins.known("access") == ["config", "sql"]


@pytest.mark.parametrize(
    "name", ["pypicloud_like.storage.memory:MemoryStorage", "pypicloud_like.storage.memory.MemoryStorage"]
)
def test_by_dotted_name(name):
    assert plugins.find("storage", name) is MemoryStorage


def test_by_settings(tmp_path):
    assert isinstance(plugins.open_storage(MemoryStorageSettings()), MemoryStorage)
    assert isinstance(plugins.open_storage(FileStorageSettings(tmp_path)), FileStorage)
    foreign = PluginSettings("pypicloud_like.storage.memory:MemoryStorage", {})
    assert isinstance(plugins.open_storage(foreign), MemoryStorage)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ftp", "known are file, memory, s3"),
        ("", "known are file, memory, s3"),
        ("a b.c", "known are file, memory, s3"),
        ("nowhere.at_all:Class", "there is no module nowhere"),
        ("pypicloud_like.nowhere.Class", "there is no module pypicloud_like.nowhere"),
        ("pypicloud_like.storage.memory:Absent", "Absent"),
        ("pypicloud_like.plugins:find", "is not a class"),
    ],
)
def test_what_cannot_be_found(name, words):
    with pytest.raises(ConfigurationError) as caught:
        plugins.find("storage", name)
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("library", "words"),
    [
        ("psycopg", "pip install 'pypicloud-like[postgresql]'"),
        ("unheard_of_library", "pip install unheard_of_library"),
    ],
)
def test_a_missing_library_is_named(tmp_path, monkeypatch, library, words):
    (tmp_path / "needy_backend.py").write_text(f"import {library}\nclass Store: ...\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(ConfigurationError) as caught:
        plugins.find("storage", "needy_backend:Store")
    assert words in str(caught.value)
    sys.modules.pop("needy_backend", None)


def test_assets_are_absolute_folders():
    for folder in (assets.static_dir(), assets.templates_dir(), assets.config_dir()):
        assert folder.is_absolute()
        assert any(folder.iterdir())
