import binascii

import psycopg2
from odoo import SUPERUSER_ID, http
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager
from odoo.exceptions import RedirectWarning, UserError
from odoo.http import request
from odoo.tools.image import base64_to_image

HISTORY = 'my_key_account_agreements_history'


class AgreementPortal(CustomerPortal):
    """*My agreements*: the customer reads what was agreed and what is left of it, signs or declines."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'key_account_agreement_count' in counters:
            values['key_account_agreement_count'] = self._get_agreements().search_count(self._get_agreement_domain())
        return values

    @http.route(
        ['/my/agreements', '/my/agreements/page/<int:page>'], type='http', auth='user', website=True)
    def portal_my_agreements(self, page=1, refused=None, **kwargs):
        """List what the customer of the user agreed on with us."""
        Agreement, domain = self._get_agreements(), self._get_agreement_domain()
        pager = portal_pager(
            url='/my/agreements', total=Agreement.search_count(domain), page=page, step=self._items_per_page)
        agreements = Agreement.search(domain, limit=self._items_per_page, offset=pager['offset'])
        request.session[HISTORY] = agreements.ids[:100]
        return request.render('key_account_care.portal_my_agreements', {
            **self._prepare_portal_layout_values(),
            'agreements': agreements,
            'customer': request.env.user.partner_id.commercial_partner_id,
            'pager': pager,
            'page_name': 'key_account_agreement',
            'default_url': '/my/agreements',
            'refused': bool(refused),
        })

    @http.route('/my/agreements/<int:agreement_id>', type='http', auth='public', website=True)
    def portal_agreement(self, agreement_id, access_token=None, report_type=None, download=False, message=None, **kwargs):
        """Show one agreement, or its PDF."""
        agreement, role = self._find_agreement(agreement_id, access_token)
        if not role:
            return self._refuse(agreement_id)
        if report_type == 'pdf' and role != 'covered':
            return self._show_agreement_pdf(agreement, download)
        if request.env.user._is_public() and agreement.partner_id.lang:
            request.update_context(lang=agreement.partner_id.lang)
            agreement = agreement.with_context(lang=agreement.partner_id.lang)
        return request.render(
            'key_account_care.portal_agreement', self._prepare_agreement_values(agreement, role, message, **kwargs))

    @http.route('/my/agreements/<int:agreement_id>/accept', type='jsonrpc', auth='public', website=True)
    def portal_agreement_accept(self, agreement_id, access_token=None, digest=None, name=None, signature=None):
        """Sign in the name of the customer."""
        # the form of Odoo's portal posts name and signature; the rest is in the address that it posts to
        access_token = access_token or request.httprequest.args.get('access_token')
        digest = digest or request.httprequest.args.get('digest')
        agreement, role = self._find_agreement(agreement_id, access_token)
        error = self._get_sign_error(agreement, role, digest, (name or '').strip(), signature)
        if error:
            return {'error': error}
        try:
            with request.env.cr.savepoint():
                agreement._sign_for_customer(name.strip(), signature, self._get_author(agreement))
        except (UserError, RedirectWarning, psycopg2.errors.ExclusionViolation) as problem:
            agreement._tell_cannot_sign(name.strip(), str(problem.args[0]))
            return {'error': request.env._(
                "The agreement cannot be put in force at the moment, so nothing was signed. "
                "We have told %(responsible)s, who will contact you.",
                responsible=agreement.user_id.name or agreement.company_id.name)}
        return {'force_refresh': True, 'redirect_url': agreement.get_portal_url(query_string='&message=signed')}

    @http.route(
        '/my/agreements/<int:agreement_id>/decline', type='http', auth='public', methods=['POST'], website=True)
    def portal_agreement_decline(self, agreement_id, access_token=None, reason=None, **kwargs):
        """Note that the customer does not want the agreement, and why."""
        agreement, role = self._find_agreement(agreement_id, access_token)
        if not role:
            return self._refuse(agreement_id)
        if role == 'customer' and agreement.state == 'sent' and (reason or '').strip():
            agreement._decline_for_customer(reason.strip(), self._get_author(agreement))
            return request.redirect(agreement.get_portal_url(query_string='&message=declined'))
        return request.redirect(f'/my/agreements/{agreement_id}?access_token={access_token or ""}&message=cannot_decline')

    # ------------------------------------------------------------
    # Who may see what
    # ------------------------------------------------------------

    def _get_agreements(self):
        # superuser: customers have no rights on agreements; the domain or the role tells which of them are theirs
        return request.env['key.account.agreement'].with_user(SUPERUSER_ID)

    def _get_agreement_domain(self):
        return request.env['key.account.agreement']._get_portal_domain(request.env.user.partner_id)

    def _find_agreement(self, agreement_id, access_token):
        """:return: the agreement as superuser, and what the visitor may do with it; see ``_get_portal_role``"""
        agreement = self._get_agreements().browse(agreement_id).exists()
        if not agreement:
            return agreement, None
        return agreement.with_company(agreement.company_id), agreement._get_portal_role(request.env.user, access_token)

    def _refuse(self, agreement_id):
        """Whoever is not logged in may do so and come back; others see their own agreements, and why."""
        if request.env.user._is_public():
            return request.redirect_query('/web/login', {'redirect': f'/my/agreements/{agreement_id}'})
        return request.redirect('/my/agreements?refused=1')

    def _get_sign_error(self, agreement, role, digest, name, signature):
        """:return: str, why the customer cannot sign like this; None when it can"""
        if role != 'customer':
            return request.env._("Only %(customer)s can sign this agreement.", customer=agreement.partner_id.name) \
                if role else request.env._("This agreement is not for you to sign. Use the link in our mail to you.")
        if agreement.state == 'signed':
            return request.env._("This agreement is signed already. Load the page again to see it.")
        if not agreement._can_customer_sign():
            return agreement._get_portal_problem()
        if digest != agreement._get_terms_digest():
            return request.env._("The agreement was changed meanwhile. Load the page again and read it once more.")
        if not name or not signature:
            return request.env._("Write your name and draw your signature.")
        try:
            base64_to_image(signature)
        except (UserError, TypeError, ValueError, binascii.Error):
            return request.env._("The signature cannot be read. Draw it again.")
        return None

    def _get_author(self, agreement):
        return agreement.partner_id if request.env.user._is_public() else request.env.user.partner_id.sudo()  # own contact

    # ------------------------------------------------------------
    # What is shown
    # ------------------------------------------------------------

    def _prepare_agreement_values(self, agreement, role, message, **kwargs):
        own = role in ('customer', 'seller')  # others read prices only
        was_signed = agreement.state in ('signed', 'closed') and agreement.close_reason != 'declined'
        values = {
            'agreement': agreement,
            'lines': agreement._get_document_lines(
                agreement._get_day(agreement.company_id), with_left=own and was_signed, prices_only=not own),
            'conditions': own and agreement._get_conditions(),
            'prices_only': not own,
            'own': own,
            'can_sign': role == 'customer' and agreement._can_customer_sign(),
            'problem': own and agreement._get_portal_problem(),
            'message': message,
            'digest': agreement._get_terms_digest(),
            'report_type': 'html',
            'res_company': agreement.company_id,  # whose logo and colors the page has
            'page_name': 'key_account_agreement',
            'bootstrap_formatting': True,
        }
        # only the customer itself gets the token: it is the right to sign and to read the messages
        return self._get_page_view_values(
            agreement, role == 'customer' and agreement._portal_ensure_token(), values, HISTORY, False, **kwargs)

    def _show_agreement_pdf(self, agreement, download):
        """The document that was signed; before that the agreement as it is now."""
        if not agreement.document:
            return self._show_report(
                model=agreement, report_type='pdf', report_ref='key_account_care.action_report_agreement',
                download=download)
        return request.env['ir.binary']._get_stream_from(
            agreement, 'document', filename=agreement.document_name, mimetype='application/pdf',
        ).get_response(as_attachment=bool(download))
