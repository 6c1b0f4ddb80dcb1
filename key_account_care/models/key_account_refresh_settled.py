from odoo import api, models
from odoo.tools import SQL

PARAMETER = 'key_account_care.settled'
# what no figure looks at, and what Odoo writes although nobody does anything
NOISE = r'^(bus_|ir_cron|ir_logging$|ir_profile$|ir_config_parameter$|mail_presence$|res_users_log$|res_device_log$)'
WRITES = SQL("COALESCE(SUM(n_tup_ins + n_tup_upd + n_tup_del), 0)::bigint")
SINCE_VERSION = 15_00_00  # of PostgreSQL: earlier ones tell some time later what was written


class KeyAccount(models.Model):
    """A run has nothing to do when all steps ran today and nothing was written since.

    PostgreSQL counts the rows that are written in each table. Those at the beginning of a run and those that its steps wrote
    make the number that is there as long as nobody writes anything, during the run or after it. After a crash, a reset of
    the statistics or an upgrade the number is another one, and the run does its work.
    """
    _inherit = 'key.account'

    @api.model
    def _is_settled(self, today):
        """:param date today: day of the run
        :return: whether all steps ran that day, and nothing was written since
        """
        # sudo: the note is read and written by the nightly run only
        return self.env['ir.config_parameter'].sudo().get_param(PARAMETER) == f'{today} {self._count_writes()}'

    @api.model
    def _note_settled(self, today, before, written):
        """Note what the number is as long as nobody writes anything.

        :param date today: day of the run
        :param int before: rows written before the run
        :param list written: rows written by each step; None for a step that failed
        """
        settled = None not in written and self._knows_writes()
        # sudo: see above
        self.env['ir.config_parameter'].sudo().set_param(
            PARAMETER, f'{today} {before + sum(written)}' if settled else "not yet")

    @api.model
    def _knows_writes(self):
        [(counted,)] = self.env.execute_query(SQL("SELECT current_setting('track_counts')::boolean"))
        return counted and self.env.cr.connection.server_version >= SINCE_VERSION

    @api.model
    def _count_writes(self):
        """:return: int, the rows written by all transactions that have ended"""
        return self._sum_writes(SQL("pg_stat_user_tables"))

    @api.model
    def _count_own_writes(self):
        """:return: int, the rows written by this transaction so far; others see them as soon as it ends"""
        if self._knows_writes():
            self.env.cr.execute("SELECT pg_stat_force_next_flush()")
        return self._sum_writes(SQL("pg_stat_xact_user_tables"))

    @api.model
    def _sum_writes(self, statistics):
        # temporary tables are in a schema of their own
        return self.env.execute_query(SQL(
            "SELECT %s FROM %s WHERE schemaname = current_schema AND relname !~ %s", WRITES, statistics, NOISE))[0][0]
