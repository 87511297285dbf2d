"""A day in the shop: most look around, some buy, a few wait for the sale."""

from __future__ import annotations

import browsing
import flash_sale
import shopper


class Browser(browsing.Browser):
    weight = 70


class Shopper(shopper.Shopper):
    weight = 25


class Buyer(flash_sale.Buyer):
    weight = 5
