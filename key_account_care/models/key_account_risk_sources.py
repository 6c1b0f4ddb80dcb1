from odoo import api, models
from odoo.tools import SQL


class KeyAccountRiskRule(models.Model):
    """What several kinds look at is gathered once before they look, and only when an active rule needs it."""
    _inherit = 'key.account.risk.rule'

    @api.model
    def _get_sold_kinds(self):
        """:return: set of the kinds that select from ``key_account_sold``; a detector that does adds its own"""
        return set()

    @api.model
    def _get_peer_kinds(self):
        """:return: set of those of them that compare accounts with others: these are there also when few are refreshed"""
        return set()

    def _create_sources(self, company, today, accounts):
        """Create the view ``key_account_sold`` when one of these rules needs it: what active accounts bought in 24 months.

        The lines are those of ``key.account.sale``, in the currency of the company and the unit of the product. When only some
        accounts are refreshed they are what these bought, and what others bought of the same products.

        :param res.company company: company of the accounts
        :param date today: last day that counts
        :param key.account accounts: only these; empty for all of the company
        """
        kinds = set(self.mapped('kind'))
        if not kinds & self._get_sold_kinds():
            return
        Sale = self.env['key.account.sale']
        Sale._gather(company, today, accounts)
        if accounts and kinds & self._get_peer_kinds():
            self.env.cr.execute(SQL("INSERT INTO key_account_sold_line %s", Sale._sold_sql(company, today, SQL(
                "sale.account_id NOT IN %s AND sale.product_id IN (SELECT product_id FROM key_account_sold_line)",
                accounts._ids))))
        self.env.cr.execute(SQL(
            "CREATE TEMPORARY VIEW key_account_sold AS SELECT * FROM key_account_sold_line WHERE is_active AND date > %s::date",
            self.env['key.account']._get_periods(today)[1]))

    @api.model
    def _drop_sources(self):
        self.env.cr.execute("DROP VIEW IF EXISTS pg_temp.key_account_sold")
        self.env['key.account.sale']._release()

    @api.model
    def _day_sql(self, moment):
        """:param SQL moment: in UTC
        :return: SQL of its day where the company is
        """
        return SQL("(%s AT TIME ZONE 'UTC' AT TIME ZONE %s)::date", moment, self.env.company.partner_id.tz or 'UTC')

    @api.model
    def _text_sql(self, text):
        """:param SQL text: a translated column
        :return: SQL of it in the language of the company
        """
        return SQL("COALESCE(%(text)s ->> %(lang)s, %(text)s ->> 'en_US')", text=text,
                   lang=self.env.company.partner_id.lang or 'en_US')

    def _get_limit(self):
        """:return: the limit as an exact number, to compare it with exact numbers"""
        return SQL("%s::numeric", str(self.threshold))

    @api.model
    def _get_beside(self):
        """:return: list of ids of products that come with what a customer buys, and are no purchases"""
        return self.env['key.account.sale']._get_products_beside(self.env.company).ids


class KeyAccountRisk(models.Model):
    """The sales behind a warning about a product."""
    _inherit = 'key.account.risk'

    def _open_sales(self):
        """:return: the action that shows what the account bought of the product that the warning is about"""
        self.ensure_one()
        return {
            **self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_sale'),
            'domain': [('account_id', '=', self.account_id.id), ('product_id', '=', self.res_id)],
            'context': {},
        }
