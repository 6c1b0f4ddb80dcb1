from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The customer buys less than in the same season a year ago: a year of figures shows it much later."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('quarter_falling', "Last quarter falls")], ondelete={'quarter_falling': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'quarter_falling'}

    def _detect_quarter_falling(self, accounts, today):
        """The revenue of 3 months is at least the percent of the limit below that of the same months a year ago. At stake is
        what is missing."""
        start = today - relativedelta(months=3)
        return SQL(
            """
            SELECT account.id AS account_id, 'key.account' AS res_model, account.id AS res_id,
                   quarter.before - quarter.now AS amount,
                   jsonb_build_object('now_amount', quarter.now, 'before_amount', quarter.before) AS facts
              FROM (SELECT sold.account_id, ROUND(SUM(sold.revenue) FILTER (WHERE %(before)s), %(digits)s) AS before,
                           ROUND(COALESCE(SUM(sold.revenue) FILTER (WHERE %(now)s), 0), %(digits)s) AS now
                      FROM key_account_sold sold WHERE %(now)s OR %(before)s GROUP BY sold.account_id) quarter
              JOIN %(accounts)s account ON account.id = quarter.account_id
             WHERE quarter.before > 0 AND quarter.now < quarter.before
               AND (quarter.before - quarter.now) * 100 >= quarter.before * %(limit)s
            """, accounts=accounts, limit=self._get_limit(), now=SQL("sold.date > %s", start),
            digits=self.env.company.currency_id.decimal_places,
            before=SQL("sold.date > %s AND sold.date <= %s", start - relativedelta(years=1), today - relativedelta(years=1)))


class KeyAccountRisk(models.Model):
    """What they bought is seen in a list."""
    _inherit = 'key.account.risk'

    def _fix_quarter_falling(self):
        return self.account_id.with_context(figure='growth').action_open_figure()
