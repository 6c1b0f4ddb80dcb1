"""Work on a database that needs Odoo itself; run in the virtual environment, by odoo_config.job."""

import logging
import sys

import odoo.tools
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry


def template(database, *modules):
    """Install modules with their demo data, and make the web client's assets, which every first visit needs."""
    registry = Registry.new(database, update_module=True, install_modules=list(modules), new_db_demo=True)
    with registry.cursor() as cursor:
        Environment(cursor, SUPERUSER_ID, {})["ir.qweb"]._pregenerate_assets_bundles()


def install(database, *modules):
    """Install modules in an initialized database."""
    Registry.new(database, update_module=True, install_modules=list(modules))


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
