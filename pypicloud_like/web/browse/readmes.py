"""READMEs as HTML, by a child process that is killed when it takes too long."""

from __future__ import annotations

import hashlib
import json
import logging
import os
import subprocess
import sys
import time
import weakref
from contextlib import suppress
from html import escape
from pathlib import Path
from threading import BoundedSemaphore, Lock

from pypicloud_like.registry.pages import PageCache, Rendering
from pypicloud_like.registry.presented import PLAIN, Readme
from pypicloud_like.web.browse.messages import receive, send

log = logging.getLogger(__name__)

READMES = "pypicloud_like.readmes"
"""Where the composition keeps what renders them."""
SECONDS = 4.0
"""How long one README may take."""
LONGEST = 512 * 1024
"""Characters of a README that is rendered at all."""
PLACES = 2
"""Threads that may be busy with READMEs: one renders, the others wait for it. All others go on at once."""
PATIENCE = 0.25
"""Seconds to wait for a place."""
_CHILD = "pypicloud_like.web.browse.readme_child"
_ROOT = Path(__file__).resolve().parents[3]


class Readmes:
    """Renders one README at a time. Threads share it. What cannot be rendered is shown as it was written."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = Lock()
        self._places = BoundedSemaphore(PLACES)
        self._child = _Child()
        weakref.finalize(self, self._child.end)

    def page(self, pages: PageCache, readme: Readme) -> str:
        """The same as :meth:`html`, kept by the README's digest: one that took too long is not tried again
        when its project moves. Whoever finds too many others waiting gets it as it was written, so that
        slow READMEs never take more than :data:`PLACES` threads from everybody else.
        """
        if _is_plain(readme):
            return plain(readme.text[:LONGEST])
        key = ("readme", hashlib.sha256(f"{readme.kind}\n{readme.text}".encode("utf-8", "replace")).digest())
        kept = pages.find(key, None)
        if kept is None:
            if not self._places.acquire(timeout=PATIENCE):
                return plain(readme.text)
            try:
                with self._lock:
                    kept = pages.find(key, None)
                    if kept is None:
                        body = self._html(readme).encode("utf-8", "replace")
                        kept = pages.put(key, None, Rendering(body, "text/html"))
            finally:
                self._places.release()
        return kept.body.decode()

    def html(self, readme: Readme) -> str:
        """What may stand in a page."""
        if _is_plain(readme):
            return plain(readme.text[:LONGEST])
        with self._lock:
            return self._html(readme)

    @property
    def is_awake(self) -> bool:
        """Whether the process that renders is there."""
        return self._child.is_there

    def wake(self) -> None:
        """Start the process that renders, so that it is there when somebody looks at a README soon."""
        if self._lock.acquire(blocking=False):
            try:
                self._child.start()
            except OSError as error:
                log.warning("nothing to render READMEs with: %s", error)
            finally:
                self._lock.release()

    def _html(self, readme: Readme) -> str:
        """Holding the lock."""
        try:
            found = self._asked(readme)
        except (OSError, ValueError, TimeoutError) as error:
            log.warning("a README was not rendered: %s", error or type(error).__name__)
            self._child.end()
            found = None
        return plain(readme.text) if found is None else found

    def _asked(self, readme: Readme) -> str | None:
        question = json.dumps({"text": readme.text, "kind": readme.kind}).encode()
        until = time.monotonic() + self._seconds
        child = self._child
        answer = child.answer(question, until) or child.answer(question, until)  # it may just have gone home
        html = json.loads(answer or b"")
        if not isinstance(html, str | None):
            raise ValueError("the child said something else")  # noqa: TRY004 - what came is no argument
        return html


class _Child:
    """The process, started when it is needed."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None

    def answer(self, question: bytes, until: float) -> bytes | None:
        """What it says; None if it has ended. :raises TimeoutError: nothing until then"""
        process = self.start()
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            send(process.stdin.fileno(), question)
        except BrokenPipeError:
            return None
        return receive(process.stdout.fileno(), until=until)

    def end(self) -> None:
        """Kill it, if it is there."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            with suppress(OSError):
                if pipe is not None:
                    pipe.close()
        process.wait()

    @property
    def is_there(self) -> bool:
        """Whether it runs."""
        return self._process is not None and self._process.poll() is None

    def start(self) -> subprocess.Popen[bytes]:
        """The process, running. :raises OSError: there cannot be one"""
        if self._process is None or not self.is_there:
            self.end()
            path = os.pathsep.join([str(_ROOT), *filter(None, sys.path)])
            self._process = subprocess.Popen(  # noqa: S603 - no shell, and no argument is anybody else's
                [sys.executable, "-m", _CHILD],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                cwd="/",
                env={"PYTHONPATH": path, "LANG": "C.UTF-8"},
                bufsize=0,
                start_new_session=True,
            )
        return self._process


def _is_plain(readme: Readme) -> bool:
    return readme.kind == PLAIN or len(readme.text) > LONGEST


def plain(text: str) -> str:
    """A text as it was written."""
    return f'<pre class="plain" tabindex="0">{escape(text, quote=False)}</pre>'
