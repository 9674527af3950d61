"""What lists know of every crate, however much its manifest says."""

from datetime import UTC, datetime

from pypicloud_like.core.model import Action, Stamp
from pypicloud_like.ecosystems.cargo.directory import (
    LONGEST_DESCRIPTION,
    LONGEST_LABEL,
    MOST_LABELS,
    entry_of,
)
from pypicloud_like.ecosystems.cargo.drafts import draft_of
from pypicloud_like.ecosystems.cargo.metadata import Crate
from pypicloud_like.ecosystems.cargo.names import project_of


def entry(**said):
    crate = Crate(name="Demo", version="1.0.0", **said)
    draft = draft_of(crate, stamp=Stamp(Action.UPLOAD, "ann", datetime(2026, 1, 2, tzinfo=UTC)))
    found = entry_of(project_of("Demo"), [draft])
    assert found
    return found


def test_what_a_search_looks_through():
    found = entry(keywords=("Async", "net", "async"), description="A Demo", categories=("Science",))
    assert (found.keywords, found.categories) == (("async", "net"), ("science",))
    assert found.words == "demo async net a demo"


def test_a_manifest_can_say_too_much():
    deep = "::".join(["a"] * 100_000)
    many = tuple(f"k{number}" for number in range(100_000))
    found = entry(keywords=(deep, *many), categories=(deep, "x" * LONGEST_LABEL, *many), description=deep)
    assert found.keywords == many[:MOST_LABELS]
    assert found.categories == ("x" * LONGEST_LABEL, *many[: MOST_LABELS - 1])
    assert len(found.description) == LONGEST_DESCRIPTION
    assert len(found.words) < 2 * LONGEST_DESCRIPTION
