"""The ports: what this index asks of storage, cache, access and state.

All are synchronous and safe to call from several threads. Backends know no web request; the command
line and the tests use the very same objects. Unless said otherwise a call raises
:class:`~pypicloud_like.core.errors.Unavailable` when its backend cannot be reached in time.
"""

from pypicloud_like.core.ports.access import Access, MutableAccess
from pypicloud_like.core.ports.authorizations import Authorization, Authorizations
from pypicloud_like.core.ports.cache import Cache, Edit, Overview, Share
from pypicloud_like.core.ports.curation import Category, Curated, Curation, Feature, Grid, Listed
from pypicloud_like.core.ports.downloads import DayCount, Downloads, VersionCount
from pypicloud_like.core.ports.held import Document, Held, HeldProject, HeldUse
from pypicloud_like.core.ports.looking_back import Portion, Sought
from pypicloud_like.core.ports.people import People, Person
from pypicloud_like.core.ports.publishers import Publisher, Publishers
from pypicloud_like.core.ports.scopes import Invite, Member, ScopeRecord, Scopes
from pypicloud_like.core.ports.state import AuditEvent, State
from pypicloud_like.core.ports.storage import Stat, Storage
from pypicloud_like.core.ports.tasks import PublishingTask, PublishingTasks, TaskStatus

__all__ = [
    "Access",
    "AuditEvent",
    "Authorization",
    "Authorizations",
    "Cache",
    "Category",
    "Curated",
    "Curation",
    "DayCount",
    "Document",
    "Downloads",
    "Edit",
    "Feature",
    "Grid",
    "Held",
    "HeldProject",
    "HeldUse",
    "Invite",
    "Listed",
    "Member",
    "MutableAccess",
    "Overview",
    "People",
    "Person",
    "Portion",
    "Publisher",
    "Publishers",
    "PublishingTask",
    "PublishingTasks",
    "ScopeRecord",
    "Scopes",
    "Share",
    "Sought",
    "Stat",
    "State",
    "Storage",
    "TaskStatus",
    "VersionCount",
]
