from odoo import api, fields, models
from odoo.tools import SQL


class KeyAccount(models.Model):
    """What a customer gets of our time, who starts the exchange, and how long its mails wait. All of 12 months."""
    _inherit = 'key.account'

    # Filled by the nightly run
    interaction_count = fields.Integer(string="Interactions (12 Months)", readonly=True)
    interaction_share = fields.Float(
        string="Share of Interactions", readonly=True, help="Of all interactions of the company.")
    meeting_hours = fields.Float(
        string="Meeting Hours (12 Months)", readonly=True, help="Of all of our people who were there.")
    meeting_share = fields.Float(string="Share of Meeting Hours", readonly=True)
    proactive_share = fields.Float(
        string="Started by Us", readonly=True, aggregator='avg',
        help="Share of our mails, calls and meetings that were not the answer to a mail of theirs.")
    promised_hours = fields.Integer(related='tier_id.answer_hours', string="Promised (Hours)")
    response_count = fields.Integer(string="Mails to Answer (12 Months)", readonly=True)
    response_hours = fields.Float(
        string="Answered after (Hours)", readonly=True, aggregator='avg', help="On average, in working hours.")
    response_kept = fields.Float(
        string="Answered in Time", readonly=True, aggregator='avg',
        help="Share of the answers that came in the time that the tier promised.")
    response_open_count = fields.Integer(string="Mails without Answer", readonly=True)

    def action_open_interactions(self):
        """Open the interactions behind a figure; the context says in ``filter`` which ones."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_interaction')
        people = self.env['res.partner'].with_context(active_test=False).search([
            ('commercial_partner_id', '=', self.partner_id.id), ('is_company', '=', False)])
        # of people that it knows by their ids PostgreSQL finds the few mails by index
        domain = [
            ('account_id', '=', self.id), ('partner_id', 'in', people.ids), ('date', '>', self._get_attention_start())]
        if self.env.context.get('filter') == 'meeting':
            domain.append(('kind', '=', 'meeting'))
        elif self.env.context.get('filter') == 'ours':
            domain.append(('direction', '!=', 'in'))
        return {**action, 'domain': domain, 'context': {}}

    def action_open_responses(self):
        """Open the mails behind the time to answer; those without answer with ``open`` as ``filter`` in the context."""
        self.ensure_one()
        action = self.env['ir.actions.act_window']._for_xml_id('key_account_care.action_key_account_response')
        domain = [('account_id', '=', self.id), ('asked_on', '>', self._get_attention_start())]
        if self.env.context.get('filter') == 'open':
            domain.append(('state', '=', 'open'))
        return {**action, 'domain': domain, 'context': {}}

    @api.model
    def _get_attention_start(self, today=None):
        """:return: datetime of the end of the day after which things count"""
        today = today or fields.Date.context_today(self)
        return self.env['key.account.relationship']._get_end(fields.Date.subtract(today, years=1))

    # ------------------------------------------------------------
    # Nightly
    # ------------------------------------------------------------

    @api.model
    def _refresh_attention(self, company, today, accounts):
        """Sum up what relationships and responses have counted, and divide it by the company's total.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; the shares of all others follow from the new total
        """
        self._count_attention(company, today, accounts)
        self._share_attention(company)

    @api.model
    def _count_attention(self, company, today, accounts):
        self._store_columns(SQL(
            """
            WITH exchange AS (
                SELECT account_id, SUM(mail_in_count) AS incoming, SUM(mail_out_count + meeting_count + call_count) AS ours,
                       ROUND(SUM(meeting_hours)::numeric, 2) AS hours
                  FROM key_account_relationship GROUP BY account_id
            ), response AS (
                SELECT account_id, COUNT(*) FILTER (WHERE asked_on > %(start)s AND state <> 'dismissed') AS asked,
                       COUNT(*) FILTER (WHERE answered_on > %(start)s AND person.is_company IS NOT TRUE) AS answered,
                       COUNT(*) FILTER (WHERE asked_on > %(start)s AND state = 'open') AS open,
                       ROUND((AVG(hours) FILTER (WHERE asked_on > %(start)s))::numeric, 2) AS hours,
                       ROUND((AVG(kept) FILTER (WHERE asked_on > %(start)s))::numeric, 4) AS kept
                  FROM key_account_response response JOIN res_partner person ON person.id = response.partner_id
                 WHERE response.company_id = %(company)s GROUP BY account_id
            )
            SELECT account.id, COALESCE(exchange.incoming + exchange.ours, 0)::integer AS interaction_count,
                   COALESCE(exchange.hours, 0)::float8 AS meeting_hours,
                   GREATEST(0, ROUND(1 - COALESCE(response.answered, 0) / NULLIF(exchange.ours, 0)::numeric, 4))::float8
                   AS proactive_share,
                   COALESCE(response.asked, 0)::integer AS response_count, response.hours::float8 AS response_hours,
                   response.kept::float8 AS response_kept, COALESCE(response.open, 0)::integer AS response_open_count
              FROM key_account account
         LEFT JOIN exchange ON exchange.account_id = account.id
         LEFT JOIN response ON response.account_id = account.id
             WHERE %(scope)s
            """, company=company.id, scope=accounts._get_scope(company), start=self._get_attention_start(today)), (
            'interaction_count', 'meeting_hours', 'proactive_share', 'response_count', 'response_hours', 'response_kept',
            'response_open_count'))

    @api.model
    def _share_attention(self, company):
        self._store_columns(SQL(
            """
            SELECT id, COALESCE(ROUND(interaction_count / NULLIF(SUM(interaction_count) OVER (), 0)::numeric, 6), 0)
                   ::float8 AS interaction_share,
                   COALESCE(ROUND(meeting_hours::numeric / NULLIF(SUM(meeting_hours::numeric) OVER (), 0), 6), 0)
                   ::float8 AS meeting_share
              FROM key_account WHERE company_id = %s
            """, company.id), ('interaction_share', 'meeting_share'))
