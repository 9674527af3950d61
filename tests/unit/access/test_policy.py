"""The decision, as a written table and as properties."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pypicloud_like.access.policy import FAILED_LOGIN, Act, ReadSet, allows, live, owns, readable
from pypicloud_like.core.model import ANONYMOUS, Account, Caller, Grants, Project, Right, Scope
from pypicloud_like.settings.model import AccessSettings

R, W = frozenset({Right.READ}), frozenset({Right.WRITE})
RW = R | W
LETTERS = {
    "R": Act.READ,
    "W": Act.WRITE,
    "O": Act.OVERWRITE,
    "D": Act.DELETE,
    "Y": Act.YANK,
    "C": Act.CREATE,
    "U": Act.CACHE_UPDATE,
    "N": Act.OWNERS,
}
EVERY_ACT = frozenset(act.value for act in Act)

HOUSE = AccessSettings(
    default_read=frozenset({"authenticated"}),
    default_write=frozenset({"devs"}),
    overwrite_groups=frozenset({"release"}),
    delete_groups=frozenset({"devs", "admin"}),
    cache_update=frozenset({"authenticated"}),
)

# kind: the explicit grants, whether it exists
KINDS = {
    "plain": (None, True),
    "private": (Grants({"reader": R, "uploader": W, "writer": RW}), True),
    "team": (Grants({}, {"team": RW}), True),
    "public": (Grants({}, {"everyone": R}), True),
    "intern": (Grants({}, {"authenticated": R}), True),
    "shut": (Grants({"reader": frozenset()}), True),
    "owned": (None, True),
    "owned-private": (Grants({"writer": RW}), True),
    "unknown": (None, False),
    "claimed": (Grants({"writer": RW}), False),
}
PROJECTS = {kind: Project("pypi", kind) for kind in KINDS}
OWNED = frozenset({PROJECTS["owned"], PROJECTS["owned-private"]})


def user(name, *groups, admin=False, via="password", scope=None, pending=False):
    account = Account(name, admin=admin, groups=frozenset(groups), pending=pending)
    return Caller(account, via=via, scope=scope)


def token(name, *groups, actions=EVERY_ACT, projects=None, admin=False):
    scope = Scope(frozenset(actions), None if projects is None else frozenset(PROJECTS[p] for p in projects))
    return user(name, *groups, admin=admin, via="token", scope=scope)


ROLES = {
    "anonymous": ANONYMOUS,
    "mistyped": FAILED_LOGIN,
    "pending": user("writer", "devs", "team", "release", admin=True, pending=True),
    "user": user("user"),
    "dev": user("dev", "devs"),
    "releaser": user("releaser", "devs", "release"),
    "reader": user("reader"),
    "uploader": user("uploader"),
    "writer": user("writer"),
    "member": user("member", "team"),
    "owner": user("owner"),
    "admin": user("root", admin=True),
    "session": user("dev", "devs", via="session"),
    # tokens
    "dev/all": token("dev", "devs"),
    "dev/upload": token("dev", "devs", actions={"write", "create"}),
    "dev/write": token("dev", "devs", actions={"write"}),
    "writer/one": token("writer", projects=["private"]),
    "owner/one": token("owner", projects=["owned", "plain"]),
    "admin/read": token("root", admin=True, actions={"read"}),
    "no scope": Caller(Account("root", admin=True), via="token"),
}

# who may do what where, in the letters above; "." is nothing
TABLE = """
            plain    private  team     public   intern   shut     owned    owned-private  unknown  claimed
