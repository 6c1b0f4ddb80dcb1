from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """A customer counts on a product that has a successor, and nobody has told them."""
    _inherit = 'key.account.risk.rule'

    kind = fields.Selection(
        selection_add=[('product_superseded', "Superseded product")], ondelete={'product_superseded': 'cascade'})

    @api.model
    def _get_sold_kinds(self):
        return super()._get_sold_kinds() | {'product_superseded'}

    def _detect_product_superseded(self, accounts, today):
        """Bought in 12 months or under agreement. Once somebody of the customer was told of the successor it is none, also
        when they go on buying: they know. At stake is what they bought of it in 12 months."""
        return SQL(
            """
            WITH old AS MATERIALIZED (
                SELECT product.id AS product_id, template.id AS product_tmpl_id, TRUE AS is_whole
                  FROM product_template template
                  JOIN product_product product ON product.product_tmpl_id = template.id
                 WHERE template.key_account_successor_id IS NOT NULL
            )
            SELECT account.id AS account_id, 'product.template' AS res_model, template.id AS res_id,
                   SUM(used.revenue) AS amount, jsonb_build_object('successor', %(name)s) AS facts
              FROM (%(used)s) used
              JOIN %(accounts)s account ON account.id = used.account_id
              JOIN product_template template ON template.id = used.product_tmpl_id
              JOIN product_template successor ON successor.id = template.key_account_successor_id
             WHERE NOT EXISTS (SELECT FROM key_account_product_told told
                                WHERE told.account_id = account.id AND told.product_tmpl_id = template.id
                                  AND told.successor_id = successor.id)
          GROUP BY account.id, template.id, successor.id
            """, accounts=accounts, used=self._users_of_sql(SQL("old"), today), name=self._text_sql(SQL("successor.name")))


class KeyAccountRisk(models.Model):
    """The customer is told in a mail; that it was sent is the telling."""
    _inherit = 'key.account.risk'

    def _fix_product_superseded(self):
        """:raise UserError: when the customer has no mail address"""
        if not self.partner_id.email:
            raise UserError(self.env._(
                "%(customer)s has no email address to be told at. Add one.", customer=self.partner_id.name))
        return self._open_key_account_composer(
            self.env._("Tell the Customer"), 'key_account_care.mail_template_product_superseded',
            key_account_product_told=True)

    def message_post(self, **kwargs):
        """Post; the context key ``key_account_product_told`` notes that the recipients know of the successor now."""
        message = super().message_post(**kwargs)
        if self.env.context.get('key_account_product_told'):
            self.with_context(key_account_product_told=False)._note_told(message.partner_ids)
        return message

    def _note_told(self, people):
        """Note who was told today, which closes the warning.

        :param res.partner people: who got the mail; by default the customer
        """
        self.ensure_one()
        product = self.product_tmpl_id
        self.env['key.account.product.told'].create([
            {'account_id': self.account_id.id, 'partner_id': person.id, 'product_tmpl_id': product.id,
             'successor_id': product.key_account_successor_id.id} for person in people or self.partner_id])
        self._decide('closed', closed_on=fields.Date.context_today(self))
