from odoo import api, models


class KeyAccountRelationship(models.Model):
    """What is deleted, or turns out to be somebody else's, leaves no news for the night: those it counted for are noted."""
    _inherit = 'key.account.relationship'

    @api.model
    def _note_stale_people(self, people):
        """Have the next run count all that these people exchanged anew.

        :param res.partner people: of customers; others do no harm
        """
        # sudo: relationships are counted by the nightly run, whoever deletes what was exchanged
        self.sudo().search([('partner_id', 'in', people.ids)]).is_stale = True

    @api.model
    def _note_stale_activities(self, activities):
        """Have the next run count anew all that some of these activities may have counted for.

        Their documents can be gone already, so that nobody can tell the contact any more.

        :param mail.activity activities: those that are not done count for nobody
        """
        done = activities.filtered(lambda activity: not activity.active and activity.date_done)
        for user, of_user in done.grouped('user_id').items():
            # sudo: as above
            self.sudo().search([
                ('user_id', '=', user.id), ('last_out', '>=', min(of_user.mapped('date_done')))]).is_stale = True

    @api.model
    def _note_stale_documents(self, documents, vals):
        """Have the next run count anew all that activities about these documents may have counted for.

        :param documents: of a model whose done activities are exchanges with its contact
        :param dict vals: what is about to be written; only another contact matters
        """
        if 'partner_id' not in vals:
            return
        moved = documents.filtered(lambda document: document.partner_id.id != vals['partner_id'])
        # sudo: which activities were done does not depend on who changes the document
        self._note_stale_activities(self.env['mail.activity'].sudo().search([
            ('res_model', '=', moved._name), ('res_id', 'in', moved.ids), ('active', '=', False)]))
