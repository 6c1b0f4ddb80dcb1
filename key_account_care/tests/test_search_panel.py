from unittest.mock import patch

from odoo.addons.web.models.models import Base
from odoo.tests import new_test_user

from .common import KeyAccountCommon


class TestSearchPanel(KeyAccountCommon):
    """The panel beside the accounts shows what Odoo's own would show; it only counts faster."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sellers = [
            new_test_user(
                cls.env, login=login, name=name, groups='sales_team.group_sale_salesman',
                company_id=cls.company.id, company_ids=cls.company.ids)
            for login, name in (('zoe', "Zoe"), ('ada', "Ada"))]
        tiers = cls.env['key.account.tier'].search([], limit=2)
        cls.accounts = cls.env['key.account'].create([
            {'partner_id': cls.env['res.partner'].create({'name': f"Customer {number}"}).id, 'user_id': seller.id}
            for number, seller in enumerate((*cls.sellers, cls.sellers[0]))])
        cls.accounts[0].tier_id = tiers[0]
        cls.accounts[1].tier_id = tiers[1]

    def get_values(self, field_name, **options):
        """What the web client gets for a field of the panel."""
        Account = self.env['key.account'].with_user(self.sellers[0])
        return Account.search_panel_select_multi_range(field_name, **{
            'category_domain': [], 'comodel_domain': [], 'filter_domain': [], 'search_domain': [], 'group_domain': [],
            'enable_counters': True, 'expand': False, 'group_by': False, 'limit': 200, **options})['values']

    def test_same_as_odoo(self):
        for field_name in ('tier_id', 'user_id', 'lifecycle'):
            for options in ({}, {'enable_counters': False}, {'search_domain': [('id', 'in', self.accounts[:1].ids)]}):
                with self.subTest(field_name=field_name, **options):
                    ours = self.get_values(field_name, **options)
                    with patch.object(
                            self.registry['key.account'], '_search_panel_domain_image', Base._search_panel_domain_image):
                        self.assertEqual(ours, self.get_values(field_name, **options))

    def test_managers_are_sorted_and_counted(self):
        self.accounts.user_id = self.sellers[0]
        self.accounts[2].user_id = False
        self.assertEqual(
            [(value['display_name'], value['__count']) for value in self.get_values('user_id')], [("Zoe", 2)])
