"""The products to look at and to buy, and how popular each is."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from urllib.parse import quote

import gevent

from answers import Json
from connection import NO_ANSWER, Connection, Response
from options import Settings, SettingsError
from zipf import Zipf

PATIENCE_SECONDS = 5.0
INDEX_PATIENCE_SECONDS = 120.0
SAMPLE = 100
AT_FIRST_SECONDS = 0.5
"""Of a product that gets hot: whether it was ready for that shows here, and is lost in a whole second."""


@dataclass(frozen=True)
class Catalogue:
    size: int
    queries: tuple[str, ...]
    """Words that find something, as they stand in a URL."""
    categories: tuple[tuple[str, str], ...]
    """Names, and as they stand in a URL."""


def learn_catalogue(settings: Settings, say: Callable[[str], None]) -> Catalogue:
    """
    Asks every host whether it is a shop that is ready, and the first one what it sells.

    Raises SettingsError.
    """
    catalogues = [_learn_from(host, settings.catalogue_size, say) for host in settings.hosts]
    first = catalogues[0]
    if settings.hot_product > first.size:
        raise SettingsError(f"--hot-product must be one of the products 1 to {first.size}")
    return first


class Demand:
    """Draws products: by Zipf's law, the lower the number the more popular, with a share for the hot one."""

    def __init__(self, settings: Settings, size: int) -> None:
        self._zipf = Zipf(size, settings.zipf)
        self._hot_product = settings.hot_product
        self._hot_share = settings.hot_share
        self._hot_from = time.perf_counter() + settings.hot_at

    def draw(self, random: Random) -> int:
        if self._hot_share and random.random() < self._hot_share and time.perf_counter() >= self._hot_from:
            return self._hot_product
        return self._zipf.draw(random)

    def label(self, product: int, due: float) -> str:
        """The name under which a read of the hot product is counted; `due` on `time.perf_counter`."""
        if not self._hot_share or product != self._hot_product:
            return ""
        return " (hot, at first)" if due < self._hot_from + AT_FIRST_SECONDS else " (hot)"


def _learn_from(host: str, size: int, say: Callable[[str], None]) -> Catalogue:
    connection = Connection(host, PATIENCE_SECONDS)
    try:
        _await_search(host, connection, say)
        total = _json(host, connection, "/stats").get("total_products")
        if not isinstance(total, int):
            raise _not_a_shop(host)
        if total < max(size, 1):
            raise SettingsError(f"{host} has {total} products, too few; start it with a larger CATALOG_SIZE")
        products = _json(host, connection, f"/products?limit={SAMPLE}").get("products")
        if not isinstance(products, list) or not all(isinstance(product, dict) for product in products):
            raise _not_a_shop(host)
        for product_id in (1, size or total):
            if _ask(host, connection, f"/products/{product_id}").status == 404:
                raise SettingsError(
                    f"{host} has no product {product_id}: the journeys need products numbered 1 to N. Start "
                    "the shop with a generated catalogue (CATALOG_SIZE), or give N by --catalogue-size"
                )
        queries = filter(None, (_words(product.get("name")) for product in products))
        categories = sorted({product.get("category") for product in products} - {None, ""})
        return Catalogue(size or total, tuple(queries), tuple((name, quote(name)) for name in categories))
    finally:
        connection.close()


def _await_search(host: str, connection: Connection, say: Callable[[str], None]) -> None:
    """The number of products is known once the search index is built, seconds after the shop has opened."""
    deadline = time.monotonic() + INDEX_PATIENCE_SECONDS
    is_told = False
    while (response := _ask(host, connection, "/products/search?q=a&limit=1")).status == 503:
        if time.monotonic() > deadline:
            waited = f"{INDEX_PATIENCE_SECONDS:.0f} s"
            raise SettingsError(f"{host} has no search index after {waited}; see what it logs")
        if not is_told:
            say(f"Waiting until {host} has built its search index")
            is_told = True
        gevent.sleep(0.5)
    if response.status != 200:
        raise _not_a_shop(host)


def _ask(host: str, connection: Connection, path: str) -> Response:
    try:
        return connection.ask("GET", path)
    except NO_ANSWER as error:
        reason = str(error) or type(error).__name__
        raise SettingsError(f"{host} does not answer ({reason}); start the shop with npm start") from error


def _json(host: str, connection: Connection, path: str) -> dict[str, Json]:
    response = _ask(host, connection, path)
    try:
        body = json.loads(response.content)
    except ValueError:
        body = None
    if response.status != 200 or not isinstance(body, dict):
        raise _not_a_shop(host)
    return body


def _not_a_shop(host: str) -> SettingsError:
    return SettingsError(f"{host} answers, but is not a Stampede shop; check the port")


def _words(name: Json) -> str:
    """Two words of a name, to be searched for."""
    words = re.findall(r"\w{3,}", name) if isinstance(name, str) else []
    return quote(" ".join(words[:2]))
