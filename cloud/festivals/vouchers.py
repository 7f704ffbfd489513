"""Vouchers: what a printed code pays for at a bar."""

from typing import Any, ClassVar, Final

from cloud.festivals.catalogue_models import Voucher, VoucherPut
from cloud.festivals.products import PRODUCTS
from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight
from cloud.festivals.sorts import Sort, missing, quota_rows, unless_so
from sync import catalogue
from sync.allotments import Resource
from sync.facts import ResourceKind
from sync.limits import U16_MAX

_KIND: Final = int(ResourceKind.VOUCHER)


class Vouchers(Sort[VoucherPut, Voucher]):
    """Kinds of vouchers. A deleted kind has a quota of nothing, so tills take no more of it."""

    kind: ClassVar = "voucher"
    path: ClassVar = "vouchers"
    word: ClassVar = "voucher"
    number_max: ClassVar = U16_MAX
    taken = VoucherPut
    given = Voucher

    def numbers(self, sight: Sight) -> set[int]:
        """Return the kinds that tills know."""
        return {one.voucher for one in catalogue.vouchers(sight.cells)}

    def show(self, sight: Sight, number: int) -> Voucher:
        """Return a kind of voucher as tills know it, with its description."""
        known = catalogue.voucher(sight.cells, number)
        if known is None:
            message = f"voucher {number} was never stated"
            raise LookupError(message)
        return Voucher(
            number=number,
            name=known.name,
            worth=known.worth,
            products=known.products,
            quota=self._quota(sight, number),
            description=sight.words(self.kind, number).get("description", ""),
        )

    def rows(self, sight: Sight, number: int, body: VoucherPut) -> list[Row]:
        """State what it pays for, and how many there are."""
        row = {
            "kind": "voucher",
            "voucher": number,
            "name": body.name,
            "worth": body.worth,
            "products": list(body.products),
        }
        rows = unless_so(catalogue.voucher(sight.cells, number), "voucher", row)
        return rows + quota_rows(self._quota(sight, number), self.resource(number), body.quota)

    def words(self, sight: Sight, body: VoucherPut) -> dict[str, Any]:
        """Keep the description, and how many there are for when it comes back."""
        del sight
        return {"description": body.description, "quota": body.quota}

    def faults(self, sight: Sight, body: VoucherPut) -> list[dict[str, str]]:
        """Find products that are not there."""
        return missing(PRODUCTS, sight, "products", body.products)

    def rows_to_hide(self, sight: Sight, number: int) -> list[Row]:
        """Leave none to be taken."""
        return quota_rows(self._quota(sight, number), self.resource(number), 0)

    def rows_to_return(self, sight: Sight, number: int) -> list[Row]:
        """Let as many be taken as before."""
        wanted = sight.words(self.kind, number).get("quota")
        return quota_rows(self._quota(sight, number), self.resource(number), wanted)

    def resource(self, number: int) -> Resource:
        """Vouchers to be taken are lent to tills."""
        return (_KIND, number)

    def _quota(self, sight: Sight, number: int) -> int | None:
        known = catalogue.quota(sight.cells, _KIND, number)
        return None if known is None else known.capacity


VOUCHERS: Final = Vouchers()
