"""Installing, upgrading and uninstalling the addon as Odoo does it, each in a process of its own."""

import time

from odoo.modules.registry import Registry

from .databases import environment

NAME = "key_account_care"


def prepare(database):
    """Make the database one that knows the addon, and loads no demo data for what is installed from now on."""
    with environment(database) as env:
        env["ir.module.module"].update_list()
        env.cr.execute("UPDATE ir_module_module SET demo = FALSE")


def install(database):
    """Install the addon; return the seconds."""
    return _timed(lambda: Registry.new(database, update_module=True, install_modules=[NAME]))


def upgrade(database):
    """Upgrade the addon to the version that it has; return the seconds."""
    return _timed(lambda: Registry.new(database, update_module=True, upgrade_modules=[NAME]))


def uninstall(database):
    """Uninstall the addon; return the seconds."""
    with environment(database) as env:
        module = env["ir.module.module"].search([("name", "=", NAME)])
        return _timed(module.button_immediate_uninstall)


def _timed(function):
    start = time.perf_counter()
    function()
    return time.perf_counter() - start
