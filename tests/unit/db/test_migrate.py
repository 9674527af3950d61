"""Making and upgrading the tables."""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pypicloud_like import assembly  # noqa: F401 - knows the modules of all tables
from pypicloud_like.core.errors import ConfigurationError
from pypicloud_like.db import index_tables, migrate, upstream_tables
from pypicloud_like.db.engine import Database
from pypicloud_like.settings.model import DatabaseSettings
from pypicloud_like.state import tables as state_tables

METADATA = {"index": upstream_tables.metadata, "state": state_tables.metadata}
CLOCKS = {"index": index_tables.clock, "state": state_tables.clock}


def tables(database: Database) -> set[str]:
    with database.read() as connection:
        return set(sa.inspect(connection).get_table_names())


@pytest.mark.parametrize("family", migrate.FAMILIES)
def test_the_migrated_tables_are_those_the_code_knows(empty: Database, family: str) -> None:
    migrate.upgrade(empty, family)
    with empty.read() as connection:
        options = {"version_table": migrate.version_table(family)}
        context = MigrationContext.configure(connection, opts=options)
        assert compare_metadata(context, METADATA[family]) == []


def test_the_conditions_of_indexes_are_those_the_code_knows(tmp_path: Path) -> None:
    made = []
    for name, make in (("a", migrate.upgrade), ("b", _create_all)):
        database = Database(DatabaseSettings(f"sqlite:///{tmp_path / name}"), clock=index_tables.clock)
        make(database, "index")
        with database.read() as connection:
            rows = connection.exec_driver_sql(
                "SELECT name, sql FROM sqlite_master WHERE type = 'index'"
            ).all()
        database.close()
        made.append({name: sql for name, sql in rows if sql})
    assert made[0] == made[1]
    assert "WHERE deleted = 0" in made[0]["files_filename"]


def _create_all(database: Database, family: str) -> None:
    database.transact(METADATA[family].create_all)


@pytest.mark.parametrize("family", migrate.FAMILIES)
def test_versions_are_numbered_files_in_one_line(family: str) -> None:
    scripts = ScriptDirectory(str(Path(migrate.__file__).parent / "migrations" / family))
    line = [script.revision for script in scripts.walk_revisions()]
    assert tuple(reversed(line)) == migrate.versions(family)
    assert len(scripts.get_heads()) == 1


def test_a_new_index_has_a_clock_and_a_birth(empty: Database) -> None:
    migrate.upgrade(empty, "index")
    assert empty.moved() == 0
    birth = empty.birth()
    assert len(birth) == 32
    migrate.upgrade(empty, "index")
    assert empty.birth() == birth


def test_both_families_may_share_a_database(empty: Database) -> None:
    migrate.upgrade(empty, "index")
    migrate.upgrade(empty, "state")
    expected = {name for metadata in METADATA.values() for name in metadata.tables}
    assert tables(empty) == expected | {"index_version", "state_version"}


@pytest.mark.promise(65)
def test_a_newer_database_is_refused_and_left_alone(empty: Database) -> None:
    migrate.upgrade(empty, "index")
    empty.transact(
        lambda connection: connection.execute(sa.text("UPDATE index_version SET version_num = '0999'"))
    )
    with pytest.raises(ConfigurationError, match="0999"):
        migrate.upgrade(empty, "index")
    assert "files" in tables(empty)


@pytest.mark.promise(65)
def test_what_fails_half_way_leaves_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = migrate._run_alembic

    def broken(connection: sa.Connection, family: str) -> None:
        whole(connection, family)
        raise RuntimeError("power cut")

    with monkeypatch.context() as patch:
        patch.setattr(migrate, "_run_alembic", broken)
        with pytest.raises(RuntimeError):
            migrate.upgrade(empty, "index")
    assert tables(empty) == set()
    migrate.upgrade(empty, "index")
    assert "files" in tables(empty)


def start(url: str, barrier, births) -> None:
    """Open a database as a process does when it starts."""
    barrier.wait(30)
    found = []
    for family in migrate.FAMILIES:
        database = Database(DatabaseSettings(url), clock=CLOCKS[family])
        migrate.upgrade(database, family)
        found.append(database.birth())
        database.close()
    births.put(found)


@pytest.mark.promise(65)
def test_several_processes_may_start_at_once(empty_url: str) -> None:
    spawn = multiprocessing.get_context("spawn")
    barrier, births = spawn.Barrier(4), spawn.Queue()
    processes = [spawn.Process(target=start, args=(empty_url, barrier, births)) for _ in range(4)]
    for process in processes:
        process.start()
    found = [births.get(timeout=60) for _ in processes]
    for process in processes:
        process.join(30)
    assert [process.exitcode for process in processes] == [0] * 4
    assert found == [found[0]] * 4


def test_an_ordinary_start_does_not_load_alembic(tmp_path: Path) -> None:
    code = f"""
import sys
from pypicloud_like.cache.sql import SqlCache
from pypicloud_like.settings.model import DatabaseSettings
SqlCache.from_settings(DatabaseSettings("sqlite:///{tmp_path / "index.sqlite"}")).close()
print("alembic" in sys.modules)
"""
    root = Path(migrate.__file__).parents[2]
    runs = [
        subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
        for _ in range(2)
    ]
    assert [run.stdout.strip() for run in runs] == ["True", "False"]


def test_opening_a_file_again_keeps_the_locks_of_this_process(tmp_path: Path) -> None:
    """Another process that is let go believes to be the last one, and takes the log away."""
    settings = DatabaseSettings(f"sqlite:///{tmp_path / 'index.sqlite'}")
    clock = CLOCKS["index"]
    one = migrate.open_database(settings, clock=clock, family="index")
    value = one.transact(one.tick)
    two = migrate.open_database(settings, clock=clock, family="index")
    code = f"import sqlite3; c = sqlite3.connect({str(tmp_path / 'index.sqlite')!r}); "
    code += "c.execute('UPDATE index_clock SET value = value + 1'); c.commit(); c.close()"
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
    assert one.transact(one.tick) == value + 2
    statement = sa.select(clock.c.value)
    for database in (one, two):
        with database.read() as known, database.read() as new:
            assert (known.scalar(statement), new.scalar(statement)) == (value + 2, value + 2)
    for database in (one, two):
        database.close()
