from . import product_pricelist
