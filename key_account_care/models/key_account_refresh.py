import logging
from functools import partial

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.service.model import retrying
from odoo.tools import SQL

_logger = logging.getLogger(__name__)


class KeyAccount(models.Model):
    """The nightly run: which steps there are, for which companies, and what happens when one of them fails."""
    _inherit = 'key.account'

    @api.model
    def _cron_refresh(self):
        """Nightly: bring accounts, figures and tiers of all companies up to date, unless nothing was written since that was
        done today.

        Every step is a transaction of its own, so that a failure keeps what the others did.
        """
        self._refresh_night(fields.Date.context_today(self))

    def _refresh_night(self, today):
        """:param date today: day of the run"""
        if self._is_settled(today):
            _logger.info("Nothing was written since the run of today")
            return
        before = self._count_writes()
        self._note_settled(today, before, self._refresh(today, commit=True))

    def action_refresh(self):
        """Bring these accounts up to date now; without a selection all accounts of the current companies.

        :raise AccessError: when the user may not see these accounts, or none at all
        :raise UserError: when another run is at work on one of the companies
        """
        self.check_access('read')
        for company in self.company_id or self.env.companies:
            self._lock_refresh(company)
        self._refresh(fields.Date.context_today(self), companies=self.company_id or self.env.companies)
        return {'type': 'ir.actions.client', 'tag': 'soft_reload'}

    def _refresh(self, today, companies=None, commit=False):
        """Run all steps, company by company.

        :param date today: day of the run
        :param res.company companies: only these; by default the companies of these accounts, or all without accounts
        :param bool commit: commit after each step and go on when one fails; else the first failure is raised
        :return: list of the rows written by each step, as int; None for a step that failed, or without ``commit``
        """
        # the nightly run serves all companies, which are few  # pylint: disable-next=no-search-all
        found = companies or self.company_id or self.env['res.company'].sudo().search([])
        return [written for company in found for written in self._refresh_company(company, today, commit)]

    def _refresh_company(self, company, today, commit):
        # figures and tiers are the same whoever asks for them, and are stored for everybody
        accounts = self.sudo().with_company(company).with_context(key_account_run=True)
        accounts = accounts.filtered_domain([('company_id', '=', company.id)])
        Sale = accounts.env['key.account.sale']
        Sale._forget()
        written = [accounts._run_step(step, company, today, commit) for step in accounts._get_refresh_steps()]
        Sale._forget()
        return written

    def _get_refresh_steps(self):
        """The steps in their order. Each takes a company, the day, and the accounts to limit it to (empty for all)."""
        return [
            self.env['key.account']._refresh_accounts,
            self.env['key.account']._refresh_figures,
            self.env['key.account.tier']._refresh_tiers,
            self.env['key.account.tier.change']._refresh_activities,
            self.env['key.account.response']._refresh_responses,
            self.env['key.account.relationship']._refresh_relationships,
            self.env['key.account']._refresh_people,
            self.env['key.account']._refresh_departures,
            self.env['key.account']._refresh_attention,
            self.env['key.account']._refresh_value,
            self.env['key.account.suggestion']._refresh_suggestions,
            self.env['key.account.rhythm']._refresh_rhythm,
            self.env['key.account.spending']._refresh_spending,
            self.env['key.account.peer']._refresh_peers,
            self.env['key.account.agreement']._refresh_agreements,
            self.env['key.account.agreement']._refresh_bonuses,
            self.env['key.account.review']._refresh_reviews,
            self.env['key.account.promise']._refresh_promises,
            self.env['key.account.feedback.invitation']._refresh_invitations,
            self.env['key.account.risk']._refresh_risks,
            self.env['key.account.risk']._refresh_reminders,
            self.env['key.account']._refresh_health,
            self.env['key.account']._refresh_duties,
            self.env['key.account.snapshot']._refresh_snapshots,
        ]

    def _run_step(self, step, company, today, commit):
        if not commit:
            return self._do_step(step, company, today)
        try:
            # somebody may refresh or save an account at this moment: Odoo's own answer is to try again in some seconds
            return retrying(partial(self._do_step_alone, step, company, today), self.env)
        except ConcurrencyError:
            _logger.info("%s of %s is left to the run that is at work on it", step.__name__, company.name)
        except Exception:  # whatever stops one step must not stop the others
            _logger.exception("%s of %s failed; its rows are as they were before", step.__name__, company.name)
        finally:
            self.env['ir.cron']._commit_progress()

    def _do_step_alone(self, step, company, today):
        if not self._try_lock(company):
            raise ConcurrencyError(f"another run is at work on {company.name}")
        with self.env.cr.savepoint():
            self._do_step(step, company, today)
        return self._count_own_writes()

    def _do_step(self, step, company, today):
        self.env.flush_all()
        self._plan_for_many()
        step(company, today, self)
        self.env.invalidate_all()

    @api.model
    def _plan_for_many(self):
        """Have PostgreSQL plan the rest of the transaction for statements over all accounts."""
        # with the little memory of everyday queries they would sort and join on disk
        self.env.cr.execute("SET LOCAL work_mem = '64MB'")
        # what several processes find is handed to one: PostgreSQL takes that for ten times as slow as it is
        self.env.cr.execute("SET LOCAL parallel_tuple_cost = 0.01")

    @api.model
    def _try_lock(self, company):
        """Take the lock of the run over one company until the end of the transaction.

        :param res.company company: the company to work on
        :return: whether it was free
        """
        return self.env.execute_query(SQL(
            "SELECT pg_try_advisory_xact_lock(hashtext('key_account_refresh'), %s)", company.id))[0][0]

    @api.model
    def _lock_refresh(self, company):
        """Take the lock of the run for a person, who is told when it is not free.

        :param res.company company: the company to work on
        :raise UserError: when another run is at work on it
        """
        if not self._try_lock(company):
            raise UserError(self.env._(
                "The accounts of %(company)s are being refreshed right now. Try again in a minute.",
                company=company.name))

    def _get_scope(self, company):
        """Which rows of ``account`` a step is about: these, or all of the company when there are none, as SQL."""
        if self:
            return SQL("account.company_id = %s AND account.id IN %s", company.id, tuple(self.ids))
        return SQL("account.company_id = %s", company.id)
