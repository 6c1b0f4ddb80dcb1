"""Databases and their filestores: a template with everything the addon builds on, and quick clones of it."""

import ast
import hashlib
import json
import os
import shutil

from . import console, layout, locks, odoo_config, postgres

FORMAT = 2  # to be raised when templates are built in another way
NEIGHBOURS = ("sale_loyalty", "sale_stock", "website_sale")  # what the addon works with where it is installed


def depends():
    """The modules that the addon's manifest names."""
    return ast.literal_eval((layout.ADDON / "__manifest__.py").read_text())["depends"]


def name_of(part):
    """The name of a database of ours; on a server that others use too, every checkout has names of its own."""
    checkout = hashlib.sha256(str(layout.ROOT).encode()).hexdigest()[:6]
    return f"key_account_care_{checkout}_{part}" if postgres.is_users_own() else f"key_account_care_{part}"


def template_name(source, kind="template", more=()):
    """The name of the template: another one for everything that makes its content another."""
    content = json.dumps([FORMAT, str(source.path), source.version, sorted([*depends(), *more]), "demo"])
    return name_of(f"{kind}_{hashlib.sha256(content.encode()).hexdigest()[:12]}")


def names():
    """The names of the databases that are ours."""
    return postgres.psql(f"SELECT datname FROM pg_database WHERE starts_with(datname, '{name_of('')}') ORDER BY 1")


def filestore(name):
    """Where Odoo keeps the attachments of a database."""
    return layout.DATA / "filestore" / name


def create(name):
    """Create an empty database, sorted as Odoo wants it."""
    postgres.psql(f"CREATE DATABASE \"{name}\" ENCODING 'UTF8' LC_COLLATE 'C' TEMPLATE template0")


def drop(name):
    """Drop a database of ours, a template included, with its filestore."""
    if name in names():
        postgres.psql(f'ALTER DATABASE "{name}" IS_TEMPLATE false')
        postgres.psql(f'DROP DATABASE "{name}" WITH (FORCE)')
    shutil.rmtree(filestore(name), ignore_errors=True)


def rename(old, new):
    """Rename a database with its filestore."""
    if filestore(old).exists():
        filestore(old).rename(filestore(new))
    postgres.psql(f'ALTER DATABASE "{old}" RENAME TO "{new}"')


def clone(template, name):
    """Make a database like another one; attachments never change, so their files are shared by hard links."""
    drop(name)
    postgres.psql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    if filestore(template).exists():
        shutil.copytree(filestore(template), filestore(name), copy_function=os.link)


def ensure_template(source, kind="template", more=()):
    """The name of the template for this Odoo and this manifest, built if it is not there.

    One of another `kind` has `more` modules, and is a template beside it; others of the same kind are dropped.
    """
    name = template_name(source, kind, more)
    with locks.held("template"):
        present = [each for each in names() if each.startswith(name_of(f"{kind}_"))]
        if name not in present or not filestore(name).exists():
            part = name_of("part")
            drop(name)
            drop(part)
            create(part)
            with console.step("Odoo's database with its demo data", layout.DATA):
                odoo_config.job("template", part, *depends(), *more)
            rename(part, name)
            postgres.psql(f'ALTER DATABASE "{name}" IS_TEMPLATE true')
        for each in present:
            if each != name:
                drop(each)
    return name


def ensure_neighbours(source):
    """The name of the template that has the neighbours of the addon, too."""
    return ensure_template(source, "neighbours", NEIGHBOURS)
