from dateutil.relativedelta import relativedelta
from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """One late delivery after the other."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('delivery_repeated', "Repeatedly late deliveries")], ondelete={'delivery_repeated': 'cascade'})

    def _detect_delivery_repeated(self, accounts, today):
        """So many orders that were promised within 12 months and came late, or are overdue; at stake is what they are worth."""
        since = today - relativedelta(years=1)
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id, SUM(delivery.amount) AS amount,
                   jsonb_build_object('times', COUNT(*), 'last_date', MAX(delivery.date_due)) AS facts
              FROM %(deliveries)s
             WHERE (delivery.state = 'kept_late' OR delivery.state = 'open' AND delivery.date_due < %(today)s)
               AND delivery.date_due > %(since)s
          GROUP BY account.id HAVING COUNT(*) >= %(limit)s
            """, deliveries=self._deliveries_sql(accounts, self._maybe_late_sql(since, today)), today=today, since=since,
            limit=self.threshold)


class KeyAccountRisk(models.Model):
    """The late ones are seen in the ledger of promises."""
    _inherit = 'key.account.risk'

    def _fix_delivery_repeated(self):
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_promise_ledger'),
            'domain': [('account_id', '=', self.account_id.id), ('kind', '=', 'order'), ('kept', '=', 0), ('counts', '=', True)],
            'views': [(False, 'list')],
        }
