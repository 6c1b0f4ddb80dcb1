from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

# domains that say nothing about where somebody works
PUBLIC_DOMAINS = (
    'aol.com', 'example.com', 'gmail.com', 'gmx.com', 'gmx.de', 'googlemail.com', 'hotmail.com', 'icloud.com', 'live.com',
    'mail.com', 'me.com', 'msn.com', 'online.no', 'outlook.com', 'proton.me', 'protonmail.com', 'siol.net', 'telia.com',
    'web.de', 'yahoo.com')


class KeyAccountSuggestion(models.Model):
    """Somebody who writes to us from a customer's mail domain and is not a contact of it yet."""
    _name = 'key.account.suggestion'
    _description = "Suggested Contact"
    _order = 'last_date desc, id desc'
    _rec_name = 'email'

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True)
    email = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    message_count = fields.Integer(string="Mails", readonly=True)
    last_date = fields.Datetime(string="Last Mail", readonly=True)
    state = fields.Selection(
        selection=[('new', "New"), ('added', "Added"), ('ignored', "Ignored")], default='new', required=True, readonly=True)

    _email_uniq = models.Constraint('UNIQUE (account_id, email)', "This address is suggested already.")

    def action_add(self):
        """Make contacts of these people, and of their mails those of the contacts."""
        for suggestion in self.filtered(lambda suggestion: suggestion.state == 'new'):
            contact = self.env['res.partner'].create({
                'name': suggestion.name or suggestion.email, 'email': suggestion.email,
                'parent_id': suggestion.account_id.partner_id.id})
            suggestion._claim_messages(contact)
            suggestion.sudo().state = 'added'  # sudo: rows are made by the nightly run, people only decide on them

    def _claim_messages(self, contact):
        """Mails without an author that came from this address are the contact's."""
        self.ensure_one()
        # sudo: an author is set where there is none, whoever may read the mails
        self.env['mail.message'].sudo().search([
            ('author_id', '=', False), ('email_from', '=ilike', f'%{self.email}%')]).filtered(
            lambda message: email_normalize(message.email_from) == self.email).author_id = contact

    def action_ignore(self):
        """Do not suggest these people any more.

        :raise AccessError: when the user may not see their accounts
        """
        self.check_access('read')
        self.sudo().state = 'ignored'  # sudo: see action_add

    @api.model
    def _refresh_suggestions(self, company, today, accounts):
        """Find new addresses among mails without a known author.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        self.env.cr.execute(SQL(
            """
            WITH domain AS (
                SELECT DISTINCT account.id AS account_id, LOWER(split_part(contact.email_normalized, '@', 2)) AS name
                  FROM key_account account
                  JOIN res_partner contact ON contact.commercial_partner_id = account.partner_id
                 WHERE %(scope)s AND account.active AND contact.email_normalized LIKE '%%@%%'
            ), own AS (
                SELECT account_id, name FROM domain
                 WHERE name <> ALL(%(public)s)
                   AND name NOT IN (SELECT name FROM domain GROUP BY name HAVING COUNT(DISTINCT account_id) > 1)
            ), mail AS (
                SELECT message.email_from, message.date,
                       LOWER(COALESCE(substring(message.email_from FROM '<([^<>]+)>'), TRIM(message.email_from))) AS email
                  FROM mail_message message
                 WHERE message.author_id IS NULL AND message.message_type = 'email' AND message.email_from LIKE '%%@%%'
            )
            INSERT INTO key_account_suggestion AS old
                   (account_id, company_id, email, name, message_count, last_date, state,
                    create_uid, create_date, write_uid, write_date)
            SELECT own.account_id, %(company)s, mail.email,
                   MAX(NULLIF(TRIM(BOTH ' "' FROM split_part(mail.email_from, '<', 1)), '')) FILTER
                       (WHERE mail.email_from LIKE '%%<%%'),
                   COUNT(*), MAX(mail.date), 'new', %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM mail
              JOIN own ON own.name = split_part(mail.email, '@', 2)
             WHERE NOT EXISTS (SELECT FROM res_partner known
                                 JOIN key_account account ON account.partner_id = known.commercial_partner_id
                                WHERE account.id = own.account_id AND known.email_normalized = mail.email)
          GROUP BY own.account_id, mail.email
       ON CONFLICT (account_id, email)
         DO UPDATE SET message_count = EXCLUDED.message_count, last_date = EXCLUDED.last_date
             WHERE (old.message_count, old.last_date) IS DISTINCT FROM (EXCLUDED.message_count, EXCLUDED.last_date)
            """, scope=accounts._get_scope(company), public=list(PUBLIC_DOMAINS), company=company.id, uid=self.env.uid,
            now=fields.Datetime.now()))
