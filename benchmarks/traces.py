"""What an addon has left in a database: everything that names it, and every row that was not there before."""

from odoo.tools import SQL

from .databases import cursor

NAME = "key[._]account"
# Odoo's list of the modules that are there to install, and what it notes while it runs
NOT_OURS = ("ir_module_module", "ir_module_module_dependency", "ir_cron_trigger", "ir_logging", "bus_bus")


def find(database, count_rows=False):
    """What there is, to be compared with what there was.

    :param bool count_rows: whether rows without our name count as well
    :return: set of texts: the columns, indexes and constraints of all tables, and for every table how many of its rows
        have our name in any column
    """
    with cursor(database) as cr:
        tables = [table for table in _rows(cr, "SELECT tablename FROM pg_tables WHERE schemaname = current_schema")
                  if table not in NOT_OURS and not table.startswith("orm_signaling_")]
        return {*_find_schema(cr), *(found for table in tables for found in _count(cr, table, count_rows))}


def _find_schema(cr):
    return _rows(cr, """
        SELECT 'column ' || table_name || '.' || column_name FROM information_schema.columns
         WHERE table_schema = current_schema
         UNION SELECT 'index ' || indexname FROM pg_indexes WHERE schemaname = current_schema
         UNION SELECT 'constraint ' || conrelid::regclass || '.' || conname FROM pg_constraint
         UNION SELECT 'sequence ' || sequencename FROM pg_sequences WHERE schemaname = current_schema""")


def _count(cr, table, count_rows):
    cr.execute(SQL(
        "SELECT COUNT(*), COUNT(*) FILTER (WHERE content::text ~ %s) FROM %s content", NAME, SQL.identifier(table)))
    rows, naming = cr.fetchone()
    named = [f"{naming} rows with our name in {table}"]
    return [*named, f"{rows} rows in {table}"] if count_rows else named


def _rows(cr, statement):
    cr.execute(statement)
    return [row for (row,) in cr.fetchall()]
