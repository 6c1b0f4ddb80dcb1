from . import base_partner_merge
from . import key_account_tier_decide
from . import key_account_tier_set
