{
    'name': 'Key Account Care: Example of a Rule',
    'version': '19.0.1.0.0',
    'summary': 'What another addon needs for a warning rule of its own: one selection value and one method',
    'category': 'Hidden',
    'author': 'Key Account Care maintainers',
    'license': 'LGPL-3',
    'depends': ['key_account_care'],
    'data': ['data/key_account_risk_rule_data.xml'],
}
