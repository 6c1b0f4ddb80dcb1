from odoo import fields, models
from odoo.fields import Domain

COLUMNS = 12  # of their people beside one another on a page
# of a page that has no style sheet to ask: pale to full green, as on the screen
STRENGTH_COLORS = ('#ffffff', '#dff3e4', '#bfe6c8', '#9fdaad', '#7fcd92', '#5fc177')
STANCE_COLORS = {
    'champion': '#28a745', 'supporter': '#8fd19e', 'neutral': '#adb5bd', 'critic': '#f0ad4e', 'opponent': '#dc3545'}


class KeyAccount(models.Model):
    """The relationship map and the org chart on paper."""
    _inherit = 'key.account'

    def _get_printed_maps(self):
        """:return: list of the parts of the map that fit on a page: dicts of ``people`` (as columns), and ``rows``, each a
            dict of ``user`` and ``cells``, which are dicts of ``text``, ``arrow``, ``color`` and ``is_gap``
        """
        self.ensure_one()
        values = self.get_relationship_map()
        cells = {(cell['user_id'], cell['partner_id']): cell for cell in values['cells']}
        pages = [values['theirs'][start:start + COLUMNS] for start in range(0, len(values['theirs']), COLUMNS)]
        return [{
            'people': people,
            'rows': [{
                'user': user,
                'cells': [self._prepare_printed_cell(cells.get((user['id'], person['id']))) for person in people],
            } for user in values['ours']],
        } for people in pages]

    def _prepare_printed_cell(self, cell):
        strength = cell['strength'] if cell else 0
        return {
            'text': strength or '',
            'arrow': {'up': '↑', 'down': '↓'}.get(strength and cell['trend'], ''),
            'color': STRENGTH_COLORS[min(-(-strength // 20), len(STRENGTH_COLORS) - 1)],
            'is_gap': bool(cell and cell['is_gap'])}

    def _get_printed_org_chart(self):
        """:return: list of dicts of ``person``, ``depth`` and ``color``: everybody below whom they report to"""
        self.ensure_one()
        people = self._get_people().get(self, self.env['res.partner']).sorted(
            lambda person: (-int(person.key_account_seniority or 0), person.name or ''))
        reports = people.grouped('key_account_reports_to_id')
        lines, seen = [], set()

        def add(person, depth):
            if person.id in seen:  # an import can make a circle
                return
            seen.add(person.id)
            lines.append({'person': person, 'depth': depth, 'color': STANCE_COLORS.get(person.key_account_stance, '#ffffff')})
            for report in reports.get(person, ()):
                add(report, depth + 1)

        # who is in a chart comes before those of whom nobody knows where they belong
        heads = people.filtered(lambda person: person.key_account_reports_to_id not in people)
        for person in heads.sorted(lambda person: person not in reports) + people:
            add(person, 0)
        return lines

    # ------------------------------------------------------------
    # Handover pack
    # ------------------------------------------------------------

    def _get_handover_pack(self):
        """:return: dict of what the next manager has to know, as far as the reader may see it"""
        self.ensure_one()
        today = fields.Date.context_today(self)
        people = self._get_people().get(self, self.env['res.partner'])
        activities = self._get_pack_activities(people)
        return {
            'introductions': activities.filtered('key_account_relationship_id'),
            'activities': activities.filtered(lambda activity: not activity.key_account_relationship_id),
            'agreements': self.agreement_ids.filtered(lambda agreement: agreement.state != 'closed'),
            'leakage': self._get_pack_leakage(today),
            'meetings': self.env['calendar.event'].search([
                ('partner_ids', 'in', people.ids), ('start', '>=', fields.Datetime.now())], order='start', limit=10),
        }

    def _get_pack_activities(self, people):
        """:return: mail.activity that is open on the account, its agreements, people, offers and opportunities"""
        partners = people | self.partner_id
        records = {
            self._name: self.ids, 'key.account.agreement': self.agreement_ids.ids, 'res.partner': partners.ids,
            'sale.order': self.env['sale.order'].search([
                ('partner_id', 'in', partners.ids), ('company_id', '=', self.company_id.id), ('activity_ids', '!=', False)]).ids,
            'crm.lead': self.env['crm.lead'].search([
                ('partner_id', 'in', partners.ids), ('company_id', 'in', (False, self.company_id.id)),
                ('activity_ids', '!=', False)]).ids}
        domain = Domain.OR(
            Domain('res_model', '=', model) & Domain('res_id', 'in', ids) for model, ids in records.items())
        return self.env['mail.activity'].search(domain, order='date_deadline, id')

    def _get_pack_leakage(self, today):
        """:return: list of tuples (variant, reason, purchases, amount in the currency of the agreement, currency)"""
        reasons = dict(self.env['key.account.leakage']._fields['reason']._description_selection(self.env))
        groups = self.env['key.account.leakage']._read_group([
            ('account_id', '=', self.id), ('covered', '=', True), ('date', '>', fields.Date.subtract(today, years=1)),
        ], ['product_id', 'reason', 'currency_id'], ['__count', 'amount:sum'], order='amount:sum desc', limit=15)
        return [
            (product, reasons.get(reason, ''), count, amount, currency)
            for product, reason, currency, count, amount in groups]
