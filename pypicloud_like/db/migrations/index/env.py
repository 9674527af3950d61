"""How alembic runs the versions of the index."""

from pypicloud_like.db.migrate import run_environment

run_environment()
