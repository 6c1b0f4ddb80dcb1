from odoo import api, models
from odoo.tools import SQL

from .key_account_figures import MANY


class KeyAccountDerivedMixin(models.AbstractModel):
    """Rows that nobody types: the nightly run computes them all and writes only those that differ."""
    _name = 'key.account.derived.mixin'
    _description = "Rows Computed at Night"
    _log_access = False

    @api.model
    def _store_rows(self, rows, columns, key, scope):
        """Make the stored rows those of a SELECT: new ones in, changed ones updated, vanished ones out.

        :param SQL rows: a SELECT of just these columns, with the digits that are stored
        :param tuple columns: names of all columns of a row
        :param tuple key: names of those that identify it; there is a unique constraint on them
        :param SQL scope: condition on ``old`` that tells which stored rows the SELECT is about
        """
        table = SQL.identifier(self._table)
        names, keys = (SQL(", ").join(map(SQL.identifier, some)) for some in (columns, key))
        before, after = (
            SQL(", ").join(SQL.identifier(alias, name) for name in columns if name not in key) for alias in ('old', 'excluded'))
        same = SQL(" AND ").join(
            SQL("%s = %s", SQL.identifier('excluded', name), SQL.identifier('old', name)) for name in key)
        self.env.cr.execute(SQL("CREATE TEMPORARY TABLE key_account_derived ON COMMIT DROP AS %s", rows))
        # most rows are as they were: left out before they are compared one by one. Sorted, so that all are looked up before
        # the first is written.
        self.env.cr.execute(SQL(
            """
            INSERT INTO %(table)s AS old (%(names)s)
            SELECT %(names)s FROM key_account_derived excluded
             WHERE NOT EXISTS (SELECT FROM %(table)s old WHERE %(same)s AND (%(before)s) IS NOT DISTINCT FROM (%(after)s))
          ORDER BY %(keys)s
            ON CONFLICT (%(keys)s) DO UPDATE SET (%(updated)s) = ROW(%(after)s)
             WHERE (%(before)s) IS DISTINCT FROM (%(after)s)
            """,
            table=table, names=names, keys=keys, before=before, after=after, same=same,
            updated=SQL(", ").join(SQL.identifier(name) for name in columns if name not in key)))
        many = self.env.cr.rowcount >= MANY
        self.env.cr.execute(SQL(
            "DELETE FROM %s old WHERE %s AND NOT EXISTS (SELECT FROM key_account_derived excluded WHERE %s)", table, scope, same))
        self.env.cr.execute("DROP TABLE key_account_derived")
        if many:
            self.env.cr.execute(SQL("ANALYZE %s", table))  # autovacuum comes too late for the next steps
