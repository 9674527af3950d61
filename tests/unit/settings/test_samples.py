"""The ready-made .ini files and the page of settings are never out of date."""

from pathlib import Path

import pytest

from pypicloud_like.assets import config_dir
from pypicloud_like.cli.configuration import read_ini
from pypicloud_like.cli.make_config import KINDS
from pypicloud_like.settings.document import page
from pypicloud_like.settings.keys import KEYS
from pypicloud_like.settings.load import load
from pypicloud_like.settings.model import S3StorageSettings

TOP = Path(__file__).parents[3]


@pytest.mark.parametrize("kind", KINDS)
def test_samples_load_without_faults_or_warnings(kind):
    if kind == "team":
        pytest.importorskip("psycopg")
    path, ini = read_ini(str(config_dir() / f"{kind}.ini"))
    assert ini["use"] == "egg:pypicloud-like"
    settings = load(ini, {}, here=path.parent)
    assert settings.warnings == ()
    if kind == "team":
        assert isinstance(settings.storage, S3StorageSettings)
        assert settings.state.url.startswith("postgresql")


def test_there_is_a_kind_for_each_sample():
    assert sorted(path.stem for path in config_dir().glob("*.ini")) == sorted(KINDS)


def test_the_file_at_the_top_is_the_sample_for_development():
    assert (TOP / "development.ini").read_text() == (config_dir() / "development.ini").read_text()


def test_the_page_of_settings_is_the_table():
    assert (TOP / "docs" / "settings.md").read_text() == page(), (
        "write it again: python -m pypicloud_like.settings.document > docs/settings.md"
    )


def test_the_page_has_every_key_once():
    text = page()
    for key in KEYS:
        assert text.count(f"\n| `{key.name}` |") == 1
