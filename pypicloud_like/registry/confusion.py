"""Names of ours that an upstream has too: installers could take the one for the other."""

from __future__ import annotations

from collections.abc import Sequence

from pypicloud_like.core.model import Project
from pypicloud_like.registry.services import Services


def confusable(services: Services, ecosystem: str) -> Sequence[Project]:
    """Those that can be told from what is here, by name. Nobody is asked."""
    if services.upstreams is None:
        return []
    theirs = set(services.upstreams.held.known(ecosystem))
    if not theirs:
        return []
    # a name may be known here by files of an upstream alone
    both = [project for project in services.cache.known_projects(ecosystem) if project in theirs]
    return [project for project in both if services.cache.exists(project)]
