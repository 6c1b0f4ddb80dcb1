from odoo.tests import tagged

from .common import KeyAccountCommon
from .tour_common import TourCommon


@tagged('post_install', '-at_install')
class TestPromiseTour(KeyAccountCommon, TourCommon):
    """A salesperson promises something from the account, keeps it, and sees it count."""

    def test_tour(self):
        customer = self.create_customer("Harbor Works", contacts=["Ada"])
        account = self.env['key.account'].create({'partner_id': customer.id, 'user_id': self.salesperson.id})
        self.start_tour(f'/odoo/key-accounts/{account.id}', 'key_account_care_promises', login=self.salesperson.login)
        self.assertRecordValues(account.promise_ids, [{
            'name': "Send the new drawings", 'state': 'kept', 'contact_id': customer.child_ids.id,
            'user_id': self.salesperson.id}])
