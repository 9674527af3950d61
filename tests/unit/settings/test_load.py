"""Reading settings: defaults, precedence, faults told together, derived values, impossible pairs."""

from pathlib import Path

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.keys import KEYS
from pypicloud_like.settings.load import EMBEDDED, load
from pypicloud_like.settings.model import (
    MIB,
    FileStorageSettings,
    MemoryStorageSettings,
    PluginSettings,
    S3StorageSettings,
)

HERE = Path("/etc/packages")
S3 = {"pypi.storage": "s3", "storage.bucket": "b"}


def read(ini=None, environ=None, **kwargs):
    return load(ini or {}, environ or {}, here=HERE, **kwargs)


def faults(ini=None, environ=None, **kwargs):
    with pytest.raises(ConfigurationError) as caught:
        read(ini, environ, **kwargs)
    return caught.value.faults


def fault(ini=None, environ=None, **kwargs):
    found = faults(ini, environ, **kwargs)
    assert len(found) == 1, found
    return found[0]


def origin(settings, key):
    return next(item for item in settings.origins if item.key == key)


@pytest.mark.promise(172)
def test_nothing_given_is_embedded_in_the_data_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    settings = load(EMBEDDED, {})
    data = tmp_path / "data"
    assert settings.server.data == data
    assert settings.storage == FileStorageSettings(data / "storage")
    assert settings.index.url == f"sqlite:///{data}/index.sqlite"
    assert settings.state.url == f"sqlite:///{data}/state.sqlite"
    assert settings.server.spool_dir == data / "spool"
    assert settings.access.backend == "sql"
    assert settings.access.first_admin_by_registration
    assert not load({}, {}).access.first_admin_by_registration
    assert settings.warnings == ()
    assert not data.exists()


def test_every_key_of_the_table_fits_a_field_of_its_topic():
    for key in KEYS:
        key.field_default  # noqa: B018 - raises for a field that is not there
        assert key.meaning.endswith("."), key.name


def test_the_data_option_goes_before_the_setting():
    assert read({"server.data": "/srv/a"}, data=Path("/srv/b")).server.data == Path("/srv/b")
    assert read({"server.data": "/srv/a"}).server.data == Path("/srv/a")
    assert origin(read(data=Path("/srv/b")), "server.data").source == "command line"


def test_paths_are_relative_to_the_file():
    settings = read(
        {
            "server.data": "d",
            "storage.dir": "../s",
            "db.url": "sqlite:///i.db",
            "state.url": "sqlite:////s.db",
        }
    )
    assert settings.server.data == HERE / "d"
    assert settings.storage.dir == Path("/etc/s")
    assert settings.index.url == "sqlite:////etc/packages/i.db"
    assert settings.state.url == "sqlite:////s.db"


def test_the_environment_goes_before_the_file_and_says_so():
    settings = read({"pypi.realm": "file"}, {"PPC_PYPI_REALM": "environment", "PATH": "/bin"})
    assert settings.access.realm == "environment"
    assert origin(settings, "pypi.realm").source == "PPC_PYPI_REALM"
    assert origin(read({"pypi.realm": "x"}), "pypi.realm").source == "ini"
    assert origin(read(), "pypi.realm").source == "default"


def test_variables_find_keys_with_underscores():
    settings = read(
        S3, {"PPC_STORAGE_AWS_ACCESS_KEY_ID": "id", "PPC_STORAGE_AWS_SECRET_ACCESS_KEY": "s3cr3t"}
    )
    assert settings.storage.aws_access_key_id == "id"
    assert settings.storage.aws_secret_access_key == "s3cr3t"


def test_all_faults_are_told_at_once():
    found = faults({"limits.file": "big", "server.threads": "0", "pypi.db": "mongo", "storage.dri": "x"})
    assert len(found) == 4
    assert "limits.file = big: must be a size such as 65536, 512 KiB or 2 GiB" in found


