from . import key_account_risk_rule
