{
    'name': 'Key Account Care: Web Shop',
    'version': '19.0.1.0.0',
    'summary': 'Customers with a framework agreement buy at the agreed prices in the web shop',
    'category': 'Website/Website',
    'author': 'Key Account Care maintainers',
    'license': 'LGPL-3',
    'depends': [
        'key_account_care',
        'website_sale',
    ],
    'auto_install': True,
}