@pytest.mark.promise(165)
def test_unknown_keys_under_our_prefixes_get_a_suggestion():
    assert fault({"storage.dri": "x"}) == "storage.dri = x: is not a setting; did you mean storage.dir?"
    assert fault({}, {"PPC_STORAGE_BUKET": "x"}).endswith("did you mean PPC_STORAGE_BUCKET?")
    assert fault({"session.zzz": "x"}) == "session.zzz = x: is not a setting"
    assert fault({"server.Data": "x"}).endswith("did you mean server.data?")


def test_what_is_not_ours_is_left_alone():
    settings = read({"use": "egg:pypicloud-like", "pyramid.debug_all": "true"}, {"PPC_FOO_BAR": "1"})
    assert settings.warnings == ("PPC_FOO_BAR: is not a variable this server knows",)


@pytest.mark.parametrize("text", ["true", "True", "1", "yes", "ON"])
def test_booleans_that_are_true(text):
    assert read({"pypi.allow_reuse_of_deleted": text}).access.allow_reuse_of_deleted


@pytest.mark.parametrize("text", ["false", "0", "no", "Off"])
def test_booleans_that_are_false(text):
    assert not read({"pypi.strict_sdist_names": text}).pypi.strict_sdist_names


@pytest.mark.parametrize("text", ["", "2", "tru", "y e s", "None"])
def test_booleans_that_are_none(text):
    assert "must be true or false" in fault({"pypi.strict_sdist_names": text})


def test_unknown_backends_name_the_known_ones():
    assert fault({"pypi.storage": "ftp"}) == (
        "pypi.storage = ftp: is not known; known are file, memory, s3, or the dotted name of a class"
    )
    assert "known are config, sql" in fault({"pypi.auth": "radius"})


def test_a_plugin_gets_its_keys_unread():
    settings = read({"pypi.storage": "acme.blobs:Store", "storage.verify": "maybe", "storage.tier": "hot"})
    assert settings.storage == PluginSettings("acme.blobs:Store", {"verify": "maybe", "tier": "hot"})
    assert read({"pypi.db": "acme.Cache", "db.shards": "3"}).cache == PluginSettings(
        "acme.Cache", {"shards": "3"}
    )
    access = read({"pypi.auth": "acme.Ldap", "auth.base": "dc=x", "auth.failures": "3"}).access
    assert (access.backend, access.failures, access.options["base"]) == ("acme.Ldap", 3, "dc=x")


def test_s3():
    settings = read(
        S3 | {"pypi.stream_files": "yes", "storage.verify": "ca.pem", "storage.expire_after": "2m"}
    )
    assert settings.storage == S3StorageSettings(
        bucket="b", redirect=False, verify="/etc/packages/ca.pem", expire_after=120
    )
    assert fault({"pypi.storage": "s3"}) == "storage.bucket: must be given with pypi.storage = s3"


def test_keys_of_the_other_storage_are_warned_about():
    assert read({"storage.bucket": "b"}).warnings == (
        "storage.bucket: has no effect with pypi.storage = file",
    )


def test_memory():
    assert read({"pypi.storage": "memory"}).storage == MemoryStorageSettings()


def test_the_body_limit_follows_the_file_limit():
    assert read({"limits.file": "10 MiB"}).limits.body == 11 * MIB
    assert read({"limits.file": "10 MiB", "limits.body": "10M"}).limits.body == 10 * MIB
    assert "must not be below limits.file" in fault({"limits.file": "10 MiB", "limits.body": "9 MiB"})


def test_pools_are_as_large_as_there_are_threads():
    assert read({"server.threads": "40"}).index.pool_size == 40
    assert read().state.pool_size == 16
    assert "must not be below server.threads = 4" in fault({"db.pool_size": "2"})


