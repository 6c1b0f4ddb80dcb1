"""Many rows from one: copies of a real row in which some columns differ."""

from odoo.tools import SQL


class Copier:
    """Inserts copies of a record's row: what is not said to differ is what Odoo itself had stored there."""

    def __init__(self, cr):
        self.cr = cr

    def next_id(self, table):
        """The first id that is free in a table."""
        self.cr.execute(SQL("SELECT COALESCE(MAX(id), 0) + 1 FROM %s", SQL.identifier(table)))
        return self.cr.fetchone()[0]

    def copy(self, record, plan, **differing):
        """Insert a copy of the row of ``record`` for every row of the table ``plan``.

        :param record: the record to copy
        :param str plan: a table
        :param str differing: the columns that differ, as expressions over ``plan``; ``id`` is one of them
        """
        columns = self._columns(record._table)
        unknown = differing.keys() - columns
        if unknown:
            raise ValueError(f"{record._table} has no columns {sorted(unknown)}")
        self.cr.execute(SQL(
            """
            INSERT INTO %(table)s (%(columns)s)
                 SELECT %(values)s FROM %(plan)s plan, %(table)s model WHERE model.id = %(id)s ORDER BY 1
            """,
            table=SQL.identifier(record._table), columns=SQL(", ").join(map(SQL.identifier, columns)),
            values=SQL(", ").join(
                SQL(differing[column]) if column in differing else SQL.identifier("model", column) for column in columns),
            plan=SQL.identifier(plan), id=record.id,
        ))  # fmt: skip
        self._set_sequence(record._table)

    def _columns(self, table):
        self.cr.execute(SQL(
            "SELECT column_name FROM information_schema.columns WHERE table_schema = current_schema AND table_name = %s"
            " AND is_generated = 'NEVER' ORDER BY column_name <> 'id', ordinal_position", table,
        ))  # fmt: skip
        return [name for (name,) in self.cr.fetchall()]

    def _set_sequence(self, table):
        self.cr.execute(SQL(
            "SELECT setval(pg_get_serial_sequence(%s, 'id'), MAX(id)) FROM %s", table, SQL.identifier(table)))


def spread(number, multiplier):
    """A number from 0 to 1 for every whole number, as SQL: evenly spread, without a pattern that matters, always the same.

    :param str number: an expression
    :param int multiplier: an odd one of 32 bits; another one spreads differently
    """
    return SQL(f"((({number}) + 1)::bigint * {multiplier} %% 4294967296 / 4294967296.0)")