anonymous   .        .        .        R        .        .        .        .              .        .
mistyped    .        .        .        R        .        .        .        .              .        .
pending     .        .        .        R        .        .        .        .              .        .
user        RU       .        .        RU       RU       .        RU       .              RU       .
dev         RWDYCU   .        .        RU       RU       .        RWDYCU   .              RWDYCU   .
session     RWDYCU   .        .        RU       RU       .        RWDYCU   .              RWDYCU   .
releaser    RWODYCU  .        .        RU       RU       .        RWODYCU  .              RWODYCU  .
reader      RU       RU       .        RU       RU       .        RU       .              RU       .
uploader    RU       WYCN     .        RU       RU       .        RU       .              RU       .
writer      RU       RWYCUN   .        RU       RU       .        RU       RWYCUN         RU       RWYCUN
member      RU       .        RWYCUN   RU       RU       .        RU       .              RU       .
owner       RU       .        .        RU       RU       .        RWYCUN   RWYCUN         RU       .
admin       RWDYCUN  RWDYCUN  RWDYCUN  RWDYCUN  RWDYCUN  RWDYCUN  RWDYCUN  RWDYCUN        RWDYCUN  RWDYCUN
dev/all     RWDYCU   .        .        RU       RU       .        RWDYCU   .              RWDYCU   .
dev/upload  WC       .        .        .        .        .        WC       .              WC       .
dev/write   W        .        .        .        .        .        W        .              .        .
writer/one  .        RWYCUN   .        .        .        .        .        .              .        .
owner/one   RU       .        .        .        .        .        RWYCUN   .              .        .
admin/read  R        R        R        R        R        R        R        R              R        R
no_scope    .        .        .        .        .        .        .        .              .        .
"""


def rows():
    header, *lines = TABLE.strip().splitlines()
    kinds = header.split()
    assert kinds == list(KINDS)
    for line in lines:
        role, *cells = line.split()
        assert len(cells) == len(kinds), line
        for kind, cell in zip(kinds, cells, strict=True):
            yield role.replace("_", " "), kind, cell.replace(".", "")


def decide(caller, act, kind, rules=HOUSE):
    grants, exists = KINDS[kind]
    owner = caller.name == "owner" and PROJECTS[kind] in OWNED
    return allows(caller, act, PROJECTS[kind], grants=grants, owner=owner, exists=exists, rules=rules)


@pytest.mark.promise(121)
@pytest.mark.parametrize(("role", "kind", "expected"), list(rows()))
def test_the_table(role, kind, expected):
    allowed = "".join(letter for letter, act in LETTERS.items() if decide(ROLES[role], act, kind))
    assert allowed == expected


def test_the_table_has_every_role():
    assert {role for role, _kind, _cell in rows()} == set(ROLES)
    assert {*LETTERS.values(), Act.ADMIN, Act.ACCOUNT} == set(Act)


ADMINISTER = {"admin"}
OWN_ACCOUNT = set(ROLES) - {
    "anonymous", "mistyped", "pending", "no scope",
    "dev/upload", "dev/write", "admin/read", "writer/one", "owner/one",
}  # fmt: skip


@pytest.mark.parametrize("role", ROLES)
def test_acts_that_concern_no_project(role):
    def may(act):
        return allows(ROLES[role], act, None, grants=None, owner=False, exists=True, rules=HOUSE)

    assert may(Act.ADMIN) == (role in ADMINISTER)
    assert may(Act.ACCOUNT) == (role in OWN_ACCOUNT)


def test_a_token_administers_only_if_its_scope_says_so_and_its_owner_may():
    def may(caller, act):
        return allows(caller, act, None, grants=None, owner=False, exists=True, rules=HOUSE)

    assert may(token("root", admin=True, actions={"admin"}), Act.ADMIN)
    assert not may(token("root", admin=True, actions=EVERY_ACT - {"admin"}), Act.ADMIN)
    assert not may(token("dev", actions={"admin"}), Act.ADMIN)
    assert may(token("dev", actions={"account"}), Act.ACCOUNT)
    assert not may(token("dev", actions=EVERY_ACT - {"account"}), Act.ACCOUNT)


EVERYBODY = frozenset({"everyone"})
OPEN = AccessSettings(
    default_read=EVERYBODY,
    default_write=EVERYBODY,
    overwrite_groups=EVERYBODY,
    delete_groups=EVERYBODY,
    cache_update=EVERYBODY,
)


def test_everyone_means_anonymous_too_but_not_who_mistyped_a_password():
    assert [act for act in LETTERS.values() if not decide(ANONYMOUS, act, "plain", OPEN)] == [Act.OWNERS]
    assert not any(decide(ANONYMOUS, act, "private", OPEN) for act in LETTERS.values())
    assert [act for act in Act if decide(FAILED_LOGIN, act, "plain", OPEN)] == [Act.READ]


@pytest.mark.parametrize(
    ("groups", "admin", "user"),
    [
        ((), False, False),
        (("authenticated",), True, True),
        (("everyone",), True, True),
        (("admin",), True, False),
    ],
)
def test_overwriting_and_deleting_are_by_group_lists_alone(groups, admin, user):
    rules = replace(HOUSE, overwrite_groups=frozenset(groups), delete_groups=frozenset(groups))
    for act in (Act.OVERWRITE, Act.DELETE):
        assert decide(ROLES["admin"], act, "private", rules) == admin
        assert decide(ROLES["writer"], act, "private", rules) == user
        assert not decide(ROLES["reader"], act, "private", rules), "needs write as well"


def test_a_group_of_a_built_in_name_counts_for_nothing():
    impostor = user("eve", "admin", "authenticated", "everyone")
    rules = replace(OPEN, overwrite_groups=frozenset({"admin"}))
    assert not decide(impostor, Act.OVERWRITE, "plain", rules)
    assert not decide(impostor, Act.ADMIN, "plain", rules)


def test_new_names_can_be_left_to_other_groups_than_the_default_writers():
    rules = replace(HOUSE, create_groups=frozenset({"team"}))
    member, dev, writer, admin = (ROLES[role] for role in ("member", "dev", "writer", "admin"))
    for act in (Act.CREATE, Act.WRITE):
        assert decide(member, act, "unknown", rules)
        assert not decide(dev, act, "unknown", rules)
        assert not decide(member, act, "claimed", rules), "somebody else's by explicit grant"
        assert decide(writer, act, "claimed", rules)
        assert decide(admin, act, "unknown", rules)
    assert not decide(member, Act.WRITE, "plain", rules)
    assert decide(dev, Act.WRITE, "plain", rules)
    nobody = replace(HOUSE, create_groups=frozenset())
    assert not decide(dev, Act.CREATE, "unknown", nobody)
    assert decide(admin, Act.CREATE, "unknown", nobody)


@pytest.mark.promise(129)
def test_rights_that_came_through_a_group_go_with_it():
    assert decide(user("member", "team"), Act.WRITE, "team")
    assert not decide(user("member"), Act.READ, "team")


NAMES = ("ann", "bob")
GROUPS = ("devs", "team", "everyone", "authenticated", "admin")
POOL = tuple(Project(eco, name) for eco in ("pypi", "cargo") for name in ("a", "b", "c"))
POOL += tuple(Project("jsr", f"@{scope}/{name}") for scope in "st" for name in "ab")
ELSEWHERE = tuple(Project(eco, "never-mentioned") for eco in ("pypi", "cargo"))
ELSEWHERE += (Project("jsr", "@s/never"), Project("jsr", "@u/never"))
SPACES = (Project("jsr", "@s/*"), Project("jsr", "@t/*"))
PATTERNS = (*SPACES, Project("pypi", "a*"), Project("cargo", "never*"), Project("jsr", "@s/n*"))

projects = st.frozensets(st.sampled_from(POOL + SPACES))
patterns = st.frozensets(st.sampled_from(POOL + PATTERNS), max_size=4)
rights = st.frozensets(st.sampled_from(list(Right)))
some_groups = st.frozensets(st.sampled_from(GROUPS))
accounts = st.builds(
    Account, st.sampled_from(NAMES), admin=st.booleans(), groups=some_groups, pending=st.booleans()
)
scopes = st.builds(
    Scope, st.frozensets(st.sampled_from([a.value for a in Act])), projects=st.none() | patterns
)
callers = st.one_of(
    st.sampled_from([ANONYMOUS, FAILED_LOGIN]),
    st.builds(Caller, accounts, via=st.sampled_from(["session", "password"])),
    st.builds(Caller, accounts, via=st.just("token"), scope=st.none() | scopes),
)
explicit = st.builds(
    Grants,
    st.dictionaries(st.sampled_from(NAMES), rights, max_size=2),
    st.dictionaries(st.sampled_from(GROUPS), rights, max_size=2),
)
all_grants = st.dictionaries(st.sampled_from(POOL), explicit)
some_rules = st.builds(
    AccessSettings,
    default_read=some_groups,
    default_write=some_groups,
    overwrite_groups=some_groups,
    delete_groups=some_groups,
    cache_update=some_groups,
    create_groups=st.none() | some_groups,
)


@given(callers, all_grants, projects, some_rules)
def test_the_readable_set_agrees_with_the_decision(caller, grants, owned, rules):
    if caller.account is None:
        owned = frozenset()
    for ecosystem in ("pypi", "cargo", "jsr"):
        reads = readable(caller, ecosystem, grants=grants, owned=owned, rules=rules)
        for project in (*POOL, *ELSEWHERE):
            if project.ecosystem == ecosystem:
                assert (project in reads) == allows(
                    caller,
                    Act.READ,
                    project,
                    grants=grants.get(project),
                    owner=owns(project, owned),
                    exists=True,
                    rules=rules,
                )
        assert all(project.ecosystem == ecosystem for project in reads.exceptions)


asked = st.tuples(st.sampled_from(list(Act)), st.none() | st.sampled_from(POOL))


@pytest.mark.promise(126)
@given(accounts, scopes, asked, explicit, some_rules)
def test_a_scope_only_takes_away(account, scope, asked, grants, rules):
    act, project = asked
    terms = {"grants": grants, "owner": False, "exists": True, "rules": rules}
    if allows(Caller(account, via="token", scope=scope), act, project, **terms):
        assert allows(Caller(account, via="password"), act, project, **terms)
        assert act in scope.actions
        assert scope.projects is None or any(each.covers(project) for each in scope.projects)


@given(callers, st.sampled_from(list(Act)), st.none() | explicit, st.booleans(), some_rules)
def test_ownership_only_adds(caller, act, grants, exists, rules):
    terms = {"grants": grants, "exists": exists, "rules": rules}
    if allows(caller, act, POOL[0], owner=False, **terms):
        assert allows(caller, act, POOL[0], owner=True, **terms)


@given(callers, st.sampled_from(list(Act)), explicit, st.booleans(), st.booleans(), some_rules)
def test_a_held_name_only_takes_away_what_the_defaults_give(caller, act, grants, owner, exists, rules):
    terms = {"grants": grants, "owner": owner, "exists": exists, "rules": rules}
    free, held = (allows(caller, act, Project("jsr", "@s/a"), held=held, **terms) for held in (False, True))
    assert free or not held
    if free and not held:
        assert act in {Act.WRITE, Act.CREATE, Act.OVERWRITE, Act.DELETE, Act.YANK}
        assert live(caller) is None or not owner  # nobody in particular owns nothing
        assert not grants.users
        assert not grants.groups


@given(st.booleans(), projects, st.booleans(), projects)
def test_digests_are_equal_just_for_equal_sets(default, some, other_default, others):
    one, other = ReadSet(default, some), ReadSet(other_default, others)
    assert (one.digest == other.digest) == (one == other)
    assert (one.digest == "ALL") == (default and not some)


def test_the_digest_is_the_same_in_every_process():
    assert ReadSet(False, frozenset(POOL[:6])).digest == "64837b6f0559df082daec11571a4d04b"
