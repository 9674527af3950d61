"""How alembic runs the versions of the state."""

from pypicloud_like.db.migrate import run_environment

run_environment()
