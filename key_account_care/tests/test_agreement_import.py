from odoo.tools import file_open

from .agreement_common import AgreementCommon


class TestAgreementImport(AgreementCommon):
    """Lines come from a spreadsheet by Odoo's own import."""

    def _load(self, agreement, count):
        products = self.env['product.product'].create([
            {'name': f"Part {agreement.id}-{number}", 'type': 'service', 'taxes_id': False} for number in range(count)])
        rows = [[str(agreement.id), str(product.id), '12.5', 'quantity', '10', '100'] for product in products]
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.cr.sql_log_count
        result = self.env['key.account.agreement.line'].load(
            ['agreement_id/.id', 'product_id/.id', 'price_unit', 'commitment', 'commit_min', 'commit_max'], rows)
        self.env.flush_all()
        self.assertFalse(result['messages'])
        return self.cr.sql_log_count - before

    def test_import_takes_no_more_queries_per_line_when_there_are_many(self):
        agreement = self.create_agreement(sign=False)
        other = self.create_agreement(sign=False)
        self._load(agreement, 1)
        few, many = self._load(agreement, 20), self._load(other, 200)
        self.assertLessEqual(many / 200, few / 20)
        self.assertEqual(other.line_count, 201)

    def test_imported_lines_that_overlap_are_refused_by_name(self):
        agreement = self.create_agreement(sign=False)
        result = self.env['key.account.agreement.line'].load(
            ['agreement_id/.id', 'product_id/.id', 'price_unit'], [[str(agreement.id), str(self.product.id), '1']])
        self.assertIn("Rope", result['messages'][0]['message'])

    def test_template_for_import(self):
        """The file that the import screen offers has columns that Odoo finds."""
        agreement = self.create_agreement({'price_unit': 80.0}, sign=False)
        knot = self.create_product(name="Knot", default_code="KNOT")
        (template,) = agreement.line_ids.get_import_templates()
        with file_open(template['template'].strip('/')) as file:
            header = file.read()
        row = f"{agreement.name},Variant,[KNOT] Knot,,,Units,Fixed price,12.5,,,Quantity,10,100\n"
        upload = self.env['base_import.import'].create({
            'res_model': agreement.line_ids._name, 'file': (header + row).encode(), 'file_name': 'lines.csv',
            'file_type': 'text/csv'})
        options = {'has_headers': True, 'quoting': '"', 'separator': ',', 'encoding': 'utf-8'}
        preview = upload.parse_preview(options)
        names = [preview['matches'][column][0] for column in range(len(preview['headers']))]
        result = upload.execute_import(names, preview['headers'], {**preview['options'], 'float_decimal_separator': '.'})
        self.assertFalse(result['messages'])
        self.assertRecordValues(agreement.line_ids[1:], [{
            'product_id': knot.id, 'price_unit': 12.5, 'commitment': 'quantity', 'commit_min': 10.0, 'commit_max': 100.0}])
