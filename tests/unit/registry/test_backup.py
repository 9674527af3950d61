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
    """Does something before a listing: ``acts`` has (prefix, how many listings of it before) → what."""

    def __init__(self):
        super().__init__()
        self.acts = {}
        self.listed = {}

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


FOLDER = f"{keys.RECORDS}pypi/foo/"
MOMENTS = [(keys.FILES, 1), (keys.RECORDS, 1)]
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
def test_deleted_after_its_record_was_listed_and_before_its_bytes_are_fetched(source, site):
    """Published after the bytes were listed: they are wanted when the record is read, and gone by then."""
    source.acts[keys.FILES, 1] = lambda: site.publish("2.0")
    source.acts[keys.RECORDS, 1] = lambda: site.delete("2.0")
    copy = copied(source)
    assert is_whole(copy) == {"1.0", "1.1", "1.2"}
    looked = [prefix for prefix in source.listed if prefix.startswith(FOLDER)]
    assert len(looked) == 1, "the tombstone was looked for, and nothing else"


@pytest.mark.promise(75)
def test_a_project_that_never_comes_to_rest(source, site):
    """Whenever its records are listed there is a new file, which is gone before its bytes are fetched."""
    source.acts[keys.FILES, 1] = lambda: site.publish("2.0")

    def go_on(number):
        def act():
            site.delete(f"2.{number}")
            site.publish(f"2.{number + 1}")

        return act

    source.acts[keys.RECORDS, 1] = go_on(0)
    source.acts |= {(FOLDER, number): go_on(number) for number in range(1, 20)}
    done = copy_packages(source, target := MemoryStorage())
    assert (done.problems, is_whole(target)) == ([], {"1.0", "1.1", "1.2"})
    assert done.present == 0, "nothing was there"


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
    done = copy_packages(source, target)
    assert len(done.problems) == 1
    assert target.open(site.now["1.1"]).read() == good, "the copy made before is kept"


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
