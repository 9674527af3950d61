"""The published references of the systems this index follows: every method and path they list."""

PYPICLOUD = """
GET /simple/
POST /simple/
GET /simple/{package}/
GET /api/package/
GET /api/package/{package}/
POST /api/package/{package}/{filename}
DELETE /api/package/{package}/{filename}
POST /api/fetch
PUT /api/user/{username}/
POST /api/user/password
GET /admin/rebuild/
GET /admin/acl.json.gz
POST /admin/register/
GET /admin/pending_users/
GET /admin/user/
GET /admin/user/{username}/
GET /admin/user/{username}/permissions/
DELETE /admin/user/{username}/
POST /admin/user/{username}/approve/
POST /admin/user/{username}/admin/
PUT /admin/user/{username}/group/{group}/
DELETE /admin/user/{username}/group/{group}/
GET /admin/group/
GET /admin/group/{group}/
PUT /admin/group/{group}/
DELETE /admin/group/{group}/
GET /admin/package/{package}/
PUT /admin/package/{package}/user/{name}/read/
PUT /admin/package/{package}/user/{name}/write/
PUT /admin/package/{package}/group/{name}/read/
PUT /admin/package/{package}/group/{name}/write/
DELETE /admin/package/{package}/user/{name}/read/
DELETE /admin/package/{package}/user/{name}/write/
DELETE /admin/package/{package}/group/{name}/read/
DELETE /admin/package/{package}/group/{name}/write/
"""

PYPI_JSON = """
GET /pypi/{project}/json
GET /pypi/{project}/{version}/json
GET /pypi/{project}/latest/json
GET /pypi/{project}/latest-stable/json
GET /pypi/{project}/latest-unstable/json
GET /_/oidc/audience
POST /_/oidc/mint-token
POST /_/oidc/github/mint-token
POST /_/oidc/burn-token
"""

CARGO = """
GET /cargo/index/config.json
GET /cargo/index/1/{crate_id}
GET /cargo/index/fl/yw/{crate_id}
GET /api/v1/crates
PUT /api/v1/crates/new
GET /api/v1/crates/{crate_id}
GET /api/v1/crates/{crate_id}/{version}
GET /api/v1/crates/{crate_id}/{version}/download
GET /api/v1/crates/{crate_id}/{version}/dependencies
GET /api/v1/crates/{crate_id}/{version}/downloads
GET /api/v1/crates/{crate_id}/{version}/authors
DELETE /api/v1/crates/{crate_id}/{version}/yank
PUT /api/v1/crates/{crate_id}/{version}/unyank
GET /api/v1/crates/{crate_id}/owners
PUT /api/v1/crates/{crate_id}/owners
DELETE /api/v1/crates/{crate_id}/owners
GET /api/v1/crates/{crate_id}/downloads
GET /api/v1/crates/{crate_id}/versions
PUT /api/v1/crates/{crate_id}/follow
DELETE /api/v1/crates/{crate_id}/follow
GET /api/v1/crates/{crate_id}/following
GET /api/v1/crates/{crate_id}/reverse_dependencies
GET /api/v1/versions
GET /api/v1/versions/{version_id}
GET /api/v1/keywords
GET /api/v1/keywords/{keyword_id}
GET /api/v1/categories
GET /api/v1/categories/{category_id}
GET /api/v1/category_slugs
GET /api/v1/users/{user_id}
POST /api/v1/trusted_publishing/tokens
DELETE /api/v1/trusted_publishing/tokens
"""

JSR = """
POST /api/scopes
GET /api/scopes/{scope}
PATCH /api/scopes/{scope}
DELETE /api/scopes/{scope}
GET /api/scopes/{scope}/members
POST /api/scopes/{scope}/members
PATCH /api/scopes/{scope}/members/{uuid}
DELETE /api/scopes/{scope}/members/{uuid}
GET /api/scopes/{scope}/invites
DELETE /api/scopes/{scope}/invites/{uuid}
GET /api/packages
GET /api/scopes/{scope}/packages
POST /api/scopes/{scope}/packages
GET /api/scopes/{scope}/packages/{package}
PATCH /api/scopes/{scope}/packages/{package}
DELETE /api/scopes/{scope}/packages/{package}
GET /api/scopes/{scope}/packages/{package}/dependents
GET /api/scopes/{scope}/packages/{package}/versions
GET /api/scopes/{scope}/packages/{package}/versions/{version}
POST /api/scopes/{scope}/packages/{package}/versions/{version}
PATCH /api/scopes/{scope}/packages/{package}/versions/{version}
GET /api/scopes/{scope}/packages/{package}/versions/{version}/dependencies
GET /api/user
GET /api/user/scopes
GET /api/user/member/{scope}
GET /api/user/invites
POST /api/user/invites/{scope}
DELETE /api/user/invites/{scope}
GET /api/users/{uuid}
GET /api/users/{uuid}/scopes
POST /api/authorizations
GET /api/authorizations/details/{code}
POST /api/authorizations/approve/{code}
POST /api/authorizations/deny/{code}
POST /api/authorizations/exchange
GET /api/publishing_tasks/{uuid}
GET /api/stats
GET /api/publish_status/{uuid}
"""

CATALOGUE = """
GET /api/v4/
GET /api/v4/categories/
GET /api/v4/categories/{number}/
GET /api/v4/grids/
GET /api/v4/grids/{slug}/
GET /api/v4/packages/
GET /api/v4/packages/{slug}/
GET /api/v4/search/
"""


NPM = """
GET /npm/
GET /npm/-/ping
GET /npm/-/whoami
GET /npm/@jsr/{scope}__{project}
"""


def listed(text: str) -> list[tuple[str, str]]:
    """(method, path) of each line."""
    return [(method, path) for method, path in (line.split() for line in text.split("\n") if line)]
