from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccount(models.Model):
    """Which share of what its tier promises we keep at an account, for the portfolio and its trend."""
    _inherit = 'key.account'

    duty_kept = fields.Float(
        string="Duties Kept", readonly=True, aggregator='avg', help="Share of what the tier promises that we keep.")

    @api.model
    def _refresh_duties(self, company, today, accounts):
        """Count the duties that are kept; accounts whose tier promises nothing have no share.

        :param res.company company: company of the accounts
        :param date today: day on which they are kept or late
        :param key.account accounts: only these; empty for all of the company
        """
        scope, Duty = accounts._get_scope(company), self.env['key.account.duty']
        self._store_columns(SQL(
            """
            SELECT account.id, ROUND(AVG(duty.kept), 4)::float8 AS duty_kept
              FROM key_account account
         LEFT JOIN (%(duties)s) duty ON duty.account_id = account.id
             WHERE %(scope)s
          GROUP BY account.id
            """, scope=scope, duties=Duty._get_duties_sql(
                SQL("(SELECT account.* FROM key_account account WHERE %s AND account.active)", scope), today,
                Duty._fields['kind'].get_values(self.env))), ('duty_kept',))
