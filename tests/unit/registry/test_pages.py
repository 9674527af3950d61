import gzip
import random
import threading
import zlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from pypicloud_like.registry.pages import Page, PageCache, Rendering

WAIT = 10
"""Seconds after which a test that hangs fails."""


class Counting:
    """Renders a body and counts how often."""

    def __init__(self, body=b"page"):
        self.body = body
        self.calls = 0

    def __call__(self):
        self.calls += 1
        return Rendering(self.body, "text/html", 7)


def noise(size, seed=1):
    """Bytes that compress to about three quarters."""
    return bytes(random.Random(seed).choices(range(64), k=size))


def test_a_page_is_rendered_once():
    cache, render = PageCache(10_000), Counting()
    page = cache.get("key", 1, render)
    assert cache.get("key", 1, render) is page
    assert render.calls == 1
    assert (page.body, page.content_type, page.serial) == (b"page", "text/html", 7)


def test_another_version_is_rendered_again():
    cache = PageCache(10_000)
    old = cache.get("key", 1, Counting(b"old"))
    new = cache.get("key", 2, Counting(b"new"))
    assert (old.body, new.body) == (b"old", b"new")
    assert old.etag != new.etag
    assert len(cache) == 1
    render = Counting(b"old again")
    assert cache.get("key", 1, render).body == b"old again"
    assert render.calls == 1


def test_keys_are_apart():
    cache = PageCache(10_000)
    assert cache.get("a", 1, Counting(b"a")).body == b"a"
    assert cache.get("b", 1, Counting(b"b")).body == b"b"
    assert len(cache) == 2


def test_entity_tags_depend_on_the_bytes_alone():
    one = Page(Rendering(b"same", "text/html", 1))
    other = PageCache(10_000).get("key", 5, Counting(b"same"))
    assert one.etag == other.etag
    assert one.etag != Page(Rendering(b"else", "text/html", 1)).etag
    assert one.etag[0] == one.etag[-1] == one.gzip_etag[0] == one.gzip_etag[-1] == '"'
    assert one.gzip_etag != one.etag


def test_the_least_recently_used_page_goes_first():
    cache = PageCache(3 * (1000 + 1024))
    renders = {key: Counting(bytes(1000)) for key in "abcd"}
    for key in "abc":
        cache.get(key, 1, renders[key])
    cache.get("a", 1, renders["a"])
    cache.get("d", 1, renders["d"])
    assert len(cache) == 3
    for key in "acd":
        cache.get(key, 1, renders[key])
    assert [renders[key].calls for key in "acd"] == [1, 1, 1]
    cache.get("b", 1, renders["b"])
    assert renders["b"].calls == 2


def test_used_bytes_are_bounded_and_exact():
    cache = PageCache(20_000)
    for number in range(200):
        page = cache.get(number % 37, number, Counting(noise(500 + number * 7)))
        if number % 3 == 0:
            assert (page.gzip is not None) == (len(page.body) >= 1000)
        assert 0 < cache.used_bytes <= 20_000
    for number in range(200, 400):
        cache.get(number % 5, number, Counting(b"x"))
    for number in range(5):
        cache.get(number, 0, Counting(bytes(20_000)))
    assert len(cache) < 37
    small = PageCache(20_000)
    small.get("key", 1, Counting(b"x" * 10))
    assert small.used_bytes == 10 + 1024


def test_a_page_larger_than_the_limit_is_served_and_not_kept():
    cache, render = PageCache(5_000), Counting(noise(6_000))
    cache.get("small", 1, Counting())
    page = cache.get("large", 1, render)
    assert page.body == noise(6_000)
    assert gzip.decompress(page.gzip) == page.body
    assert len(cache) == 1
    cache.get("large", 1, render)
    assert render.calls == 2


def test_a_page_that_outgrows_the_limit_takes_its_older_version_along():
    cache = PageCache(5_000)
    cache.get("key", 1, Counting())
    cache.get("key", 2, Counting(noise(6_000)))
    assert (len(cache), cache.used_bytes) == (0, 0)


def test_the_compressed_body_is_made_once_when_asked_for_and_counted(monkeypatch):
    cache = PageCache(100_000)
    page = cache.get("key", 1, Counting(noise(9_000)))
    before = cache.used_bytes
    packed = page.gzip
    assert gzip.decompress(packed) == page.body
    assert cache.used_bytes == before + len(packed)
    monkeypatch.setattr(gzip, "compress", None)
    assert page.gzip is packed


def test_compressing_is_the_same_bytes_every_time():
    body = noise(9_000)
    assert Page(Rendering(body, "t")).gzip == Page(Rendering(body, "t")).gzip
    assert zlib.decompress(Page(Rendering(body, "t")).gzip, wbits=31) == body


