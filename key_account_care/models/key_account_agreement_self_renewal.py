import logging

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL, format_date
from psycopg2 import OperationalError

_logger = logging.getLogger(__name__)


class KeyAccountAgreement(models.Model):
    """An agreement that renews itself: once nobody can say no any more, its next version is signed for the days after."""
    _inherit = 'key.account.agreement'

    is_self_renewed = fields.Boolean(
        string="By Itself", readonly=True, copy=False, help="Signed by nobody: the agreement before has renewed itself.")
    renewal_problem = fields.Text(
        string="Why It Does Not Renew Itself", readonly=True, copy=False,
        help="The night tries again. The responsible was told once.")

    @api.model
    def _renew_due(self, today, scope):
        """Renew what renews itself. One that cannot be renewed does not stop the others.

        :param date today: day of the run
        :param SQL scope: condition on ``account``
        """
        for agreement in self._find_to_renew(today, scope):  # the few whose notice date was yesterday
            try:
                with self.env.cr.savepoint():
                    agreement._renew_itself()
            except (OperationalError, ConcurrencyError):  # somebody is at work on it: the run is tried again
                raise
            except Exception as error:  # whatever its terms, customer or products have become by now
                _logger.info("%s did not renew itself", agreement.name, exc_info=True)
                agreement._tell_not_renewed(str(error.args[0] if error.args else error))
        self.env.flush_all()

    @api.model
    def _find_to_renew(self, today, scope):
        """While a proposal is with the customer the agreement waits for it, to its last day.

        A next version that was terminated before it began was the no, too.
        """
        rows = self.env.execute_query(SQL(
            """
            SELECT agreement.id
              FROM key_account_agreement agreement
              JOIN key_account account ON account.id = agreement.account_id
             WHERE %(scope)s AND agreement.state = 'signed' AND agreement.renewal = 'renew'
               AND agreement.close_reason IS NULL AND agreement.notice_date < %(today)s
               AND NOT EXISTS (SELECT FROM key_account_agreement next
                                WHERE next.account_id = agreement.account_id AND %(successor)s)
               AND NOT EXISTS (SELECT FROM key_account_agreement next
                                WHERE next.previous_id = COALESCE(agreement.origin_id, agreement.id)
                                  AND (next.state = 'signed'
                                       OR next.state = 'closed' AND next.close_reason IS DISTINCT FROM 'declined'
                                       OR next.state IN ('draft', 'sent') AND agreement.date_until > %(today)s))
          ORDER BY agreement.id
            """, scope=scope, today=today, successor=self._successor_sql()))
        return self.browse(agreement_id for agreement_id, in rows)

    def _renew_itself(self):
        """Make and sign the next version, and tell the responsible."""
        self.ensure_one()
        late = self.next_id  # a proposal that nobody has signed in time
        late.previous_id = False
        late.flush_recordset()
        self.invalidate_recordset(['next_id', 'next_state', 'can_renew'])
        successor = self._renew(relativedelta(months=self.renewal_months))
        successor.is_self_renewed = True
        successor._sign()
        self.renewal_problem = False
        for agreement in self | successor:
            agreement._tell_renewed(self, successor, late)

    def _tell_renewed(self, before, successor, late):
        env = self.with_context(lang=self.user_id.lang).env
        body = env._(
            "%(before)s has renewed itself for %(months)s months: %(successor)s is in force from %(start)s to %(end)s.",
            before=before.name, months=before.renewal_months, successor=successor.name,
            start=format_date(env, successor.date_start), end=format_date(env, successor.date_end))
        if late:
            body += " " + env._(
                "%(proposal)s was not signed in time. Use “Revise” on %(successor)s to agree on other terms.",
                proposal=late.name, successor=successor.name)
        self._tell_user(body, notify=self == before)

    def _tell_not_renewed(self, problem):
        """Tell the responsible why the agreement does not go on; once, however many nights it is so."""
        self.ensure_one()
        if not self.renewal_problem:
            env = self.with_context(lang=self.user_id.lang).env
            self._tell_user(env._("%(agreement)s should renew itself, but: %(problem)s", agreement=self.name, problem=problem))
        if self.renewal_problem != problem:
            self.renewal_problem = problem

    def _tell_user(self, body, notify=True):
        """Write into the chatter, and to the responsible, but never to the customer.

        :param str body: text
        :param bool notify: also tell the responsible
        """
        self.ensure_one()
        people = self.user_id.partner_id.ids if notify else []
        self.message_post(
            body=body, message_type='comment', subtype_xmlid='mail.mt_note', partner_ids=people)

    def _get_self_renewed(self):
        """:return: the versions that go on with an agreement of themselves, with all their revisions"""
        found, before = self.browse(), self
        while before:
            # sudo: versions of one agreement belong together, whoever sees them
            before = self.sudo().search([
                ('previous_id', 'in', [agreement._get_first().id for agreement in before]), ('is_self_renewed', '=', True)])
            found |= before
        return found._get_family() if found else found
