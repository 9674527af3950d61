"""Further applications of one process over the routes and views of the first: working these out takes Pyramid
most of the time of a small test, and they depend on no settings and no services.

What a part keeps for itself is made anew for each application, by the part's own code.
"""

from __future__ import annotations

from typing import Any

import pytest
from pyramid.config import Configurator
from pyramid.registry import Registry
from pyramid.router import Router

from pypicloud_like import app
from pypicloud_like.registry.services import Services

_components: list[Registry] = []
"""What the first application was made of, without what its parts kept."""


def make_wsgi(services: Services) -> Router:
    """What the product's ``make_wsgi`` gives, in less time."""
    if not _components:
        first = app.make_wsgi(services).registry
        first.clear()
        del first.services
        _components.append(first)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(app, "Configurator", lambda **_: _Again(_Known(_components[0])))
        return app.make_wsgi(services)


class _Known(Registry):
    """A registry of its own, of the components of another."""

    def __init__(self, other: Registry) -> None:
        super().__init__("again")
        self.adapters, self.utilities = other.adapters, other.utilities
        self.has_listeners, self._settings = other.has_listeners, other.settings
        self._directives = other._directives

    def registerUtility(self, *_: Any, **__: Any) -> None:  # noqa: N802 - a name of Zope's
        """Nothing: it is there already."""


class _Again(Configurator):
    """Runs the code of the parts, and registers nothing: it is there already."""

    def action(self, *_: Any, **__: Any) -> None:
        """Nothing."""

    add_route = add_view = add_exception_view = add_static_view = action

    def make_wsgi_app(self) -> Router:
        """An application over the registry as it is."""
        return Router(self.registry)
