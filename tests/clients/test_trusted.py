"""Real clients in what looks to them like a job of GitHub Actions publish without any secret of their own."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.clients.crates import cargo_of
from tests.clients.demo import Demo
from tests.clients.site import Site, started, twine_upload
from tests.support.cargo import write_crate
from tests.support.clients import Client, client
from tests.support.deno import Deno, write_package
from tests.support.issuer import AUDIENCE, REPOSITORY, Issuer
from tests.support.tls import Tls


@pytest.fixture(scope="module")
def issuer() -> Iterator[Issuer]:
    with Issuer() as issuer:
        yield issuer


@pytest.fixture(scope="module")
def site(issuer, tmp_path_factory) -> Iterator[Site]:
    """A server that trusts the issuer; carl may create."""
    folder = tmp_path_factory.mktemp("trusting")
    options = {key.replace(".", "__"): value for key, value in issuer.ini.items()}
    for site in started(
        folder, pypi__default_read="everyone", pypi__allow_create_groups="authenticated", **options
    ):
        site.server.add_user("carl", "a long enough password")
        yield site


@pytest.fixture(scope="module")
def tls(site, tmp_path_factory) -> Iterator[Tls]:
    """The server as clients see it that ask over https."""
    with Tls(tmp_path_factory.mktemp("tls"), site.server.port) as tls:
        yield tls


def trust(site: Site, project: str, **claims: str) -> None:
    """Jobs of the repository may publish this for carl."""
    said = {"repository": REPOSITORY, **claims}
    flags = [flag for name, value in said.items() for flag in ("--claim", f"{name}={value}")]
    site.server.run("publisher", "add", project, "--user", "carl", "--issuer", "ci", *flags)


def environ(issuer: Issuer, tls: Tls) -> dict[str, str]:
    """A job's environment, in which the certificate is trusted."""
    certificates = dict.fromkeys(("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"), str(tls.ca_file))
    return issuer.environ | certificates


def uv_publish(tls: Tls, *files) -> list[str]:
    return [
        "uv",
        "publish",
        "--trusted-publishing",
        "always",
        "--publish-url",
        f"{tls.url}/legacy/",
        *map(str, files),
    ]


def test_uv(site, tls, issuer, builder, uv, tmp_path):
    demo = Demo("trusted-uv")
    trust(site, demo.name, job_workflow_ref=f"{REPOSITORY}/.github/workflows/release.yml@*")
    said = uv.ok(*uv_publish(tls, *demo.build(builder, tmp_path)), environ=environ(issuer, tls))
    assert site.filenames(demo.name) == {demo.wheel, demo.sdist}
    assert "pcl_" not in said.replace("::add-mask::pcl_", "")
    listed = site.server.run("publisher", "list", demo.name)
    assert "used=never" not in listed


def test_uv_shows_why_it_was_refused(site, tls, issuer, builder, uv, tmp_path, monkeypatch):
    demo = Demo("trusted-uv-refused")
    trust(site, demo.name, repository="acme/other", ref="refs/tags/*")
    monkeypatch.setitem(issuer.claims, "repository", "acme/other")
    files = demo.build(builder, tmp_path, kinds=["wheel"])
    said = uv.fails(*uv_publish(tls, *files), environ=environ(issuer, tls))
    assert "invalid-publisher" in said
    assert site.server.request(f"/simple/{demo.name}/").status == 404


def detected(program: Client, issuer: Issuer, audience: str) -> str:
    """The identity token that the library of twine and of the signing tools finds."""
    code = f"import id; print(id.detect_credential({audience!r}))"
    return program.ok("python", "-c", code, environ=issuer.environ).strip()


@pytest.fixture(scope="module")
def library(tmp_path_factory) -> Client:
    return client("id", tmp_path_factory.mktemp("library"))


def test_twine_with_what_its_library_finds(site, issuer, builder, library, tmp_path):
    demo = Demo("trusted-twine")
    trust(site, demo.name)
    assert site.server.request("/_/oidc/audience").json == {"audience": AUDIENCE}
    body = json.dumps({"token": detected(library, issuer, AUDIENCE)}).encode()
    minted = site.server.request("/_/oidc/mint-token", method="POST", body=body)
    assert minted.status == 200, minted.text
    assert 14 * 60 < minted.json["expires"] - time.time() <= 15 * 60
    builder.ok(*twine_upload(site, *demo.build(builder, tmp_path), password=minted.json["token"]))
    assert site.filenames(demo.name) == {demo.wheel, demo.sdist}
    other = Demo("trusted-twine-other").build(builder, tmp_path / "other", kinds=["wheel"])
    assert "403" in builder.fails(*twine_upload(site, *other, password=minted.json["token"]))


def test_cargo(site, issuer, library, tmp_path):
    for name in ("trusted-base", "trusted-top"):
        trust(site, f"cargo:{name}")
    folder = tmp_path / "ws"
    folder.mkdir()
    (folder / "Cargo.toml").write_text(
        '[workspace]\nresolver = "2"\nmembers = ["trusted-base", "trusted-top"]\n'
    )
    write_crate(folder, "trusted-base")
    needs = (
        '[dependencies]\ntrusted-base = { version = "0.1", path = "../trusted-base", registry = "acme" }\n'
    )
    write_crate(folder, "trusted-top", rest=needs)
    path = "/api/v1/trusted_publishing/tokens"
    body = json.dumps({"jwt": detected(library, issuer, AUDIENCE)}).encode()
    headers = {"Content-Type": "application/json"}
    got = site.server.request(path, method="POST", body=body, headers=headers)
    assert got.status == 200, got.text
    cargo = cargo_of(site, tmp_path / "home", token=got.json["token"])
    said = cargo.ok("publish", "--workspace", "--registry", "acme", "--allow-dirty", cwd=folder)
    assert "Published trusted-top" in said
    bearer = {"Authorization": f"Bearer {got.json['token']}"}
    assert site.server.request(path, method="DELETE", headers=bearer).status == 204
    refused = cargo.fails("yank", "trusted-base@0.1.0", "--registry", "acme")
    assert "401" in refused or "token" in refused


def test_deno(site, issuer, tmp_path):
    trust(site, "jsr:@carl/trusted")
    source = write_package(tmp_path / "source", "@carl/trusted")
    deno = Deno(tmp_path / "home", f"{site.server.url}/", issuer.environ)
    said = deno.ok("publish", "--no-provenance", "--allow-dirty", cwd=source)
    assert "Successfully published @carl/trusted@1.0.0" in said
    again = write_package(tmp_path / "other", "@carl/untrusted")
    assert "invalidOidcToken" in deno.fails("publish", "--no-provenance", "--allow-dirty", cwd=again)
