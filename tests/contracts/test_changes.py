"""Changes whose records are still due, carried out beside another process that makes more of them."""

from __future__ import annotations

from itertools import count

import pytest

from pypicloud_like.core import keys
from pypicloud_like.registry.change import Changes
from pypicloud_like.storage.memory import MemoryStorage
from tests.contracts.caches import FOO, a_file, open_index, put


class Endless(MemoryStorage):
    """While a record is written to it, another process publishes one more file."""

    def __init__(self, other):
        super().__init__()
        self.other = other
        self.numbers = count(100)

    def put(self, key, *args, **kwargs):
        super().put(key, *args, **kwargs)
        number = next(self.numbers)
        assert number < 120, "it never ends"
        put(self.other, a_file(number))


@pytest.mark.parametrize("project", [FOO, None])
def test_what_is_due_is_finished_while_others_publish(index_url, project):
    here, other = open_index(index_url), open_index(index_url)
    written = [entry for number in range(3) for entry in put(other, a_file(number))]
    storage = Endless(other)
    assert Changes(storage, here).finish(project) == len(written)
    found = {stat.key for stat in storage.list("")}
    assert found == {keys.record(entry.project, entry.identity, entry.serial) for entry in written}
    assert {entry.serial for entry in here.due(project)}.isdisjoint(entry.serial for entry in written)
    here.close()
    other.close()
