"""What the administration views share."""

from __future__ import annotations

from pyramid.request import Request

from pypicloud_like.access.policy import Act
from pypicloud_like.admin.shapes import Permission
from pypicloud_like.core.model import Right
from pypicloud_like.core.ports import Access, MutableAccess
from pypicloud_like.http.security import mutable, require


def administered(request: Request) -> Access:
    """The access backend, for an administrator.

    :raises LoginRequired, Forbidden: the caller is none
    """
    require(request, Act.ADMIN)
    access: Access = request.services.access
    return access


def changeable(request: Request) -> MutableAccess:
    """The access backend, for an administrator who is going to change it.

    :raises ReadOnlyBackend: it cannot be changed here
    """
    return mutable(administered(request))


def rights_json(rights: frozenset[Right] | set[Right]) -> list[Permission]:
    """``["read", "write"]`` in this order."""
    return [right.value for right in Right if right in rights]
