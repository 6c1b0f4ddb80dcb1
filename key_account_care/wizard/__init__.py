from . import base_partner_merge
from . import key_account_agreement_bundle
from . import key_account_agreement_bundle_line
from . import key_account_agreement_bundle_price
from . import key_account_agreement_end
from . import key_account_departure
from . import key_account_tier_decide
from . import key_account_tier_set
