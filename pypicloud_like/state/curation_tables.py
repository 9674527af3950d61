"""The tables of what people add to the catalogue."""

from __future__ import annotations

import sqlalchemy as sa

from pypicloud_like.state.tables import Moment, metadata

categories = sa.Table(
    "catalogue_categories",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("title_plural", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("show_pypi", sa.Boolean, nullable=False),
    sa.Column("ecosystem", sa.Text, unique=True),
    sa.Column("created", Moment, nullable=False),
    sa.Column("modified", Moment, nullable=False),
    sqlite_autoincrement=True,
)

packages = sa.Table(
    "catalogue_packages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    # both or neither: a package from outside is no project here
    sa.Column("ecosystem", sa.Text),
    sa.Column("project", sa.Text),
    sa.Column("category", sa.ForeignKey(categories.c.id), nullable=False, index=True),
    sa.Column("title", sa.Text),
    sa.Column("repo_url", sa.Text),
    sa.Column("documentation_url", sa.Text),
    sa.Column("deprecated", sa.Boolean, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("modified", Moment, nullable=False),
    sa.UniqueConstraint("ecosystem", "project", name="catalogue_packages_project"),
    sqlite_autoincrement=True,
)

grids = sa.Table(
    "catalogue_grids",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("slug", sa.Text, nullable=False, unique=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sa.Column("locked", sa.Boolean, nullable=False),
    sa.Column("header", sa.Boolean, nullable=False),
    sa.Column("created", Moment, nullable=False),
    sa.Column("modified", Moment, nullable=False),
    sqlite_autoincrement=True,
)

grid_packages = sa.Table(
    "catalogue_grid_packages",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("grid", sa.ForeignKey(grids.c.id, ondelete="CASCADE"), nullable=False),
    sa.Column("package", sa.ForeignKey(packages.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.UniqueConstraint("grid", "package", name="catalogue_grid_packages_once"),
)

features = sa.Table(
    "catalogue_features",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("grid", sa.ForeignKey(grids.c.id, ondelete="CASCADE"), nullable=False, index=True),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("description", sa.Text, nullable=False),
    sqlite_autoincrement=True,
)

cells = sa.Table(
    "catalogue_cells",
    metadata,
    sa.Column("feature", sa.ForeignKey(features.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("package", sa.ForeignKey(packages.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("text", sa.Text, nullable=False),
)

uses = sa.Table(
    "catalogue_uses",
    metadata,
    sa.Column("package", sa.ForeignKey(packages.c.id, ondelete="CASCADE"), primary_key=True),
    sa.Column("user_name", sa.Text, primary_key=True, index=True),
)
