"""The catalogue: categories, packages, grids with their features and cells, who uses what."""

from datetime import datetime

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_MOMENT = sa.DateTime(timezone=True)


def _times() -> tuple[sa.Column[datetime], sa.Column[datetime]]:
    return sa.Column("created", _MOMENT, nullable=False), sa.Column("modified", _MOMENT, nullable=False)


def upgrade() -> None:
    """Create the tables and their indexes."""
    op.create_table(
        "catalogue_categories",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("title_plural", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("show_pypi", sa.Boolean, nullable=False),
        sa.Column("ecosystem", sa.Text, unique=True),
        *_times(),
        sqlite_autoincrement=True,
    )
    category = sa.ForeignKey("catalogue_categories.id")
    op.create_table(
        "catalogue_packages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("ecosystem", sa.Text),
        sa.Column("project", sa.Text),
        sa.Column("category", sa.Integer, category, nullable=False, index=True),
        sa.Column("title", sa.Text),
        sa.Column("repo_url", sa.Text),
        sa.Column("documentation_url", sa.Text),
        sa.Column("deprecated", sa.Boolean, nullable=False),
        *_times(),
        sa.UniqueConstraint("ecosystem", "project", name="catalogue_packages_project"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "catalogue_grids",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("slug", sa.Text, nullable=False, unique=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sa.Column("locked", sa.Boolean, nullable=False),
        sa.Column("header", sa.Boolean, nullable=False),
        *_times(),
        sqlite_autoincrement=True,
    )

    def grid() -> sa.ForeignKey:
        return sa.ForeignKey("catalogue_grids.id", ondelete="CASCADE")

    def package() -> sa.ForeignKey:
        return sa.ForeignKey("catalogue_packages.id", ondelete="CASCADE")

    op.create_table(
        "catalogue_grid_packages",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("grid", sa.Integer, grid(), nullable=False),
        sa.Column("package", sa.Integer, package(), nullable=False, index=True),
        sa.UniqueConstraint("grid", "package", name="catalogue_grid_packages_once"),
    )
    op.create_table(
        "catalogue_features",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("grid", sa.Integer, grid(), nullable=False, index=True),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("description", sa.Text, nullable=False),
        sqlite_autoincrement=True,
    )
    feature = sa.ForeignKey("catalogue_features.id", ondelete="CASCADE")
    op.create_table(
        "catalogue_cells",
        sa.Column("feature", sa.Integer, feature, primary_key=True),
        sa.Column("package", sa.Integer, package(), primary_key=True),
        sa.Column("text", sa.Text, nullable=False),
    )
    op.create_table(
        "catalogue_uses",
        sa.Column("package", sa.Integer, package(), primary_key=True),
        sa.Column("user_name", sa.Text, primary_key=True, index=True),
    )
