"""What a name that was asked for is answered with: the one table of the fallback.

A name *exists here* if it has a file of ours, a tombstone, a project record or an explicit grant, or
settings reserve it. Such a name is never told to an upstream and never answered from one, unless it is
marked as mixed. Rights come first: who may not read learns nothing, not even where else to ask.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from pypicloud_like.access.policy import Act
from pypicloud_like.core.model import ANONYMOUS, PYPI, Caller, Project
from pypicloud_like.registry.services import Services
from pypicloud_like.upstream.names import Normalize
from pypicloud_like.upstream.upstreams import Upstreams


class Mode(StrEnum):
    """``pypi.fallback``"""

    NONE = "none"
    REDIRECT = "redirect"
    CACHE = "cache"
    MIRROR = "mirror"


class Answer(StrEnum):
    """Where the answer comes from."""

    OURS = "ours"
    """from here; not found if there is nothing"""
    MERGED = "merged"
    """ours, and what an upstream has beside it, through us"""
    LINKED = "linked"
    """ours, and links to what an upstream has beside it"""
    REDIRECT = "redirect"
    """the client is sent to an upstream"""
    FETCH = "fetch"
    """from an upstream, through us"""
    HELD = "held"
    """what is held from upstreams, nothing new; ours beside it if it is mixed"""
    NOT_FOUND = "not found"
    LOGIN = "login"


@dataclass(frozen=True, slots=True)
class Asked:
    """All that the answer depends on. ``told`` says whether settings let an upstream hear of the name,
    ``mixing`` whether marks count in this mode, ``offline`` that no upstream may be asked now.
    """

    mode: Mode
    ours: bool
    mixed: bool
    reads: bool
    known: bool
    fetches: bool
    told: bool
    mixing: bool = False
    offline: bool = False


def decide(asked: Asked) -> Answer:
    """The table. Its rows are in the order in which they count."""
    if not asked.reads:
        return Answer.NOT_FOUND if asked.known else Answer.LOGIN
    mixed = asked.ours and asked.mixed and (asked.mixing or asked.mode is Mode.MIRROR)
    alone = Answer.OURS if asked.ours else Answer.NOT_FOUND
    if (asked.ours and not mixed) or asked.mode is Mode.NONE or not asked.told:
        return alone
    if asked.mode is Mode.REDIRECT:
        elsewhere = Answer.LINKED if mixed else Answer.REDIRECT
        return alone if asked.offline else elsewhere
    if asked.offline or not asked.fetches:
        return Answer.HELD
    return Answer.MERGED if mixed else Answer.FETCH


def answer_for(services: Services, caller: Caller, project: Project, normalize: Normalize) -> Answer:
    """What this caller's question for a project is answered with. The caller may read it: views ask that
    first, with the answer that fits their protocol.
    """
    upstreams = services.upstreams
    if upstreams is None:
        return Answer.OURS
    fallback = upstreams.fallback
    here, mixed = _here(services, project)
    reserved = upstreams.is_reserved(project, normalize)
    asked = Asked(
        mode=_mode(upstreams, project.ecosystem),
        ours=here or reserved or project in services.access.grants(),
        mixed=mixed,
        reads=True,
        known=caller.account is not None,
        fetches=services.guard.may(caller, Act.CACHE_UPDATE, project),
        told=bool(upstreams.allowed(project, normalize)),
        mixing=fallback.mixing,
        offline=fallback.offline,
    )
    return decide(asked)


def same_for_all(services: Services, project: Project) -> bool:
    """Whether everybody gets the same answer about a name that may come from an upstream: if everybody may
    read it, and have it fetched.
    """
    may = services.guard.may
    return may(ANONYMOUS, Act.READ, project) and may(ANONYMOUS, Act.CACHE_UPDATE, project)


def _mode(upstreams: Upstreams, ecosystem: str) -> Mode:
    """Crates and JSR packages are fetched wherever an upstream is named for them."""
    if ecosystem == PYPI:
        return Mode(upstreams.fallback.mode)
    return Mode.CACHE if upstreams.of(ecosystem) else Mode.NONE


def _here(services: Services, project: Project) -> tuple[bool, bool]:
    """Whether the name has anything of ours, and whether it is marked as mixed; kept in memory until the
    project is changed.
    """
    touched = services.cache.touched(project)
    kept = services.known_names.get(project)
    if kept is not None and kept[0] == touched:
        return kept[1]
    record = services.cache.record(project)
    here = services.cache.exists(project), record is not None and record.mixed
    services.known_names.put(project, (touched, here))
    return here
