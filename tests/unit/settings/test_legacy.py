"""An .ini file of pypicloud works, or says exactly what to change."""

import pytest

from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.settings.load import load


def faults(ini, environ=None):
    with pytest.raises(ConfigurationError) as caught:
        load(ini, environ or {})
    return caught.value.faults


@pytest.mark.parametrize(
    ("ini", "words"),
    [
        ({"pypi.storage": "gcs", "storage.bucket": "b"}, "S3-compatible"),
        ({"pypi.storage": "azure-blob"}, "use s3 or file"),
        ({"pypi.storage": "cloudfront"}, "use s3"),
        ({"pypi.storage": "pypicloud.storage.S3Storage"}, "a class of pypicloud does not fit"),
        ({"pypi.db": "redis"}, "use sql"),
        ({"pypi.db": "dynamo"}, "use sql"),
        ({"pypi.auth": "ldap"}, "use sql or config"),
        ({"pypi.auth": "remote"}, "use sql or config"),
        ({"pypi.auth": "aws_secrets_manager"}, "import its users"),
        ({"storage.gcp_project_id": "p"}, "the gcs storage is not available"),
        ({"storage.cloud_front_domain": "d"}, "the cloudfront storage is not available"),
        ({"storage.storage_account_key": "k"}, "the azure-blob storage is not available"),
        ({"storage.use_accelerate_endpoint": "true"}, "is not supported"),
        ({"db.clustered": "true"}, "the redis cache is not available"),
        ({"db.region_name": "r"}, "the dynamo cache is not available"),
        ({"auth.uri.verify": "/v"}, "the remote backend is not available"),
        ({"auth.secret_id": "x"}, "the aws_secrets_manager backend is not available"),
    ],
)
def test_what_we_lack_stops_the_start(ini, words):
    (fault,) = faults(ini)
    assert words in fault
    assert next(iter(ini)) in fault


def test_one_line_for_one_backend():
    ini = {"pypi.auth": "ldap", "auth.ldap.url": "ldap://h", "auth.ldap.service_password": "hunter2"}
    choice, keys = faults(ini)
    assert choice == "pypi.auth = ldap: the ldap backend is not available; use sql or config"
    assert keys.startswith("auth.ldap.url, auth.ldap.service_password: the ldap backend is not available; ")


def test_variables_are_recognised_too():
    (fault,) = faults({}, {"PPC_AUTH_LDAP_URL": "ldap://h"})
    assert fault.startswith("PPC_AUTH_LDAP_URL = ldap://h: the ldap backend")
    assert load({}, {"PPC_SESSION_ENCRYPT_KEY": "k"}).warnings


@pytest.mark.parametrize(
    "key",
    [
        "session.type",
        "session.encrypt_key",
        "session.validate_key",
        "session.httponly",
        "auth.scheme",
        "auth.rounds",
        "auth.db.poolclass",
        "db.graceful_reload",
        "db.poolclass",
        "pypi.use_json_scraper",
        "pypi.calculate_package_hashes",
        "pypi.download_url",
        "storage.prepend_hash",
        "storage.redirect_urls",
    ],
)
def test_what_has_no_use_any_more_is_a_warning(key):
    (warning,) = load({key: "something"}, {}).warnings
    assert warning.startswith(f"{key} = ")


@pytest.mark.parametrize("key", ["db.clustered", "storage.use_accelerate_endpoint"])
def test_switched_off_is_harmless(key):
    assert len(load({key: "false"}, {}).warnings) == 1


def test_a_whole_file_of_pypicloud():
    settings = load(
        {
            "use": "egg:pypicloud",
            "pyramid.reload_templates": "False",
            "pypi.default_read": "everyone",
            "pypi.default_write": "authenticated",
            "pypi.storage": "file",
            "storage.dir": "/srv/packages",
            "db.url": "sqlite:////srv/db.sqlite",
            "pypi.auth": "config",
            "user.admin": "$6$rounds=20500$abc$def",
            "auth.admins": "admin",
            "package.some.pkg.group.everyone": "r",
            "session.encrypt_key": "k",
            "session.validate_key": "k",
            "session.secure": "False",
            "session.invalidate_corrupt": "true",
        },
        {},
    )
    assert settings.access.admins == {"admin"}
    (warning,) = settings.warnings
    assert "session.encrypt_key, session.validate_key, session.invalidate_corrupt: is not needed" in warning
