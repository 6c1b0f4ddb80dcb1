from odoo import api, fields, models
from odoo.tools import SQL, email_normalize

# domains that say nothing about where somebody works
PUBLIC_DOMAINS = (
    '126.com', '163.com', 'alice.it', 'amis.net', 'aol.com', 'arnes.si', 'att.net', 'bluewin.ch', 'bredband.net',
    'broadpark.no', 'btinternet.com', 'comcast.net', 'elisanet.fi', 'example.com', 'fastmail.com', 'free.fr',
    'freenet.de', 'getmail.no', 'gmail.com', 'gmx.at', 'gmx.ch', 'gmx.com', 'gmx.de', 'gmx.net', 'googlemail.com',
    'hey.com', 'hispeed.ch', 'home.nl', 'hotmail.co.uk', 'hotmail.com', 'hotmail.de', 'hotmail.dk', 'hotmail.fr',
    'hotmail.it', 'hotmail.no', 'hotmail.se', 'icloud.com', 'interia.pl', 'kolumbus.fi', 'kpnmail.nl', 'laposte.net',
    'libero.it', 'live.com', 'live.dk', 'live.no', 'live.se', 'luukku.com', 'lyse.net', 'mac.com', 'mail.com',
    'mail.dk', 'mail.ru', 'me.com', 'msn.com', 'o2.pl', 'onet.pl', 'online.no', 'orange.fr', 'outlook.com',
    'outlook.dk', 'planet.nl', 'pm.me', 'proton.me', 'protonmail.com', 'qq.com', 'rocketmail.com', 'sbcglobal.net',
    'seznam.cz', 'sfr.fr', 'siol.net', 'skynet.be', 'spray.se', 'start.no', 'suomi24.fi', 't-2.net', 't-online.de',
    'telenet.be', 'telia.com', 'tiscali.it', 'tutanota.com', 'verizon.net', 'virgilio.it', 'wanadoo.fr', 'web.de',
    'wp.pl', 'xs4all.nl', 'yahoo.co.uk', 'yahoo.com', 'yahoo.de', 'yahoo.fr', 'yahoo.it', 'yahoo.no', 'yahoo.se',
    'yandex.com', 'yandex.ru', 'ymail.com', 'ziggo.nl', 'zoho.com')


