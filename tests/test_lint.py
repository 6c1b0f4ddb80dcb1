"""The lint: ruff, pylint-odoo, and what Odoo's own test_lint asks of an addon."""

import os
import subprocess
import sys
from pathlib import Path
from unittest.mock import patch

import odoo.addons.test_lint.tests as odoo_lint
import pytest
from conftest import ADDONS, ROOT
from odoo.addons.test_lint.tests import (
    test_dunderinit,
    test_i18n,
    test_index,
    test_jstranslate,
    test_manifests,
    test_naming,
    test_onchange_domains,
    test_orm_import,
    test_override_signatures,
    test_pofile,
    test_routes,
    test_test_holes,
)
from odoo.modules import Manifest
from odoo.tests import tagged

# Odoo's own checkers, named as its test names them; that test reads the whole of Odoo.
CHECKERS = (
    "used-before-assignment,undefined-variable,eval-used,unreachable,function-redefined,sql-injection,"
    "gettext-variable,gettext-placeholders,gettext-repr,missing-gettext,raise-unlink-override"
)


@pytest.fixture(autouse=True)
def only_our_addons():
    """Narrow Odoo's linters to these addons."""
    with patch.object(Manifest, "all_addon_manifests", lambda: list(map(Manifest.for_addon, ADDONS))):
        yield


def _check(*command, **options):
    command = [sys.executable, "-m", *command]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, **options)
    assert done.returncode == 0, done.stdout + done.stderr


def test_ruff():
    _check("ruff", "check", "--no-cache", ".")


def test_pylint_odoo():
    plugin = ("--rcfile=pyproject.toml", "--load-plugins=pylint_odoo", "--score=no")
    # The README is that of the repository; a long model is split into files by subject.
    but = "--disable=missing-readme,consider-merging-classes-inherited"
    _check("pylint", *plugin, "--disable=all", "--enable=odoolint", but, *ADDONS)


def test_checkers_of_odoo():
    folder = Path(odoo_lint.__file__).parent
    plugins = "_pylint_path_setup,_odoo_checker_sql_injection,_odoo_checker_gettext,_odoo_checker_unlink_override"
    _check(
        "pylint", f"--rcfile={os.devnull}", "--disable=all", f"--enable={CHECKERS}", f"--load-plugins={plugins}",
        "--disable=unknown-option-value", "--score=no", *ADDONS,
        env={**os.environ, "PYTHONPATH": str(folder), "ADDONS_PATH": str(ROOT)},
    )  # fmt: skip


def _ours(linter):
    """Odoo's linter as a test case of this file."""
    return tagged("post_install", "-at_install")(type(linter.__name__, (linter,), {"__module__": __name__}))


DunderInit = _ours(test_dunderinit.TestDunderinit)
I18n = _ours(test_i18n.TestI18n)
Index = _ours(test_index.TestIndex)
JsTranslations = _ours(test_jstranslate.TestJsTranslations)
Manifests = _ours(test_manifests.ManifestLinter)
Naming = _ours(test_naming.TestNaming)
OnchangeDomains = _ours(test_onchange_domains.TestOnchangeDomains)
OrmImport = _ours(test_orm_import.TestDunderinit)
OverrideSignatures = _ours(test_override_signatures.TestLintOverrideSignatures)
Pot = _ours(test_pofile.PotLinter)
Routes = _ours(test_routes.RoutesLinter)
TestHoles = _ours(test_test_holes.TestTestHoles)
