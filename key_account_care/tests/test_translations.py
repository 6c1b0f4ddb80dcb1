import re

import polib
from lxml import etree
from odoo.modules import Manifest
from odoo.tests import TransactionCase, tagged
from odoo.tools.misc import file_path
from odoo.tools.translate import TranslationModuleReader, code_translations

MODULE = 'key_account_care'
LANGUAGES = ('nb', 'sv', 'sl')
MARK = re.compile(r'%\(\w+\)[sd]|%[%sd]|</?\w+')  # placeholders and tags


@tagged('post_install', '-at_install')
class TestTranslations(TransactionCase):
    """Every text of the addon is in the template, and every text of the template is translated."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.template = polib.pofile(file_path(f'{MODULE}/i18n/{MODULE}.pot'))

    # ------------------------------------------------------------
    # Files
    # ------------------------------------------------------------

    def test_every_term_is_translated(self):
        terms = {entry.msgid for entry in self.template}
        for language in LANGUAGES:
            with self.subTest(language=language):
                entries = polib.pofile(file_path(f'{MODULE}/i18n/{language}.po'))
                translated = {entry.msgid for entry in entries if entry.translated() and not entry.obsolete}
                self.assertEqual(terms - translated, set(), "These are not translated")
                self.assertEqual({entry.msgid for entry in entries} - terms, set(), "These are not in the template")

    def test_placeholders_and_tags_are_kept(self):
        for language in LANGUAGES:
            with self.subTest(language=language):
                entries = polib.pofile(file_path(f'{MODULE}/i18n/{language}.po'))
                wrong = [entry.msgid for entry in entries if self._get_marks(entry.msgstr) != self._get_marks(entry.msgid)]
                self.assertEqual(wrong, [])

    def _get_marks(self, text):
        return sorted(MARK.findall(text))

    def test_template_is_up_to_date(self):
        terms = {entry.msgid for entry in self.template}
        rows = [row for row in TranslationModuleReader(self.env.cr, modules=[MODULE]) if not self._is_demo(row)]
        own = {source for _module, _type, _name, record, source, *_rest in rows if self._is_own(record)}
        self.assertEqual(own - terms, set(), "Export the template again, and translate these")
        self.assertEqual(terms - {row[4] for row in rows}, set(), "Export the template again: nothing uses these")

    def _is_demo(self, row):
        """Whether a row is about a record of the demo data. A product makes its template as well."""
        _module, kind, _name, record, *_rest = row
        return kind != 'code' and record.split('.')[1].removesuffix('_product_template') in self._get_demo_names()

    def _get_demo_names(self):
        if not hasattr(self, '_demo_names'):
            self._demo_names = {
                element.get('id')
                for path in Manifest.for_addon(MODULE)['demo'] if path.endswith('.xml')
                for element in etree.parse(file_path(f'{MODULE}/{path}')).iter('record')}
        return self._demo_names

    def _is_own(self, record_name):
        """Whether a record is of the addon: other addons that are installed add fields to our models."""
        record = self.env.ref(record_name, raise_if_not_found=False) if isinstance(record_name, str) else None
        if record is None or record._name != 'ir.model.fields':
            return True
        return MODULE in self.env[record.model]._fields[record.name]._modules

    # ------------------------------------------------------------
    # In use
    # ------------------------------------------------------------

    def test_norwegian_user_reads_norwegian(self):
        self.env['res.lang']._activate_lang('nb_NO')
        self.env['ir.module.module']._get(MODULE)._update_translations(['nb_NO'])
        env = self.env(context={**self.env.context, 'lang': 'nb_NO'})
        self.assertEqual(env.ref(f'{MODULE}.menu_root').name, "Nøkkelkunder")
        self.assertEqual(env.ref(f'{MODULE}.tier_strategic').name, "Strategisk")
        fields = env['key.account'].fields_get(['tier_id', 'lifecycle'])
        self.assertEqual(fields['tier_id']['string'], "Nivå")
        self.assertIn(('lost', "Tapt"), fields['lifecycle']['selection'])
        self.assertIn("Oppdater nå", env['key.account'].get_view(view_type='form')['arch'])
        tier = env['key.account.tier'].new({'name': "Ti", 'rule': 'top', 'top_count': 10})
        self.assertEqual(tier.rule_summary, "Topp 10 kunder")

    def test_web_client_gets_its_terms(self):
        terms = code_translations.get_web_translations(MODULE, 'sl_SI')['messages']
        self.assertIn({'id': "Border of %(tier)s", 'string': "Meja ravni %(tier)s"}, [dict(term) for term in terms])
