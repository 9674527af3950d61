"""Small projects written to a folder and built by real build backends."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.clients import Client

BACKENDS = {
    "flit": ("flit_core>=3.4", "flit_core.buildapi"),
    "hatchling": ("hatchling", "hatchling.build"),
    "poetry": ("poetry-core>=2", "poetry.core.masonry.api"),
    "setuptools": ("setuptools>=68", "setuptools.build_meta"),
}


@dataclass(frozen=True)
class Demo:
    """What a demo project says of itself."""

    name: str
    version: str = "1.0"
    backend: str = "flit"
    dependencies: Sequence[str] = ()
    requires_python: str = ">=3.8"
    extra: str = ""
    """More lines of pyproject.toml."""
    content: str = field(default="")
    """More lines of its module: other bytes of the same version."""

    @property
    def module(self) -> str:
        return self.name.replace("-", "_")

    @property
    def wheel(self) -> str:
        return f"{self.module}-{self.version}-py3-none-any.whl"

    @property
    def sdist(self) -> str:
        return f"{self.module}-{self.version}.tar.gz"

    def write(self, folder: Path) -> Path:
        """The source tree in ``folder``, which is given back."""
        requirement, backend = BACKENDS[self.backend]
        package = folder / self.module
        package.mkdir(parents=True)
        (package / "__init__.py").write_text(
            f'"""Says who it is."""\n__version__ = {self.version!r}\n{self.content}'
        )
        (folder / "README.md").write_text(f"# {self.name}\n\nA demonstration.\n")
        (folder / "pyproject.toml").write_text(
            f"""
[build-system]
requires = [{json.dumps(requirement)}]
build-backend = "{backend}"

[project]
name = "{self.name}"
version = "{self.version}"
description = "A demonstration"
readme = "README.md"
requires-python = "{self.requires_python}"
dependencies = {json.dumps(list(self.dependencies))}
authors = [{{name = "Ann Author", email = "ann@example.org"}}]
{self.extra}
"""
        )
        return folder

    def build(
        self, builder: Client, folder: Path, *, kinds: Sequence[str] = ("wheel", "sdist")
    ) -> list[Path]:
        """Build in ``folder`` without network; the files made, the wheel first.

        :param builder: an environment with ``build`` and the backends
        """
        source = self.write(folder / f"{self.module}-{self.version}")
        flags = [f"--{kind}" for kind in kinds]
        builder.ok(
            "python", "-m", "build", "--no-isolation", *flags, "--outdir", str(folder / "dist"), str(source)
        )
        names = {"wheel": self.wheel, "sdist": self.sdist}
        return [folder / "dist" / names[kind] for kind in kinds]
