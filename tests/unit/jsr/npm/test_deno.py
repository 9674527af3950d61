"""The real deno as a child process: what it makes, and what it cannot get at."""

from __future__ import annotations

import json
import os
import socket
import time
from pathlib import Path

import pytest

from pypicloud_like.ecosystems.jsr.npm import deno
from pypicloud_like.ecosystems.jsr.npm.convert import Converted, Entry, convert
from pypicloud_like.ecosystems.jsr.npm.deno import Deno
from pypicloud_like.ecosystems.jsr.npm.errors import Inconvertible
from tests.support.node import deno_for_server
from tests.unit.jsr.npm.versions import a_version, text_of

MIB = 1024 * 1024


@pytest.fixture
def real(tmp_path) -> Deno:
    return Deno(deno_for_server(), 60, 2048 * MIB, 80 * MIB, tmp_path)


def made(real: Deno, files, exports=None, **config) -> Converted:
    found = convert(a_version(files, exports, **config), real.transpile)
    assert list(real.folder.iterdir()) == []  # nothing is left behind
    return found


def test_programs_and_declarations(real):
    files = {
        "mod.ts": 'import { b } from "./lib/b.mts";\nimport type { T } from "jsr:@a/b@1";\n'
        "/** Adds. */\nexport function add(a: number, t: T): number {\n  return a + b;\n}\n",
        "lib/b.mts": "export const b: number = 1;\nexport enum E { A }\n",
    }
    found = made(real, files, {".": "./mod.ts", "./b": "./lib/b.mts"})
    assert text_of(found, "/mod.js") == (
        'import { b } from "./lib/b.mjs";\n/** Adds. */ export function add(a, t) {\n  return a + b;\n}\n'
    )
    assert text_of(found, "/mod.d.ts") == (
        'import type { T } from "@jsr/a__b";\n/** Adds. */ export declare function add(a: number, t: T): number;\n'
    )
    assert "declare const b: number" in text_of(found, "/lib/b.d.mts")
    assert found.entries["./b"] == Entry("/lib/b.mjs", "/lib/b.d.mts")


def test_jsx_becomes_javascript(real):
    files = {
        "mod.tsx": 'import "./k.jsx";\nexport const x: unknown = <b>{1}</b>;\n',
        "k.jsx": "export const k = <i/>;\n",
    }
    options = {"jsx": "react-jsx", "jsxImportSource": "npm:preact@10"}
    found = made(real, files, compilerOptions=options)
    assert 'from "preact/jsx-runtime"' in text_of(found, "/mod.js")
    assert 'import "./k.js"' in text_of(found, "/mod.js")
    assert "<i" not in text_of(found, "/k.js")
    plain = made(real, {"mod.tsx": "export const x: unknown = <b/>;\n"})
    assert "React.createElement" in text_of(plain, "/mod.js")
    pragma = made(
        real, {"mod.tsx": "/** @jsxImportSource npm:preact@10 */\nexport const x: unknown = <b/>;\n"}
    )
    assert 'from "preact/jsx-runtime"' in text_of(pragma, "/mod.js")


def test_types_that_are_not_written_down(real):
    """Where types would have to be inferred there are none, as on JSR."""
    found = made(
        real, {"mod.ts": "export const x = Math.random() > 1 ? f() : 2;\nfunction f() { return 1; }\n"}
    )
    assert found.entries == {".": Entry("/mod.js", None)}


def test_modules_that_do_not_type_check(real):
    found = made(
        real,
        {"mod.ts": 'import { nothing } from "jsr:@a/b@1";\nexport const x: string = nothing + 1 - {};\n'},
    )
    assert found.entries["."].types == "/mod.d.ts"


def test_json_and_texts_are_imported(real):
    files = {
        "mod.ts": 'import d from "./d.json" with { type: "json" };\nimport e from "jsr:@a/b@1/e.json" with { type: "json" };\n'
        "export const x: unknown = [d, e];\n",
        "d.json": "{}",
    }
    assert 'from "@jsr/a__b/e.json" with' in text_of(made(real, files), "/mod.js")


def test_a_syntax_error(real):
    with pytest.raises(Inconvertible) as caught:
        made(real, {"mod.ts": "export const = 1;\n"})
    assert caught.value.sentence == "its sources cannot be converted"
    assert "mod.ts" in caught.value.detail


