"""setup.cfg names every package by hand; the folders on disk must agree with it."""

import configparser
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def settings():
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    return parser


def listed(section, key):
    return [line.strip() for line in settings()[section][key].splitlines() if line.strip()]


def python_folders():
    return {module.parent for module in (ROOT / "pypicloud_like").rglob("*.py")}


def dotted(folder):
    return ".".join(folder.relative_to(ROOT).parts)


def test_the_package_list_is_what_is_on_disk():
    packages = listed("options", "packages")
    elsewhere = [line.split(" = ")[0] for line in listed("options", "package_dir")]
    on_disk = {dotted(folder) for folder in python_folders() if (folder / "__init__.py").exists()}
    assert set(packages) == on_disk | set(elsewhere)
    assert packages == sorted(packages)


def test_python_outside_packages_is_data_of_one():
    """Only migrations, which are loaded by path, may lie in a folder that is no package."""
    no_packages = [folder for folder in python_folders() if not (folder / "__init__.py").exists()]
    inside = ROOT / "pypicloud_like" / "db" / "migrations"
    assert all(inside in folder.parents for folder in no_packages)
    assert "**/*" in listed("options.package_data", dotted(inside))


def test_folders_outside_the_package_exist_and_hold_no_python():
    for line in listed("options", "package_dir"):
        folder = ROOT / line.split(" = ")[1]
        assert any(folder.iterdir()), f"{folder} is empty"
        assert not list(folder.rglob("*.py"))


def test_every_data_file_is_named_so_that_it_gets_into_the_wheel():
    """``**/*`` passes over files and folders that begin with a dot."""
    for line in listed("options", "package_dir"):
        folder = ROOT / line.split(" = ")[1]
        assert not [path for path in folder.rglob("*") if path.name.startswith(".")]


def test_entry_points_name_things_that_exist():
    import importlib

    for key, value in settings()["options.entry_points"].items():
        for line in value.strip().splitlines():
            module, _, attribute = line.split("=", 1)[1].strip().partition(":")
            assert hasattr(importlib.import_module(module), attribute), f"{key}: {line}"
