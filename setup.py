"""The Python package of the addon: installed, Odoo 19 finds it as odoo.addons.key_account_care."""

import ast
from pathlib import Path

from setuptools import find_packages, setup

HERE = Path(__file__).resolve().parent
ADDON = "key_account_care"
PACKAGE = f"odoo.addons.{ADDON}"
MANIFEST = ast.literal_eval((HERE / ADDON / "__manifest__.py").read_text())

# Views, data, translations, migrations, static files: Odoo reads them all from the addon's folder.
FILES = [
    str(path.relative_to(HERE / ADDON))
    for path in sorted((HERE / ADDON).rglob("*"))
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
    packages=[PACKAGE, *(f"{PACKAGE}.{name}" for name in find_packages(ADDON))],
    package_dir={PACKAGE: ADDON},
    package_data={PACKAGE: FILES},
    zip_safe=False,
)