def test_no_file_beside_the_sources_is_read(real, tmp_path):
    secret = tmp_path.parent / "secret.json"
    secret.write_text('{"secret": "hunter2"}')
    # an import that no reader of ours recognises would be read by deno: nothing of it may come out
    for name in (str(secret), f"../../{secret.name}", f"file://{secret}"):
        source = f'import s from "{name}" with {{ type: "json" }};\nexport const x: unknown = s;\n'
        found = made(real, {"mod.ts": source})
        assert not any(b"hunter2" in body for body in found.files.values())


def test_nothing_is_asked_for_over_the_network(real, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        address = f"http://127.0.0.1:{listener.getsockname()[1]}"
        monkeypatch.setenv("JSR_URL", f"{address}/")
        monkeypatch.setenv("NPM_CONFIG_REGISTRY", f"{address}/")
        monkeypatch.setenv("DENO_AUTH_TOKENS", "secret@127.0.0.1")
        source = (
            f'import "{address}/x.ts"; import "jsr:@a/b@1"; import "npm:ms@2"; export const x: number = 1;\n'
        )
        assert "/mod.js" in made(real, {"mod.ts": source}).files
        listener.setblocking(False)
        with pytest.raises(BlockingIOError):  # whoever had come would wait here
            listener.accept()


def test_variables_of_ours_are_not_handed_on(tmp_path, monkeypatch):
    monkeypatch.setenv("PPC_SECRET", "hunter2")
    said = tmp_path / "said.json"
    program = _script(tmp_path, f"import json, os\njson.dump(dict(os.environ), open({str(said)!r}, 'w'))\n")
    with pytest.raises(Inconvertible):
        convert(a_version({"mod.ts": ""}), Deno(program, 10, 2048 * MIB, MIB, tmp_path).transpile)
    told = json.loads(said.read_text())
    assert "PPC_SECRET" not in told
    assert told["HOME"].startswith(str(tmp_path.resolve()))


def test_one_that_takes_too_long_is_ended_with_its_children(tmp_path):
    pid = tmp_path / "pid"
    body = (
        "import subprocess, sys, time\n"
        "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(pid)!r}, 'w').write(str(child.pid))\ntime.sleep(60)\n"
    )
    work = tmp_path / "work"
    work.mkdir()
    started = time.monotonic()
    with pytest.raises(Inconvertible, match="longer than 2 seconds"):
        convert(a_version({"mod.ts": ""}), Deno(_script(tmp_path, body), 2, 2048 * MIB, MIB, work).transpile)
    assert time.monotonic() - started < 20
    assert list(work.iterdir()) == []
    child = int(pid.read_text())
    for _ in range(100):
        if not _is_running(child):
            break
        time.sleep(0.05)
    assert not _is_running(child)


@pytest.mark.skipif(not hasattr(__import__("resource"), "prlimit"), reason="limits are kept on Linux alone")
def test_one_that_takes_too_much_memory_is_ended(tmp_path):
    body = "import time\ntime.sleep(1)\nx = bytearray(900 << 20)\nopen('/dev/null')\nprint('had it')\n"
    with pytest.raises(Inconvertible) as caught:
        convert(
            a_version({"mod.ts": ""}), Deno(_script(tmp_path, body), 20, 500 * MIB, MIB, tmp_path).transpile
        )
    assert "MemoryError" in caught.value.detail


def test_more_than_may_be_made(tmp_path):
    real = Deno(deno_for_server(), 60, 2048 * MIB, 1000, tmp_path)
    with pytest.raises(Inconvertible):
        convert(a_version({"mod.ts": "export const x: string = '" + "x" * 5000 + "';"}), real.transpile)


def test_what_a_crash_left_is_swept_away(real):
    old, young = real.folder / "npm-old", real.folder / "npm-young"
    for left in (old, young):
        (left / "package").mkdir(parents=True)
    os.utime(old, (1, 1))
    convert(a_version({"mod.ts": ""}), real.transpile)
    assert not old.exists()
    assert young.exists()


def test_a_module_called_deno_that_is_something_else(monkeypatch, tmp_path):
    (tmp_path / "deno.py").write_text("x = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(__import__("sys").modules, "deno", raising=False)
    assert deno.find() is None


def _script(folder: Path, body: str) -> str:
    program = folder / "program"
    program.write_text(f"#!/usr/bin/env -S {__import__('sys').executable}\n{body}")
    program.chmod(0o700)
    return str(program)


def _is_running(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
