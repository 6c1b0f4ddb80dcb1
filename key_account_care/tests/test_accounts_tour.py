from datetime import timedelta

from .common import KeyAccountCommon
from .tour_common import TourCommon


class TestAccountsTour(KeyAccountCommon, TourCommon):
    """A salesperson looks at the best account in a browser, sees where its revenue comes from and proposes a tier."""

    def test_tour(self):
        self.set_tiers({'rule': 'top', 'top_count': 1}, {'rule': 'amount', 'amount_min': 0})
        for name, amount in (("North Harbor", 900), ("South Harbor", 100)):
            customer = self.create_customer(name, user_id=self.salesperson.id)
            self.create_invoice(customer, self.today - timedelta(days=30), amount, invoice_user_id=self.salesperson.id)
        self.refresh()
        self.start_tour('/odoo/key-accounts', 'key_account_care_accounts', login=self.salesperson.login)
        proposal = self.env['key.account.tier.change'].search(
            [('company_id', '=', self.company.id), ('state', '=', 'proposed')])
        self.assertEqual(proposal.account_id.partner_id.name, "North Harbor")
        self.assertEqual((proposal.tier_to_id.name, proposal.user_id), ("Tier 2", self.salesperson))