@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ({"db.url": "sqlite:///a.db", "state.url": "sqlite:///a.db"}, "must be two files"),
        (S3 | {"server.accel_prefix": "/files"}, "needs pypi.storage = file"),
        (S3 | {"storage.aws_access_key_id": "x"}, "one is given without the other"),
        (S3 | {"storage.aws_session_token": "x"}, "needs storage.aws_access_key_id"),
        ({"pypi.storage": "memory", "db.url": "postgresql://h/n"}, "belong to one process"),
        ({"session.secure": "true", "server.public_url": "http://h"}, "nobody could log in"),
        ({"server.data": "d", "storage.dir": "d"}, "a folder of its own"),
        ({"server.spool_dir": "d", "storage.dir": "d"}, "must not be server.spool_dir"),
        ({"limits.url": "128 KiB"}, "must not be above limits.header"),
    ],
)
def test_impossible_pairs(ini, words):
    if "postgresql" in ini.get("db.url", ""):
        pytest.importorskip("psycopg")
    assert words in fault(ini)


def test_unwise_pairs_are_warned_about():
    unwise = {"session.secure": "false", "server.public_url": "https://h", "pypi.default_write": "everyone"}
    warnings = read(unwise).warnings
    assert [warning.partition(":")[0] for warning in warnings] == [
        "session.secure = false",
        "pypi.default_write",
    ]


@pytest.mark.promise(120, 160)
def test_secrets_are_masked_everywhere():
    secrets = {
        "auth.signing_key": "hunter2-hunter2-hunter2",
        "storage.aws_secret_access_key": "hunter2",
        "storage.aws_access_key_id": "id",
        "state.url": "postgresql://joe:hunter2@h/n?password=hunter2",
        "db.url": "postgresql://joe:hun@ter2@h/n",
    }
    pytest.importorskip("psycopg")
    settings = read(S3 | secrets)
    shown = "\n".join(item.value for item in settings.origins)
    assert "hunter2" not in shown + repr(settings.access) + repr(settings.storage)
    assert "ter2@" not in shown
    wrong = {
        "storage.aws_secret_acces_key": "hunter2",
        "auth.signing_key": "hunter2",
        "db.url": "mysql://joe:hunter2@h/n",
        "auth.password": "hunter2",
        "user.joe": "hunter2",
    }
    assert "hunter2" not in "\n".join(faults(wrong))


@pytest.mark.promise(117)
@pytest.mark.parametrize(
    "key", ["short", "change-me-change-me-change-me", "secret-key-for-the-server", "a" * 40]
)
def test_weak_signing_keys_are_refused(key):
    assert key not in fault({"auth.signing_key": key})


def test_group_lists():
    access = read(
        {"pypi.default_read": "everyone", "pypi.default_write": " Devs\n ops ", "pypi.cache_update": ""}
    ).access
    assert access.default_read == {"everyone"}
    assert access.default_write == {"devs", "ops"}
    assert access.cache_update == frozenset()
    assert access.create_groups is None
    assert "separated by spaces" in fault({"pypi.default_read": "a, b"})


def test_older_booleans_become_groups():
    access = read({"pypi.allow_overwrite": "true", "pypi.allow_delete": "false"}).access
    assert access.overwrite_groups == {"authenticated"}
    assert access.delete_groups == frozenset()
    assert "two words for one setting" in fault(
        {"pypi.allow_delete": "false", "pypi.allow_delete_groups": "x"}
    )
    assert read({"pypi.allow_overwrite_groups": "ops"}).access.overwrite_groups == {"ops"}


def test_the_database_of_accounts_is_the_state():
    settings = read({"auth.db.url": "sqlite:///people.db"})
    assert settings.state.url == "sqlite:////etc/packages/people.db"
    assert "is read as state.url" in settings.warnings[0]
    assert read({}, {"PPC_AUTH_DB_URL": "sqlite:////p.db"}).state.url == "sqlite:////p.db"
    assert "two values" in fault({"auth.db.url": "sqlite:///a.db", "state.url": "sqlite:///b.db"})


def test_unset_is_not_empty():
    settings = read({"server.public_url": "", "session.secure": "auto", "auth.hash_rounds": ""})
    assert settings.server.public_url is None
    assert settings.access.session_secure is None
    assert settings.access.hash_rounds is None
