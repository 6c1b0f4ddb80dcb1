"""The Python package of the addons: installed, Odoo 19 finds them as odoo.addons.key_account_care and the like."""

import ast
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
ADDON = "key_account_care"
ADDONS = sorted(path.parent.name for path in HERE.glob(f"{ADDON}*/__manifest__.py"))  # it and what joins it to other addons
MANIFEST = ast.literal_eval((HERE / ADDON / "__manifest__.py").read_text())


def packages(addon):
    """The packages of an addon, where Odoo looks for it."""
    return [f"odoo.addons.{name}" for name in (addon, *(f"{addon}.{part}" for part in find_packages(addon)))]


def files(addon):
    """Views, data, translations, migrations, static files: Odoo reads them all from the addon's folder."""
    return [
        str(path.relative_to(HERE / addon))
        for path in sorted((HERE / addon).rglob("*"))
        if path.is_file() and "__pycache__" not in path.parts
    ]


setup(
    name=f"odoo-addon-{ADDON}",
    version=MANIFEST["version"],
    description=MANIFEST["summary"],
    long_description=(HERE / "README.md").read_text(),
    long_description_content_type="text/markdown",
    author=MANIFEST["author"],
    license="LGPL-3.0-only",
    license_files=["LICENSE"],
    python_requires=">=3.10",
    # `odoo` and `odoo.addons` are namespaces that Odoo itself fills; Odoo is on no index, so it is not required here.
    packages=[package for addon in ADDONS for package in packages(addon)],
    package_dir={f"odoo.addons.{addon}": addon for addon in ADDONS},
    package_data={f"odoo.addons.{addon}": files(addon) for addon in ADDONS},
    zip_safe=False,
)
