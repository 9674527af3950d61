"""What is asked of the index, each as one function over a connection. Statements are built once."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from pypicloud_like.cache.marks import Settled
from pypicloud_like.cache.rows import (
    CHANGE,
    DISPLAY_NAME,
    FULL,
    HEAD,
    LIGHT,
    THIS,
    Head,
    change_from,
    file_from,
    head_from,
    name_of,
    record_from,
)
from pypicloud_like.core.model import (
    PROJECT_IDENTITY,
    Change,
    Entry,
    File,
    FileRecord,
    Listing,
    Project,
    Status,
)
from pypicloud_like.core.ports import Overview
from pypicloud_like.db.engine import Database
from pypicloud_like.db.index_tables import changes, files, projects

PORTION = 1000
"""About how many files are read at once when all are wanted."""

_ecosystem: sa.BindParameter[str] = sa.bindparam("ecosystem")
_limit: sa.BindParameter[int] = sa.bindparam("limit")
_visible = ~files.c.deleted
_is_listed = sa.and_(projects.c.visible > 0, projects.c.status != Status.QUARANTINED.value)
_listed = sa.and_(projects.c.ecosystem == _ecosystem, _is_listed)
_everywhere = projects.c.ecosystem.concat("")
"""For statements that follow an index of their own: SQLite would rather start from all projects of the
ecosystem, or from all files of the project, but an expression does not tempt it."""
_joined = projects.join(files, files.c.project_id == projects.c.id)
_NAMED = (projects.c.ecosystem, projects.c.name)

_SERIAL = sa.select(sa.func.max(changes.c.serial))
_LISTED = sa.select(projects.c.name, DISPLAY_NAME, projects.c.serial).where(_listed).order_by(projects.c.name)
_moved_since = sa.and_(_everywhere == _ecosystem, projects.c.touched > sa.bindparam("moved"))
_MOVED_SINCE = sa.select(projects.c.name).where(_moved_since)
_LISTED_SINCE = (
    sa.select(projects.c.name, DISPLAY_NAME, projects.c.serial, _is_listed).where(_moved_since).limit(_limit)
)
_KNOWN = (
    sa.select(projects.c.name)
    .where(
        projects.c.ecosystem == _ecosystem,
        projects.c.record_serial.is_not(None)
        | sa.exists().where(files.c.project_id == projects.c.id).correlate(projects),
    )
    .order_by(projects.c.name)
)
_EXISTS = sa.select((projects.c.ours > 0) | projects.c.record_serial.is_not(None)).where(THIS)
_FILES = sa.select(*LIGHT).select_from(_joined).where(THIS, _visible)
_DESCRIBED = sa.select(*FULL).select_from(_joined).where(THIS, _visible)
_DESCRIBED_VERSION = _DESCRIBED.where(files.c.version == sa.bindparam("version"))
_FILE = _DESCRIBED.where(files.c.filename == sa.bindparam("filename"))
_NEWEST_FILES = (
    sa.select(*_NAMED, *LIGHT)
    .select_from(_joined)
    .where(projects.c.status != Status.QUARANTINED.value, _visible)
    .order_by(files.c.uploaded_at.desc(), projects.c.name, files.c.filename)
    .limit(_limit)
)
_NEWEST_FILES_OF = _NEWEST_FILES.where(_everywhere == _ecosystem)
_newest_projects = (
    sa.select(projects.c.id)
    .where(
        _everywhere == _ecosystem,
        projects.c.status != Status.QUARANTINED.value,
        projects.c.first_at.is_not(None),
    )
    .order_by(projects.c.first_at.desc(), projects.c.name)
    .limit(_limit)
    .scalar_subquery()
)
_NEWEST_PROJECTS = (
    sa.select(*_NAMED, *LIGHT)
    .select_from(_joined)
    .where(projects.c.id.in_(_newest_projects), files.c.uploaded_at == projects.c.first_at, _visible)
    .order_by(projects.c.first_at.desc(), projects.c.name, files.c.filename)
)
_PORTIONS = (
    sa.select(projects.c.id, projects.c.name, projects.c.visible)
    .where(
        projects.c.ecosystem == _ecosystem, projects.c.name > sa.bindparam("after"), projects.c.visible > 0
    )
    .order_by(projects.c.name)
    .limit(PORTION)
)
_FILES_OF_SEVERAL = sa.select(files.c.project_id, *LIGHT).where(
    files.c.project_id.in_(sa.bindparam("ids", expanding=True)), _visible
)
_HEADS = (
    sa.select(projects.c.name, *HEAD)
    .where(projects.c.ecosystem == _ecosystem, projects.c.name > sa.bindparam("after"))
    .order_by(projects.c.name)
    .limit(PORTION)
)
_DESCRIBED_OF_SEVERAL = sa.select(files.c.project_id, *FULL).where(
    files.c.project_id.in_(sa.bindparam("ids", expanding=True)), _visible
)
_FILES_AFTER = (
    sa.select(*LIGHT)
    .where(
        files.c.project_id == sa.bindparam("project_id"),
        files.c.filename > sa.bindparam("after"),
        _visible,
    )
    .order_by(files.c.filename)
    .limit(PORTION)
)
_SERIALS = sa.select(files.c.identity, files.c.serial, files.c.record_due).select_from(_joined).where(THIS)
_RECORD_SERIAL = sa.select(projects.c.record_serial, projects.c.record_due).where(THIS)
_JOURNAL = (
    sa.select(*CHANGE)
    .select_from(changes.join(projects, projects.c.id == changes.c.project_id))
    .where(changes.c.serial > sa.bindparam("after"))
    .limit(_limit)
)
_JOURNAL_UP = _JOURNAL.order_by(changes.c.serial)
_JOURNAL_DOWN = _JOURNAL.order_by(changes.c.serial.desc())
_DUE_FILES = (
    sa.select(*_NAMED, *FULL)
    .select_from(_joined)
    .where(files.c.record_due)
    .order_by(files.c.serial)
    .limit(_limit)
)
_DUE_RECORDS = (
    sa.select(*_NAMED, *HEAD).where(projects.c.record_due).order_by(projects.c.record_serial).limit(_limit)
)
_of_this = sa.and_(_everywhere == _ecosystem, projects.c.name == sa.bindparam("name"))
_DUE_FILES_OF = _DUE_FILES.where(_of_this)
_DUE_RECORDS_OF = _DUE_RECORDS.where(_of_this)


def serial(connection: sa.Connection) -> int:
    """The highest serial of the journal."""
    return connection.execute(_SERIAL).scalar() or 0


def projects_of(connection: sa.Connection, ecosystem: str) -> list[Listing]:
    """The projects that lists show."""
    rows = connection.execute(_LISTED, {"ecosystem": ecosystem})
    return [Listing(Project(ecosystem, name), display_name, last) for name, display_name, last in rows]


def listings_since(
    connection: sa.Connection, ecosystem: str, moved: int, limit: int
) -> list[tuple[Project, Listing | None]]:
    """At most so many of the projects that were touched later than that, each with what lists show of it,
    None if they do not.
    """
    rows = connection.execute(_LISTED_SINCE, {"ecosystem": ecosystem, "moved": moved, "limit": limit})
    listings = [
        (Listing(Project(ecosystem, name), shown, last), listed) for name, shown, last, listed in rows
    ]
    return [(line.project, line if listed else None) for line, listed in listings]


def known_projects(connection: sa.Connection, ecosystem: str) -> list[Project]:
    """The projects that have any row."""
    return [Project(ecosystem, name) for (name,) in connection.execute(_KNOWN, {"ecosystem": ecosystem})]


def moved_since(connection: sa.Connection, ecosystem: str, moved: int) -> list[Project]:
    """The projects that were touched later than that."""
    rows = connection.execute(_MOVED_SINCE, {"ecosystem": ecosystem, "moved": moved})
    return [Project(ecosystem, name) for (name,) in rows]


def exists(connection: sa.Connection, project: Project) -> bool:
    """As :attr:`~pypicloud_like.cache.rows.Head.exists`, without reading all of the row."""
    return bool(connection.scalar(_EXISTS, name_of(project)))


def files_of(connection: sa.Connection, project: Project) -> list[File]:
    """The visible files of a project."""
    return [file_from(row, project) for row in connection.execute(_FILES, name_of(project))]


def described(connection: sa.Connection, project: Project, version: str | None) -> list[FileRecord]:
    """The visible files of a project with their facts."""
    statement, values = (_DESCRIBED, {}) if version is None else (_DESCRIBED_VERSION, {"version": version})
    rows = connection.execute(statement, name_of(project) | values)
    return [record_from(row, project) for row in rows]


def file_named(connection: sa.Connection, project: Project, filename: str) -> FileRecord | None:
    """The visible file of this name."""
    row = connection.execute(_FILE, name_of(project) | {"filename": filename}).first()
    return None if row is None else record_from(row, project)


def newest_files(connection: sa.Connection, ecosystem: str | None, limit: int) -> list[File]:
    """The files uploaded last, newest first."""
    if ecosystem is None:
        rows = connection.execute(_NEWEST_FILES, {"limit": limit})
    else:
        rows = connection.execute(_NEWEST_FILES_OF, {"ecosystem": ecosystem, "limit": limit})
    return [file_from(row[2:], Project(*row[:2])) for row in rows]


def newest_projects(connection: sa.Connection, ecosystem: str, limit: int) -> list[File]:
    """The first file of each of the projects that came last, newest first."""
    first: dict[Project, File] = {}
    for row in connection.execute(_NEWEST_PROJECTS, {"ecosystem": ecosystem, "limit": limit}):
        project = Project(*row[:2])
        if project not in first:  # several files may be of the same moment
            first[project] = file_from(row[2:], project)
    return list(first.values())


def all_files(database: Database, ecosystem: str) -> Iterator[File]:
    """Every visible file, by project and file name, by one statement for each portion."""
    after = ""
    while True:
        with database.read(once=True) as connection:
            rows = connection.execute(_PORTIONS, {"ecosystem": ecosystem, "after": after}).all()
        if not rows:
            return
        after = rows[-1].name
        small: dict[int, Project] = {}
        pending = 0
        for project_id, name, visible in rows:
            if pending and pending + visible > PORTION:
                yield from _files_of_several(database, small)
                small, pending = {}, 0
            if visible > PORTION:
                yield from _files_of_large(database, project_id, Project(ecosystem, name))
            else:
                small[project_id] = Project(ecosystem, name)
                pending += visible
        yield from _files_of_several(database, small)


def overviews(database: Database, ecosystem: str) -> Iterator[Overview]:
    """Every project that has any row, with its record and its files, by two statements for each portion."""
    after = ""
    while True:
        with database.read(once=True) as connection:
            rows = connection.execute(_HEADS, {"ecosystem": ecosystem, "after": after}).all()
        if not rows:
            return
        after = rows[-1].name
        heads: dict[int, tuple[Project, Head]] = {}
        pending = 0
        for name, *row in rows:
            project = Project(ecosystem, name)
            head = head_from(row, project)
            if heads and pending + head.visible > PORTION:
                yield from _overviews_of(database, heads)
                heads, pending = {}, 0
            heads[head.id] = project, head
            pending += head.visible
        yield from _overviews_of(database, heads)


def search(
    connection: sa.Connection, ecosystem: str, *, name: Collection[str], summary: Collection[str], every: bool
) -> list[Project]:
    """The listed projects whose name or latest summary contains the words."""
    join = sa.and_ if every else sa.or_
    fields = [
        join(*(column.contains(word.casefold(), autoescape=True) for word in words))
        for column, words in ((sa.func.lower(projects.c.name), name), (projects.c.latest_summary, summary))
        if words
    ]
    if not fields:
        return []
    statement = sa.select(projects.c.name).where(_listed, sa.or_(*fields)).order_by(projects.c.name)
    return [Project(ecosystem, found) for (found,) in connection.execute(statement, {"ecosystem": ecosystem})]


def serials(connection: sa.Connection, project: Project, settled: Settled) -> Mapping[str, tuple[int, bool]]:
    """Identity → (serial, is the record due and not settled)."""
    rows = connection.execute(_SERIALS, name_of(project))
    found = {identity: (number, due and number not in settled.files) for identity, number, due in rows}
    record = connection.execute(_RECORD_SERIAL, name_of(project)).first()
    if record is not None and record[0] is not None:
        found[PROJECT_IDENTITY] = (record[0], record[1] and record[0] not in settled.projects)
    return found


def journal(connection: sa.Connection, *, after: int, limit: int, newest: bool) -> list[Change]:
    """Rows of the journal above a serial."""
    statement = _JOURNAL_DOWN if newest else _JOURNAL_UP
    return [change_from(row) for row in connection.execute(statement, {"after": after, "limit": limit})]


def due(connection: sa.Connection, project: Project | None, settled: Settled, limit: int) -> Sequence[Entry]:
    """Entries that carry an unsettled mark, oldest first."""
    values: dict[str, Any] = {"limit": limit + len(settled)}
    due_files, due_records = _DUE_FILES, _DUE_RECORDS
    if project is not None:
        due_files, due_records = _DUE_FILES_OF, _DUE_RECORDS_OF
        values |= name_of(project)
    entries: list[Entry] = []
    for row in connection.execute(due_files, values):
        file = record_from(row[2:], Project(*row[:2]))
        if file.serial not in settled.files:
            entries.append(file)
    for row in connection.execute(due_records, values):
        record = head_from(row[2:], Project(*row[:2])).record
        if record is not None and record.serial not in settled.projects:
            entries.append(record)
    return sorted(entries, key=lambda entry: entry.serial)[:limit]


def _files_of_several(database: Database, by_id: Mapping[int, Project]) -> Sequence[File]:
    if not by_id:
        return []
    with database.read(once=True) as connection:
        rows = connection.execute(_FILES_OF_SEVERAL, {"ids": list(by_id)}).all()
    found = [file_from(row[1:], by_id[row[0]]) for row in rows]
    return sorted(found, key=lambda file: (file.project.name, file.filename))


def _overviews_of(database: Database, heads: Mapping[int, tuple[Project, Head]]) -> Iterator[Overview]:
    found: dict[int, list[FileRecord]] = {number: [] for number in heads}
    with database.read(once=True) as connection:
        rows = connection.execute(_DESCRIBED_OF_SEVERAL, {"ids": list(heads)}).all()
    for number, *row in rows:
        found[number].append(record_from(row, heads[number][0]))
    for number, (project, head) in heads.items():
        if found[number] or head.exists:
            yield project, head.record, found[number]


def _files_of_large(database: Database, project_id: int, project: Project) -> Iterator[File]:
    after = ""
    while True:
        with database.read(once=True) as connection:
            rows = connection.execute(_FILES_AFTER, {"project_id": project_id, "after": after}).all()
        if not rows:
            return
        found = [file_from(row, project) for row in rows]
        yield from found
        after = found[-1].filename
