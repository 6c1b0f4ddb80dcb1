from odoo import api, models
from odoo.tools import SQL


class KeyAccountComputedMixin(models.AbstractModel):
    """Columns that nobody types: a nightly step computes them for all records and writes only those that differ."""
    _name = 'key.account.computed.mixin'
    _description = "Columns Computed at Night"

    @api.model
    def _store_columns(self, rows, columns):
        """Write what a SELECT finds into the records where it differs.

        :param SQL rows: a SELECT of ``id`` and these columns, with the digits that are stored
        :param tuple columns: their names
        """
        table = SQL.identifier(self._table)
        names, before, after = (
            SQL(", ").join(SQL.identifier(*alias, name) for name in columns) for alias in ((), ('old',), ('new',)))
        # a table of its own: PostgreSQL computes it in parallel where it can, which it never does for an UPDATE
        self.env.cr.execute(SQL(
            """
            CREATE TEMPORARY TABLE key_account_computed ON COMMIT DROP AS
            SELECT new.* FROM (%s) new JOIN %s old ON old.id = new.id WHERE (%s) IS DISTINCT FROM (%s)
            """, rows, table, before, after))
        self.env.cr.execute(SQL(
            "UPDATE %s old SET (%s) = ROW(%s) FROM key_account_computed new WHERE new.id = old.id", table, names, after))
        self.env.cr.execute("DROP TABLE key_account_computed")
