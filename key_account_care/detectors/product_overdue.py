from odoo import fields, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """The customer usually orders the product again by now: they run out, or somebody else delivers."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('product_overdue', "Product overdue")], ondelete={'product_overdue': 'cascade'})

    def _detect_product_overdue(self, accounts, today):
        """Overdue against its own rhythm, but not lapsed, with a confidence of at least the limit. At stake is one usual
        order of it."""
        return SQL(
            """
            SELECT account.id AS account_id, 'product.product' AS res_model, rhythm.product_id AS res_id,
                   rhythm.usual_amount AS amount,
                   jsonb_build_object('expected_date', rhythm.next_date, 'last_date', rhythm.last_date,
                                      'interval', rhythm.interval_days) AS facts
              FROM key_account_rhythm rhythm
              JOIN %(accounts)s account ON account.id = rhythm.account_id
             WHERE rhythm.tolerated_until < %(today)s AND rhythm.lapsed_after >= %(today)s
               AND rhythm.confidence >= %(limit)s
            """, accounts=accounts, today=today, limit=self._get_limit())


class KeyAccountRisk(models.Model):
    """The usual quantity is offered before they run out."""
    _inherit = 'key.account.risk'

    def _fix_product_overdue(self):
        rhythm = self.env['key.account.rhythm'].search([
            ('account_id', '=', self.account_id.id), ('product_id', '=', self.res_id)])
        return rhythm.action_make_quotation() if rhythm else self.action_open_source()
