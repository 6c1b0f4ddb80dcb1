"""The wheel puts the whole of both addons where Odoo 19 finds them."""

import os
import shutil
import subprocess
import sys
import zipfile

import pytest
from conftest import ADDONS, ROOT


def _addon_files():
    return {
        f"odoo/addons/{path.relative_to(ROOT).as_posix()}"
        for addon in ADDONS
        for path in (ROOT / addon).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def _check(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built from a copy of the sources with the tools of this environment."""
    source, target = tmp_path_factory.mktemp("source"), tmp_path_factory.mktemp("wheel")
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    for addon in ADDONS:
        shutil.copytree(ROOT / addon, source / addon, ignore=shutil.ignore_patterns("__pycache__"))
    _check(
        sys.executable, "-m", "pip", "wheel", source, "--wheel-dir", target,
        "--no-deps", "--no-index", "--no-build-isolation",
    )  # fmt: skip
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def empty_environment(wheel, tmp_path_factory):
    """The folder of packages of a new environment that has nothing but the wheel."""
    home = tmp_path_factory.mktemp("environment")
    _check(sys.executable, "-m", "venv", "--without-pip", home)
    python = home / "bin" / "python"
    _check(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", wheel)
    return home


def test_wheel_has_every_file_of_the_addons_and_no_other(wheel):
    names = {name for name in zipfile.ZipFile(wheel).namelist() if ".dist-info/" not in name}
    assert names == _addon_files()


@pytest.mark.parametrize("addon", ADDONS)
def test_empty_environment_has_the_addon_in_odoos_namespace(empty_environment, addon):
    code = f"import importlib.util as u; print(u.find_spec('odoo.addons.{addon}').origin)"
    found = _check(empty_environment / "bin" / "python", "-c", code, cwd="/").strip()
    assert found.startswith(str(empty_environment))
    assert found.endswith(f"/site-packages/odoo/addons/{addon}/__init__.py")


def test_odoo_takes_the_addons_from_there(empty_environment):
    """With the installed package on its path and no addons path, Odoo itself reads the manifests."""
    (packages,) = empty_environment.glob("lib/python3*/site-packages")
    code = (
        f"import sys; sys.path.insert(0, {str(packages)!r})\n"
        "import odoo.tools\nodoo.tools.config.parse_config([], setup_logging=False)\n"
        f"from odoo.modules import Manifest\nprint(*(Manifest.for_addon(name).path for name in {ADDONS}), sep='\\n')"
    )
    found = _check(sys.executable, "-c", code, cwd="/", env=_plain_environment()).split()
    assert found == [str(packages / "odoo/addons" / name) for name in ADDONS]


def _plain_environment():
    """This process's environment without a configuration of Odoo."""
    return {name: value for name, value in os.environ.items() if not name.startswith("ODOO_")}
