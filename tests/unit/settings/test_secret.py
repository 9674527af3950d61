"""The server's own secret."""

import os
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.secret import SIZE, load_secret


def test_made_once_and_kept_for_its_owner(tmp_path):
    data = tmp_path / "new" / "data"
    secret = load_secret(data)
    assert len(secret) == SIZE
    assert load_secret(data) == secret
    assert stat.S_IMODE((data / "secret.key").stat().st_mode) == 0o600
    assert [path.name for path in data.iterdir()] == ["secret.key"]
    assert load_secret(tmp_path / "other") != secret


def test_many_at_once_get_the_same(tmp_path):
    with ThreadPoolExecutor(16) as pool:
        assert len(set(pool.map(lambda _: load_secret(tmp_path), range(64)))) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_a_loser_of_the_race_takes_the_winners(tmp_path, monkeypatch):
    link = os.link

    def overtaken(draft, path):
        path.write_bytes(b"w" * SIZE)
        link(draft, path)

    monkeypatch.setattr(os, "link", overtaken)
    assert load_secret(tmp_path) == b"w" * SIZE


def test_damage_is_told_without_the_secret(tmp_path):
    (tmp_path / "secret.key").write_bytes(b"torn")
    with pytest.raises(ConfigurationError, match="damaged") as caught:
        load_secret(tmp_path)
    assert "torn" not in str(caught.value)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=r"server\.data"):
        load_secret(tmp_path / "file" / "data")
