from . import feedback
from . import portal
from . import portal_review
