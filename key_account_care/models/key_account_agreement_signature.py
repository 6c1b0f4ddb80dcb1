from base64 import b64decode, b64encode

from odoo import api, fields, models
from odoo.exceptions import UserError

PROOFS = frozenset({'signed_by', 'signed_on', 'signature', 'document'})  # written by signing, never by hand
BY_STEPS = ('pricelist_id', 'date_stop', 'close_reason', 'close_note')  # no draft has them


class KeyAccountAgreement(models.Model):
    """How an agreement gets to the customer and back: sent by mail, signed in the portal or on paper, and kept."""
    _inherit = 'key.account.agreement'

    shared_on = fields.Datetime(
        string="Shared on", compute='_compute_shared_on', store=True,
        help="Since then the customer sees the agreement in the portal. A draft is never shown.")
    signed_by = fields.Char(readonly=True, copy=False, help="The customer's person who signed in the portal.")
    signed_on = fields.Datetime(readonly=True, copy=False)
    signature = fields.Image(readonly=True, copy=False, attachment=True, max_width=1024, max_height=1024)
    document = fields.Binary(
        string="Signed Document", readonly=True, copy=False, attachment=True,
        help="The agreement as it was when it was signed.")
    document_name = fields.Char(compute='_compute_document_name')
    signed_copy = fields.Binary(
        copy=False, attachment=True, help="What the customer signed on paper, as a file.")
    signed_copy_name = fields.Char(string="Name of the Signed Copy", copy=False)

    @api.depends('state')
    def _compute_shared_on(self):
        for agreement in self:
            if agreement.state == 'draft':
                agreement.shared_on = False
            elif agreement.state == 'closed':
                agreement.shared_on = agreement.shared_on
            else:
                agreement.shared_on = agreement.shared_on or fields.Datetime.now()

    @api.depends('name', 'revision')
    def _compute_document_name(self):
        for agreement in self:
            agreement.document_name = f"{agreement._get_report_base_filename()}.pdf"

    def _get_report_base_filename(self):
        return f"{self.name}-{self.revision}" if self.revision else self.name

    # ------------------------------------------------------------
    # What was signed stays
    # ------------------------------------------------------------

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when an agreement would be made that looks signed already"""
        if not self.env.su:
            for vals in vals_list:
                self._check_no_proofs(vals)
                if vals.get('state', 'draft') != 'draft' or any(vals.get(name) for name in BY_STEPS):
                    raise UserError(self.env._("A new agreement is a draft. Use “Sign” once its lines are there."))
        return super().create(vals_list)

    def write(self, vals):
        """:raise UserError: when somebody would sign by hand in the customer's name, or replace what was signed"""
        if not self.env.su:
            self._check_no_proofs(vals)
            if 'signed_copy' in vals:
                self._check_copy_not_kept()
        return super().write(vals)

    @api.model
    def _check_no_proofs(self, vals):
        if any(vals.get(name) for name in PROOFS) or PROOFS & vals.keys() and self:
            raise UserError(self.env._(
                "A signature is given in the portal. For one on paper, upload the signed copy and use “Sign”."))

    def _check_copy_not_kept(self):
        for agreement in self:
            if agreement.state in ('signed', 'closed') and agreement.signed_copy:
                raise UserError(self.env._(
                    "%(agreement)s is signed: its signed copy stays. Add further files to the messages.",
                    agreement=agreement.display_name))

    # ------------------------------------------------------------
    # Send
    # ------------------------------------------------------------

    def action_send(self):
        """Open the composer with the mail to the customer and the agreement as PDF. Sending it makes it *sent*.

        :raise UserError: when there is nothing to agree on
        """
        self.ensure_one()
        self.check_access('write')
        if not self.line_count:
            raise UserError(self.env._(
                "%(agreement)s has no lines. Add what was agreed, then send.", agreement=self.display_name))
        return self._open_key_account_composer(
            self.env._("Send"), 'key_account_care.mail_template_agreement_send',
            default_email_layout_xmlid='mail.mail_notification_layout_with_responsible_signature',
            email_notification_allow_footer=True, hide_mail_template_management_options=True, key_account_mark_sent=True)

    def _process_attachments_for_template_post(self, mail_template):
        """Attach the PDF to the mail. Where PDFs cannot be made, the link in the mail has to do."""
        if mail_template != self.env.ref('key_account_care.mail_template_agreement_send', raise_if_not_found=False):
            return {}
        documents = {agreement: agreement._render_document(tell=False) for agreement in self}
        return {
            agreement.id: {'attachments': [(agreement.document_name, document)]}
            for agreement, document in documents.items() if document}

    def action_preview(self):
        """Open the agreement as the customer sees it."""
        self.ensure_one()
        return {'type': 'ir.actions.act_url', 'target': 'self', 'url': self.get_portal_url()}

    def message_post(self, **kwargs):
        """Post; the context key ``key_account_mark_sent`` (set by *Send*) tells that drafts are with the customer now."""
        if self.env.context.get('key_account_mark_sent'):
            self._move('draft', 'sent')
            kwargs.setdefault('notify_author_mention', True)
        return super().message_post(**kwargs)

    def _get_portal_button(self):
        if self.state == 'sent':
            return self.env._("Read and Sign")
        return self.env._("View Agreement") if self.state != 'draft' else ''

    # ------------------------------------------------------------
    # Sign
    # ------------------------------------------------------------

    def _sign(self):  # pylint: disable=missing-return
        super()._sign()
        for agreement in self.sudo():  # sudo: nobody writes proofs by hand, see write
            agreement.signed_on = agreement.signed_on or fields.Datetime.now()
            agreement.document = agreement._render_document()

    def _render_document(self, tell=True):
        """:param bool tell: whether to tell the responsible where PDFs cannot be made
        :return: the PDF in base64; False where it cannot be made
        """
        self.ensure_one()
        self.env.flush_all()  # styles of the PDF are asked for by another request
        try:
            # sudo: the document is the same whoever signs
            pdf, __ = self.env['ir.actions.report'].sudo().with_company(self.company_id)._render_qweb_pdf(
                'key_account_care.action_report_agreement', self.ids)
        except UserError as error:
            if tell:
                self.message_post(body=self.env._("The PDF could not be made: %(reason)s", reason=str(error)))
            return False
        return b64encode(pdf)

    def _sign_for_customer(self, name, signature, author):
        """Put the agreement in force by a signature that was drawn in the portal, and tell the responsible.

        :param str name: who signed
        :param signature: image in base64
        :param res.partner author: in whose name it is posted
        :raise UserError: when the agreement cannot be signed as it is; then nothing is kept
        """
        self.ensure_one()
        self.write({'signed_by': name, 'signed_on': fields.Datetime.now(), 'signature': signature})
        self._sign()
        self._tell_responsible(self.env._("Signed by %(name)s", name=name), author, with_document=True)

    def _decline_for_customer(self, reason, author):
        """Close an agreement that the customer does not want, and tell the responsible."""
        self.ensure_one()
        self._close('declined', reason)
        self._tell_responsible(self.env._("Declined: %(reason)s", reason=reason), author)

    def _tell_cannot_sign(self, name, reason):
        """Tell the responsible, and nobody else, that the customer wanted to sign and why it did not work."""
        self.ensure_one()
        self.message_post(
            body=self.env._("%(name)s wanted to sign, but: %(reason)s", name=name, reason=reason),
            message_type='comment', subtype_xmlid='mail.mt_note', partner_ids=self.user_id.partner_id.ids)

    def _tell_responsible(self, body, author, with_document=False):
        attachments = [(self.document_name, b64decode(self.document))] if with_document and self.document else []
        self.message_post(
            body=body, author_id=author.id, message_type='comment', subtype_xmlid='mail.mt_comment',
            partner_ids=self.user_id.partner_id.ids, attachments=attachments)
