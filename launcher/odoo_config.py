"""Odoo's configuration file, and the jobs that need Odoo itself."""

from . import console, layout, postgres


def write(source):
    """Write `.run/odoo.conf` for this Odoo and the addon of this repository."""
    options = {
        "addons_path": ",".join(map(str, [*source.addons_path, layout.ROOT])),
        "data_dir": layout.DATA,
        "http_interface": "127.0.0.1",
        "list_db": False,
        "limit_memory_hard": 0,  # a browser beside Odoo reserves more address space than the limit allows
        "limit_time_real": 1200,
    }
    text = "[options]\n" + "".join(f"{name} = {value}\n" for name, value in options.items())
    part = layout.ODOO_CONF.with_suffix(".part")
    part.write_text(text)
    part.rename(layout.ODOO_CONF)


def job(name, database, *arguments):
    """Run a job of odoo_jobs.py on a database."""
    command = [layout.PYTHON, "-m", "launcher.odoo_jobs", layout.ODOO_CONF, name, database, *arguments]
    console.run(command, f"odoo-{name}", cwd=layout.ROOT, env=postgres.environment())
