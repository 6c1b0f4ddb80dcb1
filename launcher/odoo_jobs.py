"""Work on a database that needs Odoo itself; run in the virtual environment, by odoo_config.job."""

import logging
import sys

import odoo.tools
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry

# What a first visit needs, made before it: of the pages of login and portal, and of the web client. Odoo's own
# pregeneration makes those of its unit tests and of the dark mode too, which takes three times as long.
PAGES = ("web.assets_frontend_minimal", "web.assets_frontend", "web.assets_frontend_lazy")
WEB_CLIENT = ("web.assets_web", "web.assets_web_print")


def _make_assets(registry, bundles):
    with registry.cursor() as cursor:
        qweb = Environment(cursor, SUPERUSER_ID, {})["ir.qweb"]
        for bundle in bundles:
            qweb._get_asset_bundle(bundle, css=False, js=True).js()
            qweb._get_asset_bundle(bundle, css=True, js=False).css()


def template(database, *modules):
    """Install modules with their demo data in an empty database."""
    registry = Registry.new(database, update_module=True, install_modules=list(modules), new_db_demo=True)
    _make_assets(registry, PAGES)


def install(database, *modules):
    """Install modules in an initialized database; the web client's assets are made now, as modules add to them."""
    registry = Registry.new(database, update_module=True, install_modules=list(modules))
    _make_assets(registry, WEB_CLIENT)


def update(database, *modules):
    """Update modules after their code or data changed."""
    Registry.new(database, update_module=True, upgrade_modules=list(modules))


class Problems(logging.Handler):
    """Counts what Odoo logs as an error while it goes on, such as demo data that does not load."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.count = 0

    def emit(self, record):
        """Count a record."""
        self.count += 1


def main(config, job, database, *arguments):
    """Configure Odoo and run a job of this module by its name."""
    odoo.tools.config.parse_config(["--config", config, "--database", database, "--no-http"], setup_logging=True)
    problems = Problems()
    logging.getLogger().addHandler(problems)
    globals()[job](database, *arguments)
    return problems.count > 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
