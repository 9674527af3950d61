"""What may be seen after a crash: everything that was acknowledged, and of what was not, all or nothing."""

from __future__ import annotations

import hashlib
import http.client
import json
import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import NamedTuple

from pypicloud_like.ecosystems.cargo.names import index_path
from tests import builders
from tests.http.cargo.site import announced, framed
from tests.support.jsr import a_package
from tests.support.server import Answer, LiveServer
from tests.support.uploads import multipart

BOSS = ("boss", "some secret words")
JSON = {"Accept": "application/vnd.pypi.simple.v1+json"}
GONE = (OSError, http.client.HTTPException)
"""What a request to a server that dies raises."""
ECOSYSTEMS = ("pypi", "cargo", "jsr")


class Thing(NamedTuple):
    """One version of one package."""

    ecosystem: str
    name: str
    version: str


class Seen(NamedTuple):
    """How a version shows: the digest of its bytes, and whether it is yanked."""

    sha256: str
    yanked: bool


State = Seen | None
"""None: it is not there."""


class Content(NamedTuple):
    """A version as it is sent, and the bytes by which it is known afterwards."""

    filename: str
    body: bytes
    known_by: bytes


def content(thing: Thing, edition: int = 0) -> Content:
    """The same bytes whenever it is asked for; other ones for each edition."""
    text = f"edition {edition} of {thing.version}"
    if thing.ecosystem == "pypi":
        wheel = builders.a_wheel(thing.name, thing.version, description=text)
        return Content(wheel.filename, wheel.content, wheel.content)
    if thing.ecosystem == "cargo":
        crate = builders.a_crate(thing.name, thing.version, files={"text": text.encode()})
        said = json.dumps(announced(thing.name, thing.version)).encode()
        return Content(crate.filename, framed(said, crate.content), crate.content)
    module = f"export const text: string = {text!r};\n".encode()
    return Content("mod.ts", a_package(thing.name, thing.version, {"mod.ts": module}), module)


