"""Products: the price list of the tills."""

from typing import Any, ClassVar, Final

from cloud.cashless.online import NO_PRODUCT, ONLINE_PRODUCTS_FROM
from cloud.festivals.bars import BARS
from cloud.festivals.catalogue_models import PriceWindow, Product, ProductPut
from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight
from cloud.festivals.sorts import Sort, missing, numbered, quota_rows, unless_so
from cloud.festivals.ticket_types import TICKET_TYPES
from sync import catalogue
from sync.allotments import Resource
from sync.facts import ResourceKind

_STOCK: Final = int(ResourceKind.STOCK)


class Products(Sort[ProductPut, Product]):
    """What tills sell."""

    kind: ClassVar = "product"
    path: ClassVar = "products"
    word: ClassVar = "product"
    number_min: ClassVar = NO_PRODUCT + 1
    number_max: ClassVar = ONLINE_PRODUCTS_FROM - 1
    taken = ProductPut
    given = Product

    def numbers(self, sight: Sight) -> set[int]:
        """Return the products that tills know."""
        return {one.product for one in catalogue.products(sight.cells)}

    def show(self, sight: Sight, number: int) -> Product:
        """Return a product as tills know it, with its description."""
        known = catalogue.product(sight.cells, number)
        if known is None:
            message = f"product {number} was never stated"
            raise LookupError(message)
        stock = catalogue.quota(sight.cells, _STOCK, number)
        return Product(
            number=number,
            name=known.name,
            category=known.category,
            price=known.price,
            vat=known.vat,
            deposit=known.deposit,
            age=known.age,
            half=known.half,
            double=known.double,
            mixer=known.mixer,
            windows=tuple(
                PriceWindow(from_minute=start, until_minute=end, price=price)
                for start, end, price in known.windows or ()
            ),
            bars=known.bars or (),
            on_sale=known.on_sale,
            stock=None if stock is None else stock.capacity,
            ticket_type=known.ticket_type,
            description=sight.words(self.kind, number).get("description", ""),
        )

    def rows(self, sight: Sight, number: int, body: ProductPut) -> list[Row]:
        """State the product and its stock."""
        fields = body.model_dump(mode="json", exclude={"stock", "description", "windows"})
        windows = [[one.from_minute, one.until_minute, one.price] for one in body.windows]
        row = {"kind": "product", "product": number, "windows": windows} | fields
        stock = catalogue.quota(sight.cells, _STOCK, number)
        known = None if stock is None else stock.capacity
        rows = unless_so(catalogue.product(sight.cells, number), "product", row)
        return rows + quota_rows(known, self.resource(number), body.stock)

    def words(self, sight: Sight, body: ProductPut) -> dict[str, Any]:
        """Keep the description, and whether it is sold for when it comes back."""
        del sight
        return {"description": body.description, "on_sale": body.on_sale}

    def faults(self, sight: Sight, body: ProductPut) -> list[dict[str, str]]:
        """Find bars and a ticket type that are not there."""
        types = [] if body.ticket_type is None else [body.ticket_type]
        faults = missing(BARS, sight, "bars", body.bars)
        return faults + missing(TICKET_TYPES, sight, "ticket_type", types)

    def needed_by(self, sight: Sight, number: int) -> str:
        """Name the vouchers that pay for it."""
        names = [
            one.name
            for one in catalogue.vouchers(sight.cells)
            if number in one.products and not sight.is_deleted("voucher", one.voucher)
        ]
        return f"{numbered('voucher', names)} pays for it" if names else ""

    def rows_to_hide(self, sight: Sight, number: int) -> list[Row]:
        """Take it off sale."""
        return self._on_sale(sight, number, is_sold=False)

    def rows_to_return(self, sight: Sight, number: int) -> list[Row]:
        """Sell it again, if it was sold."""
        is_sold = bool(sight.words(self.kind, number).get("on_sale", True))
        return self._on_sale(sight, number, is_sold=is_sold)

    def resource(self, number: int) -> Resource:
        """Its stock is lent to tills."""
        return (_STOCK, number)

    def _on_sale(self, sight: Sight, number: int, *, is_sold: bool) -> list[Row]:
        row = {"kind": "product", "product": number, "on_sale": is_sold}
        return unless_so(catalogue.product(sight.cells, number), "product", row)


PRODUCTS: Final = Products()
