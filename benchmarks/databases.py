"""Fresh databases for the benchmarks, and environments in them; Odoo's work is done in processes of its own."""

import contextlib
import os
import shutil
import time
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import psycopg2
from odoo import sql_db
from odoo.api import SUPERUSER_ID, Environment
from odoo.modules.registry import Registry
from odoo.tools import SQL, config


def configure():
    """Read Odoo's configuration, which the variable ODOO_RC names; the PG* variables name the server."""
    config.parse_config(["--no-http", "--log-level=error", "--max-cron-threads=0"], setup_logging=True)


def in_process(function, *arguments):
    """Call a function in a process that does nothing else, and return what it returns."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=configure) as pool:
        return pool.submit(function, *arguments).result()


@contextlib.contextmanager
def environment(database):
    """The environment of the superuser; what was done is committed at the end."""
    with Registry(database).cursor() as cr:
        yield Environment(cr, SUPERUSER_ID, {})


def cursor(database):
    """A cursor on a database, without Odoo's registry."""
    return sql_db.db_connect(database).cursor()


@contextlib.contextmanager
def clone(template, database, keep=False):
    """A database like ``template``, with its filestore, until the block ends."""
    _drop(database)
    _statement("CREATE DATABASE %s TEMPLATE %s", database, template)
    if os.path.exists(config.filestore(template)):
        shutil.copytree(config.filestore(template), config.filestore(database), copy_function=os.link)
    try:
        yield database
    finally:
        if not keep:
            _drop(database)


def analyze(database):
    """Leave the database as autovacuum does sooner or later: the planner knows it, and reads need not clean up."""
    with contextlib.closing(psycopg2.connect(**_connection(database))) as connection:
        connection.autocommit = True
        connection.cursor().execute("VACUUM ANALYZE")


def _drop(database):
    _statement("DROP DATABASE IF EXISTS %s WITH (FORCE)", database)
    shutil.rmtree(config.filestore(database), ignore_errors=True)


def _statement(statement, *names, attempts=30):
    """Run a statement that cannot be part of a transaction; a template that is just in use is free again soon."""
    with contextlib.closing(psycopg2.connect(**_connection("postgres"))) as connection:
        connection.autocommit = True
        for attempt in range(attempts):
            try:
                connection.cursor().execute(SQL(statement, *map(SQL.identifier, names)).code)
                return
            except psycopg2.errors.ObjectInUse:
                if attempt == attempts - 1:
                    raise
                time.sleep(1)


def _connection(database):
    return sql_db.connection_info_for(database)[1]
