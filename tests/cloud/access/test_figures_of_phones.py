"""What the figures of zones, quotas and gates say of what phones did."""

from pathlib import Path

from cloud.access.queries import gates, quotas, zones
from tests.cloud.access.scanning import GATE, ZONE, code, says, scanning

SMALL = ZONE | {"capacity": 3}


async def test_the_figures_of_a_zone_count_the_places_that_phones_have_filled(
    tmp_path: Path,
) -> None:
    async with scanning(tmp_path, SMALL) as (office, phone):
        await phone.admit(code(1))
        await phone.admit(code(2))
        (zone,) = await office.do(lambda o: zones(o.cells))
        assert (zone["inside"], zone["capacity"], zone["lent"]) == (2, 3, 2)
        (quota,) = await office.do(lambda o: quotas(o.cells, set()))
        assert (quota["used"], quota["lent"]) == (2, 2)


async def test_a_refusal_is_counted_at_the_gate_at_which_somebody_was_refused(
    tmp_path: Path,
) -> None:
    async with scanning(tmp_path, SMALL | {"capacity": 0}) as (office, phone):
        assert says(await phone.admit(code(1))) == "refuse capacity_full"
        (gate,) = await office.do(lambda o: gates(o.cells))
        assert (gate["terminal"], gate["refused"]) == (GATE.hex(), {"capacity_full": 1})
