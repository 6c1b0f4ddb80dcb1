from . import key_account_demo
from . import key_account_demo_sales
from . import key_account_demo_agreements
from . import key_account_demo_relationships
from . import key_account_demo_feedback
from . import key_account_demo_promises
from . import key_account_demo_reviews
from . import key_account_demo_products
