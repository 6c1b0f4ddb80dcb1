from datetime import timedelta

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import freeze_time, tagged

from .common import TODAY
from .relationship_common import RelationshipCommon


@tagged('post_install', '-at_install')
class TestJudgements(RelationshipCommon):
    """What people judge about contacts, and since when it is confirmed."""

    def test_making_a_judgement_confirms_it(self):
        self.ada.write({'key_account_stance': 'critic', 'key_account_seniority': '4'})
        self.assertEqual(self.ada.key_account_stance_confirmed_on, TODAY)
        self.assertFalse(self.ada.key_account_influence_confirmed_on)
        self.assertEqual(self.ada.key_account_confirmed_on, TODAY)

    def test_still_true_confirms_all_in_one_click(self):
        self.ada.write({'key_account_stance': 'critic', 'key_account_area_id': self.env['key.account.area'].search([], limit=1)})
        later = TODAY + timedelta(days=200)
        with freeze_time(later):
            self.ada.key_account_seniority = '5'
            self.assertEqual(self.ada.key_account_confirmed_on, TODAY)
            self.ada.action_key_account_still_true()
        self.assertEqual(self.ada.key_account_confirmed_on, later)
        self.assertEqual(self.ada.key_account_stance_confirmed_on, later)
        self.assertFalse(self.ada.key_account_influence_confirmed_on)

    def test_created_with_roles(self):
        role = self.env['key.account.buying.role'].search([], limit=1)
        person = self.env['res.partner'].create({
            'name': "Dee", 'parent_id': self.customer.id, 'key_account_role_ids': [Command.link(role.id)]})
        self.assertEqual(person.key_account_role_ids_confirmed_on, TODAY)

    def test_judgement_taken_back(self):
        self.ada.key_account_stance = 'critic'
        self.ada.key_account_stance = False
        self.assertFalse(self.ada.key_account_stance_confirmed_on)
        self.assertFalse(self.ada.key_account_confirmed_on)

    def test_nobody_reports_to_themselves(self):
        self.ada.key_account_reports_to_id = self.bea
        self.bea.key_account_reports_to_id = self.cid
        with self.assertRaises(ValidationError):
            self.cid.key_account_reports_to_id = self.ada
        with self.assertRaises(ValidationError):
            self.ada.key_account_reports_to_id = self.ada
