from . import test_shop_prices