class KeyAccountSuggestion(models.Model):
    """Somebody who writes to us from a customer's mail domain and is not a contact of it yet, nor of anybody else."""
    _name = 'key.account.suggestion'
    _description = "Suggested Contact"
    _order = 'last_date desc, id desc'
    _rec_name = 'email'

    account_id = fields.Many2one('key.account', required=True, readonly=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='account_id.company_id', store=True, precompute=True)
    email = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    partner_id = fields.Many2one(  # whom Odoo knows, but not where this person works
        'res.partner', string="Their Person", readonly=True, index='btree_not_null', ondelete='cascade')
    message_count = fields.Integer(string="Mails", readonly=True)
    last_date = fields.Datetime(string="Last Mail", readonly=True)
    state = fields.Selection(
        selection=[('new', "New"), ('added', "Added"), ('ignored', "Ignored")], default='new', required=True, readonly=True)

    _email_uniq = models.Constraint('UNIQUE (account_id, email)', "This address is suggested already.")

    def action_add(self):
        """Make contacts of these people, and of their mails those of the contacts."""
        for suggestion in self.filtered(lambda suggestion: suggestion.state == 'new'):
            customer, contact = suggestion.account_id.partner_id, suggestion.partner_id
            if contact:
                contact.parent_id = customer
            else:
                contact = contact.create({
                    'name': suggestion.name or suggestion.email, 'email': suggestion.email, 'parent_id': customer.id})
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

    # ------------------------------------------------------------
    # Nightly
    # ------------------------------------------------------------

    @api.model
    def _refresh_suggestions(self, company, today, accounts):
        """Find who writes from the domain of one customer alone, and forget who is known by now.

        :param res.company company: company of the accounts
        :param date today: day of the run
        :param key.account accounts: only these; empty for all of the company
        """
        self.env.cr.execute(SQL("DROP TABLE IF EXISTS key_account_writer"))
        self.env.cr.execute(SQL(
            "CREATE TEMP TABLE key_account_writer ON COMMIT DROP AS %s", self._writers_sql(company, accounts)))
        self.env.cr.execute(SQL(
            """
            INSERT INTO key_account_suggestion AS old
                   (account_id, company_id, email, partner_id, name, message_count, last_date, state,
                    create_uid, create_date, write_uid, write_date)
            SELECT account_id, %(company)s, email, partner_id, name, message_count, last_date, 'new',
                   %(uid)s, %(now)s, %(uid)s, %(now)s
              FROM key_account_writer
       ON CONFLICT (account_id, email)
         DO UPDATE SET partner_id = EXCLUDED.partner_id, message_count = EXCLUDED.message_count,
                       last_date = EXCLUDED.last_date
             WHERE (old.partner_id, old.message_count, old.last_date)
                   IS DISTINCT FROM (EXCLUDED.partner_id, EXCLUDED.message_count, EXCLUDED.last_date)
            """, company=company.id, uid=self.env.uid, now=fields.Datetime.now()))
        self.env.cr.execute(SQL(
            """
            DELETE FROM key_account_suggestion old USING key_account account
             WHERE account.id = old.account_id AND %s AND old.state = 'new'
               AND NOT EXISTS (SELECT FROM key_account_writer writer
                                WHERE writer.account_id = old.account_id AND writer.email = old.email)
            """, accounts._get_scope(company)))

    @api.model
    def _writers_sql(self, company, accounts):
        """Addresses at the customers' domains that none of their people has, with what was written from them."""
        return SQL(
            """
            WITH own AS (%(domains)s), mail AS (%(strangers)s UNION ALL %(loose)s)
            SELECT own.account_id, mail.email, MAX(mail.partner_id) AS partner_id,
                   COALESCE(MAX(mail.name), MAX(NULLIF(TRIM(BOTH ' "' FROM split_part(mail.email_from, '<', 1)), ''))
                       FILTER (WHERE mail.email_from LIKE '%%<%%')) AS name,
                   COUNT(*) AS message_count, MAX(mail.date) AS last_date
              FROM mail
              JOIN own ON own.name = split_part(mail.email, '@', 2)
             WHERE NOT EXISTS (SELECT FROM res_partner known
                                 JOIN key_account account ON account.partner_id = known.commercial_partner_id
                                WHERE account.id = own.account_id AND known.email_normalized = mail.email)
          GROUP BY own.account_id, mail.email
            """,
            domains=self._domains_sql(company, accounts), strangers=self._strangers_sql(), loose=self._loose_sql())

    @api.model
    def _domains_sql(self, company, accounts):
        """Mail domains of the customers that are companies; those that several of them share tell nothing."""
        return SQL(
            """
            WITH domain AS (
                SELECT DISTINCT account.id AS account_id, LOWER(split_part(contact.email_normalized, '@', 2)) AS name
                  FROM key_account account
                  JOIN res_partner customer ON customer.id = account.partner_id AND customer.is_company
                  JOIN res_partner contact ON contact.commercial_partner_id = account.partner_id
                 WHERE account.company_id = %(company)s AND contact.email_normalized LIKE '%%@%%'
            )
            SELECT domain.account_id, domain.name
              FROM domain
              JOIN key_account account ON account.id = domain.account_id
             WHERE %(scope)s AND account.active AND domain.name <> ALL(%(public)s)
               AND domain.name NOT IN (SELECT name FROM domain GROUP BY name HAVING COUNT(*) > 1)
            """, company=company.id, scope=accounts._get_scope(company), public=list(PUBLIC_DOMAINS))

    @api.model
    def _strangers_sql(self):
        """Mails of whom Odoo does not know."""
        return SQL(
            """
            SELECT NULL::integer AS partner_id, NULL::varchar AS name, message.email_from, message.date,
                   LOWER(COALESCE(substring(message.email_from FROM '<([^<>]+)>'), TRIM(message.email_from))) AS email
              FROM mail_message message
             WHERE message.author_id IS NULL AND message.message_type = 'email' AND message.email_from LIKE '%%@%%'
               AND message.key_account_is_automatic IS NOT TRUE
            """)

    @api.model
    def _loose_sql(self):
        """Mails of people who belong to nobody: Odoo makes a contact of whoever is answered."""
        return SQL(
            """
            SELECT person.id, person.name, message.email_from, message.date, LOWER(person.email_normalized)
              FROM own
              JOIN res_partner person ON split_part(person.email_normalized, '@', 2) = own.name
              JOIN mail_message message ON message.author_id = person.id AND message.message_type IN ('email', 'comment')
                   AND message.key_account_is_automatic IS NOT TRUE
             WHERE person.active AND person.parent_id IS NULL AND person.is_company IS NOT TRUE
               AND NOT EXISTS (SELECT FROM res_users ours WHERE ours.partner_id = person.id AND ours.share IS NOT TRUE)
               AND NOT EXISTS (SELECT FROM key_account account WHERE account.partner_id = person.id)
            """)
