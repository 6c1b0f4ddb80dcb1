from itertools import product

from odoo import api, models
from odoo.exceptions import UserError


class KeyAccount(models.Model):
    """What becomes of accounts when Odoo merges their customers."""
    _inherit = 'key.account'

    @api.model
    def _merge_customers(self, sources, destination):
        """Leave one account per company for the merged customers, with all that people had put on the others.

        :param res.partner sources: customers that will be deleted
        :param res.partner destination: the customer that stays
        """
        merged = sources | destination
        # Odoo makes a company of the contact that stays when one of the others was a company
        customer = destination if any(merged.mapped('is_company')) else destination.commercial_partner_id
        found = self.with_context(active_test=False).search([('partner_id', 'in', (sources | customer).ids)])
        for accounts in found.grouped('company_id').values():
            kept = accounts.sorted(lambda account: (
                not account.tier_locked, not account.active, account.partner_id != customer, account.rank))[0]
            kept._absorb(accounts - kept)
            if kept.partner_id != customer:
                kept.partner_id = customer
            kept._forget_coverage(sources | customer)
        self.env.flush_all()

    def _absorb(self, others):
        """Take over what people had put on ``others``, from messages to the missing sponsor, and delete them."""
        self.ensure_one()
        for other in others:
            other.message_change_thread(self)
            self.message_subscribe(other.message_partner_ids.ids)
            other.with_context(active_test=False).activity_ids.res_id = self.id  # also those done: they are history
            other.change_ids.filtered(lambda change: change.state == 'proposed').state = 'withdrawn'
            other.change_ids.account_id = self
            self._absorb_agreements(other)
            other.relationship_ids._move_to(self)
            self._absorb_suggestions(other)
            self.member_ids |= other.member_ids
            self.sponsor_id = self.sponsor_id or other.sponsor_id
            self.user_id = self.user_id or other.user_id
            self.env['ir.attachment'].search(
                [('res_model', '=', self._name), ('res_id', '=', other.id)]).res_id = self.id
        others.unlink()

    def _absorb_suggestions(self, other):
        """Whom somebody ignored at another account is not suggested again."""
        own, others = (
            self.env['key.account.suggestion'].search([('account_id', '=', account.id)]) for account in (self, other))
        others.filtered(lambda suggestion: suggestion.email not in own.mapped('email')).account_id = self

    def _absorb_agreements(self, other):
        """Take over the agreements of another account.

        :raise UserError: when both customers have a signed agreement for the same days
        """
        own, others = (
            self.env['key.account.agreement'].search([('account_id', '=', account.id)]) for account in (self, other))
        for mine, theirs in product(*(agreements.filtered(lambda agreement: agreement.state == 'signed')
                                      for agreements in (own, others))):
            if mine.date_start <= theirs.date_until and theirs.date_start <= mine.date_until:
                raise UserError(self.env._(
                    "%(mine)s and %(theirs)s are both in force. A customer has one agreement at a time: terminate one of "
                    "them, then merge.", mine=mine.display_name, theirs=theirs.display_name))
        others.account_id = self

    def _forget_coverage(self, merged):
        """A customer that its agreement covered as a subsidiary is the customer itself by now."""
        agreements = self.env['key.account.agreement'].search([
            ('account_id', '=', self.id), ('covered_partner_ids', 'in', merged.ids)])
        for agreement in agreements:
            agreement.covered_partner_ids -= merged
