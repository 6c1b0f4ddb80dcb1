"""For the tests that stand outside the addon."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from launcher import layout, python_env

ROOT = Path(__file__).resolve().parent.parent
ADDONS = ("key_account_care", "key_account_care_website_sale")


def pytest_collection_modifyitems(items):
    """The lint first: it is quick, as long as no earlier test has left a helper process, for whose end Odoo waits 10 s."""
    items.sort(key=lambda item: item.path.name != "test_lint.py")


@pytest.fixture
def env():
    """Odoo's environment as superuser, on a cursor that is rolled back: for tests that are plain functions."""
    from odoo.api import SUPERUSER_ID, Environment
    from odoo.modules.registry import Registry
    from odoo.tests.common import get_db_name

    with Registry(get_db_name()).cursor() as cursor:
        yield Environment(cursor, SUPERUSER_ID, {})
        cursor.rollback()


@pytest.fixture(scope="session")
def project_files():
    """The files of the project: those that git knows, or, without git, those that are not made by a run."""
    git = shutil.which("git")
    command = [git, "-C", ROOT, "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = git and subprocess.run(command, capture_output=True, text=True)
    if listed and listed.returncode == 0:
        names = filter(None, listed.stdout.split("\0"))
        return [ROOT / name for name in names if (ROOT / name).is_file()]
    made = {".git", ".run", "__pycache__", ".ruff_cache", "build", "dist"}
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = set(folders) - made
        found += [Path(folder, name) for name in files]
    return found


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """The launcher with a repository of its own."""
    for name in ("RUN", "LOGS", "LOCKS", "VENV", "PYTHON", "DATA", "ADDON"):
        monkeypatch.setattr(layout, name, tmp_path / getattr(layout, name).relative_to(ROOT))
    monkeypatch.setattr(layout, "ROOT", tmp_path)
    monkeypatch.setattr(python_env, "FETCHED", tmp_path / ".run/python")
    return tmp_path


@pytest.fixture
def no_server(monkeypatch):
    """An environment that names no PostgreSQL server: the run of these tests names one."""
    for name in list(os.environ):
        if name.startswith("PG"):
            monkeypatch.delenv(name)