def test_compressed_bodies_push_older_pages_out():
    cache = PageCache(2 * (4_000 + 1024) + 100)
    old, new = Counting(noise(4_000, 1)), Counting(noise(4_000, 2))
    cache.get("old", 1, old)
    page = cache.get("new", 1, new)
    assert len(cache) == 2
    assert page.gzip
    assert len(cache) == 1
    cache.get("new", 1, new)
    assert new.calls == 1


def test_a_page_too_large_with_its_compressed_body_is_let_go():
    cache = PageCache(6_000)
    page = cache.get("key", 1, Counting(noise(4_500)))
    assert len(cache) == 1
    assert gzip.decompress(page.gzip) == page.body
    assert (len(cache), cache.used_bytes) == (0, 0)


def test_compressing_a_page_that_was_replaced_is_not_counted():
    cache = PageCache(100_000)
    old = cache.get("key", 1, Counting(noise(9_000)))
    cache.get("key", 2, Counting(b"new"))
    used = cache.used_bytes
    assert old.gzip
    assert cache.used_bytes == used


@pytest.mark.parametrize("body", [b"", b"small" * 100, noise(64) * 10])
def test_small_bodies_are_not_compressed(body):
    assert Page(Rendering(body, "t")).gzip is None


def test_what_does_not_compress_is_not_compressed():
    assert Page(Rendering(random.Random(1).randbytes(5_000), "t")).gzip is None


def test_errors_are_raised_and_not_kept():
    cache, render = PageCache(10_000), Counting()

    def broken():
        raise LookupError("no rows")

    for _ in range(2):
        with pytest.raises(LookupError, match="no rows"):
            cache.get("key", 1, broken)
    assert len(cache) == 0
    assert cache.get("key", 1, render).body == b"page"
    assert render.calls == 1


def test_an_error_leaves_the_older_version_alone():
    cache, render = PageCache(10_000), Counting()
    cache.get("key", 1, render)
    with pytest.raises(ZeroDivisionError):
        cache.get("key", 2, lambda: 1 // 0)
    cache.get("key", 1, render)
    assert render.calls == 1


class Gate:
    """A rendering that tells when it has begun and goes on when it is let."""

    def __init__(self, result):
        self.begun, self.go_on = threading.Event(), threading.Event()
        self.calls = 0
        self._result = result

    def __call__(self):
        self.calls += 1
        self.begun.set()
        assert self.go_on.wait(WAIT)
        if isinstance(self._result, Exception):
            raise self._result
        return Rendering(self._result, "text/html")


def test_of_one_key_one_thread_renders_while_the_others_wait():
    cache, gate = PageCache(10_000), Gate(b"page")
    with ThreadPoolExecutor(8) as threads:
        pages = [threads.submit(cache.get, "key", 1, gate) for _ in range(8)]
        assert gate.begun.wait(WAIT)
        assert not any(page.done() for page in pages)
        gate.go_on.set()
        assert len({id(page.result(WAIT)) for page in pages}) == 1
    assert gate.calls == 1


def test_other_keys_do_not_wait():
    cache, gate = PageCache(10_000), Gate(b"slow")
    cache.get("warm", 1, Counting())
    with ThreadPoolExecutor(1) as threads:
        slow = threads.submit(cache.get, "slow", 1, gate)
        assert gate.begun.wait(WAIT)
        assert cache.get("warm", 1, gate).body == b"page"
        assert cache.get("other", 1, Counting(b"other")).body == b"other"
        gate.go_on.set()
        assert slow.result(WAIT).body == b"slow"


def test_who_waits_for_another_version_renders_its_own():
    cache, gate, render = PageCache(10_000), Gate(b"old"), Counting(b"new")
    with ThreadPoolExecutor(2) as threads:
        old = threads.submit(cache.get, "key", 1, gate)
        assert gate.begun.wait(WAIT)
        new = threads.submit(cache.get, "key", 2, render)
        gate.go_on.set()
        assert old.result(WAIT).body == b"old"
        assert new.result(WAIT).body == b"new"
    assert render.calls == 1


def test_after_an_error_the_next_in_line_renders():
    cache, gate, render = PageCache(10_000), Gate(LookupError("gone")), Counting()
    with ThreadPoolExecutor(2) as threads:
        broken = threads.submit(cache.get, "key", 1, gate)
        assert gate.begun.wait(WAIT)
        waiting = threads.submit(cache.get, "key", 1, render)
        gate.go_on.set()
        with pytest.raises(LookupError):
            broken.result(WAIT)
        assert waiting.result(WAIT).body == b"page"
    assert render.calls == 1


def test_many_threads_get_right_pages_within_the_limit():
    cache = PageCache(40_000)
    over = []

    def work(seed):
        for step in range(150):
            key, version = (seed * 7 + step) % 11, step % 3
            body = b"%d-%d" % (key, version) * 500
            page = cache.get(key, version, lambda body=body: Rendering(body, "t"))
            assert page.body == body
            assert gzip.decompress(page.gzip) == body
            if cache.used_bytes > 40_000:
                over.append(cache.used_bytes)

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(work, seed) for seed in range(6)]:
            done.result(60)
    assert not over
