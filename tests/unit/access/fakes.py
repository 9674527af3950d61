"""Access and state in memory, with what the guard asks of them."""

from datetime import UTC, datetime, timedelta

from pypicloud_like.access.policy import owns
from pypicloud_like.core.model import Account, Caller, Token

HOME = "10.0.0.1"
ANN = Caller(Account("ann", groups=frozenset({"devs"})), via="password")


class Clock:
    def __init__(self):
        self.now = datetime(2026, 5, 4, 12, tzinfo=UTC)

    def __call__(self):
        return self.now

    def pass_by(self, seconds):
        self.now += timedelta(seconds=seconds)


class FakeAccess:
    """Users with plain passwords. ``asked`` counts verifications, ``meanwhile`` runs during each."""

    name = "fake"

    def __init__(self):
        self.users = {}
        self.explicit = {}
        self.generation = 1
        self.asked = 0
        self.meanwhile = lambda: None

    def add(self, name, password, *groups, admin=False, pending=False):
        self.users[name] = (password, Account(name, admin, frozenset(groups), pending))
        self.generation += 1

    def remove(self, name):
        del self.users[name]
        self.generation += 1

    def grant(self, project, grants):
        self.explicit = {**self.explicit, project: grants}
        self.generation += 1

    def moved(self):
        return self.generation

    def identify(self, username, password):
        self.asked += 1
        known, account = self.users.get(username, (None, None))
        self.meanwhile()
        return account if known == password else None

    def account(self, username):
        return self.users.get(username, (None, None))[1]

    def grants(self):
        return self.explicit


class FakeState:
    """Tokens and sessions by secret, owners, and failures; ``moved`` moves as the port says."""

    def __init__(self, clock):
        self.clock = clock
        self.generation = 1
        self.secrets = {}
        self.sessions = {}
        self.owners = {}
        self.failures = {}
        self.asked = 0
        self.audited = []

    def moved(self):
        return self.generation

    def audit(self, action, subject, *, actor, **detail):
        self.audited.append((action, subject))

    def give_token(self, secret, owner, scope, *, expires_at=None):
        self.secrets[secret] = Token("id of token", owner, "label", scope, self.clock(), expires_at)
        self.generation += 1

    def token(self, secret):
        token = self.secrets.get(secret)
        if token is None or (token.expires_at and token.expires_at <= self.clock()):
            return None
        return token

    def session(self, secret):
        return self.sessions.get(secret)

    def owned(self, username):
        return frozenset(self.owners.get(username, ()))

    def owns(self, username, project):
        return owns(project, self.owned(username))

    def own(self, username, *projects):
        self.owners[username] = projects
        self.generation += 1

    def _wait(self, bucket, limit, window):
        recent = [at for at in self.failures.get(bucket, []) if self.clock() - at < timedelta(seconds=window)]
        if len(recent) < limit:
            return 0
        return int((recent[-limit] + timedelta(seconds=window) - self.clock()).total_seconds())

    def count_failure(self, bucket, *, limit, window):
        wait = self._wait(bucket, limit, window)
        if not wait:
            self.failures.setdefault(bucket, []).append(self.clock())
            if self._wait(bucket, limit, window):
                self.generation += 1
        return wait

    def blocked(self, bucket, *, limit, window):
        self.asked += 1
        return self._wait(bucket, limit, window)


def log_in(guard, password="right", user="ann", address=HOME):
    return guard.caller_from_password(user, password, address=address)
