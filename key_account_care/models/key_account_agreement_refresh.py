from odoo import api, fields, models
from odoo.tools import SQL

REMIND_NOTICE = 30  # days before the last day to say no
REMIND_END = 14  # days before the last day


class KeyAccountAgreement(models.Model):
    """The nightly step: what is over is closed, prices follow, and people are reminded in time."""
    _inherit = 'key.account.agreement'

    reminder = fields.Selection(
        selection=[('notice', "Of the notice date"), ('end', "Of the last day")], readonly=True, copy=False,
        help="The last reminder that the responsible was given.")
    pricelists_off = fields.Boolean(compute='_compute_pricelists_off')

    def _compute_pricelists_off(self):
        self.pricelists_off = not self.env['product.pricelist']._is_pricelist_enabled()

    @api.model
    def _refresh_agreements(self, company, today, accounts):
        """Bring the agreements of a company up to date.

        :param res.company company: company of the agreements
        :param date today: day of the run
        :param key.account accounts: only theirs; empty for all of the company
        """
        agreements = self.sudo().with_company(company)  # sudo: the run works for everybody, whoever started it
        agreements.env['key.account.price.revision']._tell_due(company, today, accounts)
        scope = accounts._get_scope(company)
        agreements._renew_due(today, scope)
        agreements._close_over(today, scope)
        agreements._archive_pricelists(scope)
        agreements.env.invalidate_all()
        agreements._follow_normal_pricelists(scope)
        agreements._remind(today, scope)

    @api.model
    def _close_over(self, today, scope):
        """Close what was in force until yesterday. What goes on under a next version is renewed, else it has ended.

        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        self.env.cr.execute(SQL(
            """
            UPDATE key_account_agreement agreement
               SET state = 'closed', write_date = %(now)s, write_uid = %(uid)s,
                   close_reason = CASE
                       WHEN COALESCE(agreement.close_reason, 'ended') = 'ended'
                            AND EXISTS (SELECT FROM key_account_agreement next
                                         WHERE next.account_id = agreement.account_id AND %(successor)s) THEN 'renewed'
                       ELSE COALESCE(agreement.close_reason, 'ended') END
              FROM key_account account
             WHERE account.id = agreement.account_id AND %(scope)s
               AND agreement.state = 'signed' AND agreement.date_until < %(today)s
            """, now=fields.Datetime.now(), uid=self.env.uid, scope=scope, today=today, successor=self._successor_sql()))

    @api.model
    def _archive_pricelists(self, scope):
        """Pricelists of agreements are there while these are signed, and while pricelists are switched on.

        :param SQL scope: condition on ``account``
        """
        enabled = self.env['product.pricelist']._is_pricelist_enabled()
        self.env.cr.execute(SQL(
            """
            UPDATE product_pricelist pricelist
               SET active = NOT pricelist.active
              FROM key_account_agreement agreement
              JOIN key_account account ON account.id = agreement.account_id
             WHERE pricelist.key_account_agreement_id = agreement.id AND %(scope)s
               AND pricelist.active <> (agreement.state = 'signed' AND %(enabled)s)
            """, scope=scope, enabled=enabled))

    # ------------------------------------------------------------
    # Normal prices
    # ------------------------------------------------------------

    @api.model
    def _follow_normal_pricelists(self, scope):
        """Follow the normal pricelists of the customers, where these changed.

        :param SQL scope: condition on ``account``
        """
        if not self.env['product.pricelist']._is_pricelist_enabled():
            return
        rows = self.env.execute_query(SQL(
            """
            SELECT agreement.id, MIN(item.base_pricelist_id) FILTER (WHERE pricelist.id = agreement.pricelist_id),
                   ARRAY_AGG(item.base_pricelist_id)
              FROM key_account_agreement agreement
              JOIN key_account account ON account.id = agreement.account_id
              JOIN product_pricelist pricelist ON pricelist.key_account_agreement_id = agreement.id
              JOIN product_pricelist_item item ON item.pricelist_id = pricelist.id
                   AND item.key_account_agreement_line_id IS NULL
             WHERE %s AND agreement.state = 'signed'
          GROUP BY agreement.id
            """, scope))
        agreements = self.browse(agreement_id for agreement_id, __, __ in rows)
        Pricelist = self.env['product.pricelist'].with_context(key_account_without_agreement=True)
        normal = Pricelist._get_partner_pricelist_multi((agreements.partner_id | agreements.covered_partner_ids).ids)
        normal = {customer_id: pricelist.id or None for customer_id, pricelist in normal.items()}
        agreements.browse(
            agreement.id for agreement, (__, base_id, base_ids) in zip(agreements, rows)
            if normal.get(agreement.partner_id.id) != base_id
            or {normal.get(company.id) for company in agreement.covered_partner_ids} - set(base_ids)
        )._sync_normal_pricelist()

    # ------------------------------------------------------------
    # Reminders
    # ------------------------------------------------------------

    @api.model
    def _remind(self, today, scope):
        """Remind the responsible before the last day to say no, and before the last day; once each.

        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        for reminder, agreements in self._find_to_remind(today, scope).items():
            for agreement in agreements:
                agreement.activity_schedule(**agreement._prepare_reminder(reminder))
            agreements.reminder = reminder

    @api.model
    def _find_to_remind(self, today, scope):
        """:return: dict of agreements by the reminder that is due; the one before the end stands for both"""
        rows = self.env.execute_query(SQL(
            """
            SELECT due.reminder, array_agg(agreement.id)
              FROM key_account_agreement agreement
              JOIN key_account account ON account.id = agreement.account_id
        CROSS JOIN LATERAL (SELECT CASE
                                WHEN agreement.date_until - %(end)s <= %(today)s THEN 'end'
                                WHEN agreement.notice_date - %(notice)s <= %(today)s
                                     AND agreement.notice_date >= %(today)s THEN 'notice' END AS reminder) due
             WHERE %(scope)s AND agreement.state = 'signed' AND agreement.close_reason IS NULL
               AND agreement.user_id IS NOT NULL AND agreement.reminder IS DISTINCT FROM 'end'
               AND due.reminder IS NOT NULL AND due.reminder IS DISTINCT FROM agreement.reminder
               AND NOT EXISTS (SELECT 1 FROM key_account_agreement next
                                WHERE next.account_id = agreement.account_id AND next.state = 'signed'
                                  AND next.date_start > agreement.date_until)
          GROUP BY due.reminder
            """, scope=scope, today=today, notice=REMIND_NOTICE, end=REMIND_END))
        return {reminder: self.browse(ids) for reminder, ids in rows}

    def _prepare_reminder(self, reminder):
        """:return: values of the activity, in the language of the responsible"""
        self.ensure_one()
        env = self.with_context(lang=self.user_id.lang).env
        if reminder == 'end':
            summary = env._("%(agreement)s ends: renew it?", agreement=self.name)
        elif self.renewal == 'renew':
            summary = env._("%(agreement)s renews itself: say no in time?", agreement=self.name)
        else:
            summary = env._("%(agreement)s: talk about the renewal", agreement=self.name)
        return {
            'act_type_xmlid': 'mail.mail_activity_data_todo', 'summary': summary, 'user_id': self.user_id.id,
            'date_deadline': self.date_until if reminder == 'end' else self.notice_date}
