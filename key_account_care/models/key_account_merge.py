from odoo import api, models


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
            self.member_ids |= other.member_ids
            self.sponsor_id = self.sponsor_id or other.sponsor_id
            self.user_id = self.user_id or other.user_id
            self.env['ir.attachment'].search(
                [('res_model', '=', self._name), ('res_id', '=', other.id)]).res_id = self.id
        others.unlink()