@dataclass
class World:
    """What clients know of a server. Give it a seed to have the same things happen again."""

    server: LiveServer
    chance: random.Random
    prefix: str = "crash"
    """What the names of its projects begin with."""
    states: dict[Thing, set[State]] = field(default_factory=dict)
    """Of each version what it may show as: one state if the last change of it was answered."""
    editions: dict[Thing, int] = field(default_factory=dict)
    doubtful: set[Thing] = field(default_factory=set)
    """Versions whose last change was not answered and that were not looked at since."""
    unborn: set[Thing] = field(default_factory=set)
    """Of the doubtful ones those whose very first publishing was not answered."""
    acknowledged: int = 0
    numbers: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    def new(self, ecosystem: str) -> Thing:
        """A version that was never published; its project gets another name now and then."""
        self.numbers[ecosystem] += 1
        group, number = divmod(self.numbers[ecosystem], 12)
        name = f"@acme/{self.prefix}-{group}" if ecosystem == "jsr" else f"{self.prefix}-{group}"
        return Thing(ecosystem, name, f"{number}.0.0" if ecosystem != "pypi" else f"{number}.0")

    def existing(self, *ecosystems: str) -> Thing | None:
        """One that is certainly there."""
        found = [
            thing
            for thing, states in self.states.items()
            if len(states) == 1 and None not in states and thing.ecosystem in ecosystems
        ]
        return self.chance.choice(found[-30:]) if found else None

    def publish(self, thing: Thing) -> bool:
        """Publish a version, again if it is there; whether that was answered."""
        sent = content(thing, self.editions.get(thing, 0))
        seen = Seen(hashlib.sha256(sent.known_by).hexdigest(), yanked=False)
        now = self.states.get(thing, {None})
        kept = {state for state in now if state is not None and state.sha256 == seen.sha256}
        self.unborn |= {thing} if now == {None} else set()
        return self._change(thing, lambda: self._send(thing, sent), kept or {seen})

    def overwrite(self, thing: Thing) -> bool:
        """Publish other bytes in the place of a Python package's."""
        self.editions[thing] = self.editions.get(thing, 0) + 1
        return self.publish(thing)

    def other_bytes_are_refused(self, thing: Thing) -> bool:
        """Publish other bytes of a version that stays what it is: a crate's or a JSR package's."""
        assert thing.ecosystem != "pypi"
        other = content(thing, self.editions.get(thing, 0) + 1)
        try:
            answer = self._request(thing, other)
        except GONE:
            return False
        assert 400 <= answer.status < 500, f"{thing}: {answer.status} {answer.text}"
        return True

    def yank(self, thing: Thing) -> bool:
        """Yank a version, or take that back."""
        (now,) = self.states[thing]
        assert now is not None
        wanted = now._replace(yanked=not now.yanked)
        return self._change(thing, lambda: self._yank(thing, yanked=wanted.yanked), {wanted})

    def delete(self, thing: Thing) -> bool:
        """Delete a Python package's file."""
        path = f"/api/package/{thing.name}/{content(thing).filename}"
        return self._change(thing, lambda: self._ask("DELETE", path), {None})

    def verify(self, where: str, *, every: bool = False) -> None:
        """What shows is what may, no more and no less, and what is listed can be downloaded and is right."""
        projects: dict[tuple[str, str], set[Thing]] = defaultdict(set)
        for thing in self.states:
            projects[thing.ecosystem, thing.name].add(thing)
        doubtful = {(thing.ecosystem, thing.name) for thing in self.doubtful}
        for ecosystem, name in projects if every else doubtful | self._some(projects.keys()):
            self._verify_project(ecosystem, name, projects[ecosystem, name], where, every=every)
        self.doubtful -= {thing for thing in self.states if every} | self.doubtful

    def _some(self, projects: object) -> set[tuple[str, str]]:
        found = sorted(projects)  # type: ignore[call-overload]
        return set(self.chance.sample(found, min(2, len(found))))

    def _verify_project(
        self, ecosystem: str, name: str, things: set[Thing], where: str, *, every: bool
    ) -> None:
        shown = self._shown(ecosystem, name)
        for thing in things:
            state = shown.pop(thing.version, None)
            assert state in self.states[thing], f"{where}: {thing} shows as {state}, not {self.states[thing]}"
            if state is not None and (every or thing in self.doubtful or self.chance.random() < 0.2):
                body = self._download(thing)
                assert hashlib.sha256(body).hexdigest() == state.sha256, f"{where}: {thing} has other bytes"
            self.states[thing] = {state}
        assert not shown, f"{where}: {ecosystem} {name} shows {shown}, which nobody published"

    def _change(self, thing: Thing, ask: object, new: set[State]) -> bool:
        old = self.states.get(thing, {None})
        self.states[thing] = old | new
        self.doubtful.add(thing)
        try:
            answer: Answer = ask()  # type: ignore[operator]
        except GONE:
            return False
        if thing.ecosystem == "jsr" and answer.status == 400 and answer.json["task"]["status"] != "success":
            return True  # the attempt that a crash ended counts as going on for a minute
        assert answer.status in {200, 204}, f"{thing}: {answer.status} {answer.text}"
        if thing.ecosystem == "jsr" and answer.body:
            assert answer.json.get("status", "success") == "success", answer.text
        self.states[thing] = new
        self.doubtful.discard(thing)
        self.unborn.discard(thing)
        self.acknowledged += 1
        return True

    def _send(self, thing: Thing, sent: Content) -> Answer:
        words = {"cargo": "already uploaded", "jsr": "duplicateVersionPublish"}
        answer = self._request(thing, sent)
        return self._as_done(answer, words[thing.ecosystem]) if thing.ecosystem in words else answer

    def _request(self, thing: Thing, sent: Content) -> Answer:
        if thing.ecosystem == "cargo":
            return self._ask("PUT", "/api/v1/crates/new", sent.body)
        if thing.ecosystem == "jsr":
            scope, _, package = thing.name.removeprefix("@").partition("/")
            path = f"/api/scopes/{scope}/packages/{package}/versions/{thing.version}?config=/deno.json"
            return self._ask("POST", path, sent.body, {"Content-Encoding": "gzip"})
        kind, body = multipart(sent.filename, sent.body)
        return self._ask("POST", "/simple/", body, {"Content-Type": kind})

    def _as_done(self, answer: Answer, words: str) -> Answer:
        """Crates and JSR packages cannot be sent again: that they are there is an answer, too."""
        if answer.status in {400, 409} and words in answer.text:
            is_there = "task" not in answer.text or answer.json["task"]["status"] == "success"
            return Answer(200, answer.headers, b"") if is_there else answer
        return answer

    def _yank(self, thing: Thing, *, yanked: bool) -> Answer:
        if thing.ecosystem == "pypi":
            path = f"/api/package/{thing.name}/{thing.version}/yank"
            return self._ask("POST" if yanked else "DELETE", path, b"" if yanked else None)
        if thing.ecosystem == "cargo":
            path = f"/api/v1/crates/{thing.name}/{thing.version}"
            return self._ask(*(("DELETE", f"{path}/yank") if yanked else ("PUT", f"{path}/unyank", b"")))
        scope, _, package = thing.name.removeprefix("@").partition("/")
        path = f"/api/scopes/{scope}/packages/{package}/versions/{thing.version}"
        return self._ask(
            "PATCH", path, json.dumps({"yanked": yanked}).encode(), {"Content-Type": "application/json"}
        )

    def _ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> Answer:
        return self.server.request(path, method=method, auth=BOSS, body=body, headers=headers)

    def _shown(self, ecosystem: str, name: str) -> dict[str, State]:
        """Version → how it shows."""
        path = {
            "pypi": f"/simple/{name}/",
            "cargo": f"/cargo/index/{index_path(name)}",
            "jsr": f"/{name}/meta.json",
        }
        answer = self.server.request(path[ecosystem], auth=BOSS, headers=JSON if ecosystem == "pypi" else {})
        if answer.status == 404:
            return {}
        assert answer.status == 200, f"{ecosystem} {name}: {answer.status} {answer.text}"
        if ecosystem == "pypi":
            return {
                file["filename"].split("-")[1]: Seen(file["hashes"]["sha256"], file["yanked"] is not False)
                for file in answer.json["files"]
            }
        if ecosystem == "cargo":
            lines = [json.loads(line) for line in answer.text.splitlines()]
            return {line["vers"]: Seen(line["cksum"], line["yanked"]) for line in lines}
        return {
            version: Seen(self._checksum(name, version), bool(told.get("yanked")))
            for version, told in answer.json["versions"].items()
        }

    def _checksum(self, name: str, version: str) -> str:
        manifest = self.server.request(f"/{name}/{version}_meta.json", auth=BOSS)
        assert manifest.status == 200, f"{name} {version}: {manifest.status} {manifest.text}"
        return str(manifest.json["manifest"]["/mod.ts"]["checksum"]).removeprefix("sha256-")

    def _download(self, thing: Thing) -> bytes:
        path = {
            "pypi": f"/api/package/{thing.name}/{content(thing).filename}",
            "cargo": f"/api/v1/crates/{thing.name}/{thing.version}/download",
            "jsr": f"/{thing.name}/{thing.version}/mod.ts",
        }[thing.ecosystem]
        answer = self.server.request(path, auth=BOSS)
        assert answer.status == 200, f"{thing}: {answer.status} {answer.text}"
        return answer.body
