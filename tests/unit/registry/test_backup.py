"""A copy that agrees with itself, whatever happens in between: each moment is tried by a storage that acts."""

import hashlib
import io

import pytest

from pypicloud_like.core import keys, records
from pypicloud_like.core.errors import MissingBytes
from pypicloud_like.registry.backup import copy_packages
from pypicloud_like.storage.memory import MemoryStorage
from tests.unit.registry.test_backup_records import FOO, a_record


class Acting(MemoryStorage):
    """Does something after a listing: ``acts`` has (prefix, the how-manieth listing of it) → what."""

    def __init__(self):
        super().__init__()
        self.acts = {}
        self.listed = {}
        self.whenever_read = lambda: None

    def open(self, key, **part):
        self.whenever_read()
        return super().open(key, **part)

    def list(self, prefix):
        number = self.listed[prefix] = self.listed.get(prefix, 0) + 1
        found = list(super().list(prefix))
        act = self.acts.pop((prefix, number), None)
        if act:
            act()
        return iter(found)


def put(storage, key, content):
    storage.put(key, io.BytesIO(content), size=len(content), sha256=hashlib.sha256(content).hexdigest())


class Site:
    """Publishes and deletes as the index does: bytes, record; tombstone, bytes gone."""

    def __init__(self, storage):
        self.storage = storage
        self.serial = 0
        self.now = {}

    def publish(self, version):
        content = f"bytes of {version} {self.serial}".encode()
        key = keys.blob(FOO, hashlib.sha256(content).hexdigest(), f"foo-{version}.tar.gz")
        put(self.storage, key, content)
        self._record(version, key, content, deleted=False)
        self.now[version] = key

    def delete(self, version):
        key = self.now.pop(version)
        self._record(version, key, b"", deleted=True)
        self.storage.delete(key)

    def replace(self, version):
        old = self.now[version]
        self.publish(version)
        self.storage.delete(old)

    def _record(self, version, key, content, *, deleted):
        self.serial += 1
        record = a_record(version, key, content, serial=self.serial, deleted=deleted)
        put(self.storage, keys.record(FOO, record.identity, self.serial), records.to_bytes(record))


def is_whole(copy):
    """Whether all that the copied records refer to is there; the versions it has."""
    found = [keys.parse_record(stat.key) for stat in copy.list(keys.RECORDS)]
    versions = set()
    for key in keys.highest(found).values():
        entry = records.from_bytes(copy.open(key.key).read())
        if not entry.deleted:
            copy.open(entry.blob.key)
            versions.add(entry.version)
    return versions


@pytest.fixture
def source():
    return Acting()


@pytest.fixture
def site(source):
    site = Site(source)
    for version in ("1.0", "1.1", "1.2"):
        site.publish(version)
    return site


def copied(source, target=None, **how):
    target = target or MemoryStorage()
    done = copy_packages(source, target, **how)
    assert done.problems == []
    return target


def test_all_of_it(source, site):
    assert is_whole(copied(source)) == {"1.0", "1.1", "1.2"}


MOMENTS = [(keys.RECORDS, 1), (keys.RECORDS, 2)]
ACTS = {
    "published": lambda site: site.publish("2.0"),
    "deleted": lambda site: site.delete("1.1"),
    "replaced": lambda site: site.replace("1.1"),
    "published and deleted": lambda site: (site.publish("2.0"), site.delete("2.0")),
    "deleted and published again": lambda site: (site.delete("1.1"), site.publish("1.1")),
}


@pytest.mark.promise(75)
@pytest.mark.parametrize("moment", MOMENTS)
@pytest.mark.parametrize("act", ACTS)
def test_a_change_at_any_moment(source, site, moment, act):
    source.acts[moment] = lambda: ACTS[act](site)
    versions = is_whole(copied(source))
    assert {"1.0", "1.2"} <= versions <= {"1.0", "1.1", "1.2", "2.0"}


@pytest.mark.promise(75)
@pytest.mark.parametrize(
    ("act", "versions"), [("deleted", {"1.0", "1.2"}), ("replaced", {"1.0", "1.1", "1.2"})]
)
def test_gone_after_its_record_was_listed_and_before_its_bytes_are_fetched(source, site, act, versions):
    source.acts[keys.RECORDS, 2] = lambda: ACTS[act](site)
    assert is_whole(copied(source)) == versions
    assert source.listed[f"{keys.RECORDS}pypi/foo/sdist%3A1.1/"] == 1, "a newer record was looked for"


@pytest.mark.promise(75)
def test_what_is_published_meanwhile_is_for_the_next_time(source, site):
    source.whenever_read = lambda: site.publish(f"2.{site.serial}")
    assert is_whole(copied(source)) == {"1.0", "1.1", "1.2"}


@pytest.mark.promise(179)
def test_bytes_that_are_lost_are_told(source, site):
    source.delete(site.now["1.1"])
    source.delete(site.now["1.2"])
    done = copy_packages(source, MemoryStorage())
    assert done.problems == ["pypi/foo: has a file whose bytes are missing"]


def test_again_copies_what_is_new(source, site):
    target = copied(source)
    site.publish("2.0")
    site.delete("1.0")
    done = copy_packages(source, target)
    assert done.copied == 3, "two records and some bytes"
    assert is_whole(target) == {"1.1", "1.2", "2.0"}


@pytest.mark.promise(179)
def test_wrong_bytes_are_not_taken(source, site):
    target = copied(source)
    good = target.open(site.now["1.1"]).read()
    source._objects[site.now["1.1"]] = type(source._objects[site.now["1.1"]])(b"x" * len(good) + b"x", None)
    assert copy_packages(source, target).problems == []
    assert target.open(site.now["1.1"]).read() == good, "the copy made before is kept"
    done = copy_packages(source, MemoryStorage())
    assert len(done.problems) == 1


@pytest.mark.promise(75)
def test_what_is_held_comes_with_its_record_or_not_at_all(source, site):
    key = keys.held(FOO, hashlib.sha256(b"held").hexdigest(), "foo-9.tar.gz")
    put(source, key, b"held")
    put(source, keys.held_record(key), b"{}")
    assert keys.held_record(key) in {stat.key for stat in copied(source).list("")}
    assert not list(copied(source, held=False).list(keys.HELD))
    source.listed.clear()
    source.acts[keys.HELD, 1] = lambda: source.delete(key)
    assert not list(copied(source).list(keys.HELD)), "let go of between the two"
    with pytest.raises(MissingBytes):
        source.open(key)
