"""Bars: names for what tills state as a number, whose revenue is booked together."""

from typing import Any, ClassVar, Final

from cloud.cashless.online import ONLINE_BAR
from cloud.festivals.catalogue_models import Bar, BarPut
from cloud.festivals.rows import Row
from cloud.festivals.sight import Sight
from cloud.festivals.sorts import Sort, numbered
from cloud.terminals.queries import terminal_name
from sync import catalogue
from sync.limits import U16_MAX


class Bars(Sort[BarPut, Bar]):
    """Bars; a till that was stated at an unnamed one makes that one known."""

    kind: ClassVar = "bar"
    path: ClassVar = "bars"
    word: ClassVar = "bar"
    number_min: ClassVar = ONLINE_BAR + 1
    number_max: ClassVar = U16_MAX
    taken = BarPut
    given = Bar

    def numbers(self, sight: Sight) -> set[int]:
        """Return the bars at which tills were stated."""
        return {bar.bar for bar in catalogue.bars(sight.cells)}

    def show(self, sight: Sight, number: int) -> Bar:
        """Return a bar as it was named."""
        words = sight.words(self.kind, number)
        name, text = words.get("name", f"Bar {number}"), words.get("description", "")
        return Bar(number=number, name=name, description=text)

    def rows(self, sight: Sight, number: int, body: BarPut) -> list[Row]:
        """State nothing: tills know a bar by its number."""
        del sight, number, body
        return []

    def words(self, sight: Sight, body: BarPut) -> dict[str, Any]:
        """Keep everything."""
        del sight
        return body.model_dump(mode="json")

    def needed_by(self, sight: Sight, number: int) -> str:
        """Name the tills that stand there and the products that only it has."""
        cells = sight.cells
        tills = [
            terminal_name(cells, bar.terminal)
            for bar in catalogue.bars(cells)
            if bar.bar == number and not catalogue.is_revoked(cells, bar.terminal)
        ]
        if tills:
            return f"{numbered('till', tills)} stands there"
        products = [
            one.name
            for one in catalogue.products(cells)
            if number in (one.bars or ()) and not sight.is_deleted("product", one.product)
        ]
        return f"{numbered('product', products)} is sold there" if products else ""


BARS: Final = Bars()
