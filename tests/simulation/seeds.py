"""Lives through the world of one seed, and tells what came of it."""

import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

from tests.simulation.chance import Chance, product_draws_from
from tests.simulation.disk import simulated_disks
from tests.simulation.festival import Festival
from tests.simulation.plan import Plan, plan_of
from tests.simulation.trouble import Violation
from tests.simulation.world import World

FAILS = "the product does not fail"


@dataclass(frozen=True)
class Lived:
    """What came of one seed: the broken promise in words ("" if none), and the world's mark."""

    seed: int
    check: str
    sentence: str
    mark: str
    acts: int
    lines: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether no promise was broken."""
        return not self.check

    @property
    def is_caught(self) -> bool:
        """Whether a check found something, and not only a product that fell over its own patch."""
        return self.check not in {"", FAILS}


def live(
    festival: Festival,
    seed: int,
    *,
    bug: AbstractContextManager[object] | None = None,
    plan: Plan | None = None,
    tell: Callable[[str], None] | None = None,
) -> Lived:
    """Live through one seed's world, with a planted bug if one is given."""
    drawn = plan or plan_of(seed)
    with (
        festival.world() as folder,
        product_draws_from(Chance(seed, "product")),
        simulated_disks() as disks,
        bug or nullcontext(),
    ):
        world = World(festival, folder, drawn, disks, tell)
        check = sentence = ""
        try:
            world.run()
        except Violation as violation:
            check, sentence = violation.check, violation.sentence
        except Exception as trouble:  # noqa: BLE001 - whatever the product fails with is a finding
            where = traceback.extract_tb(trouble.__traceback__)[-1]
            check = FAILS
            sentence = f"{type(trouble).__name__}: {trouble} ({where.name}, line {where.lineno})"
            world.story.say("".join(traceback.format_exception(trouble)))
        finally:
            world.close()
        world.story.note(f"{check} {sentence}".encode())
        return Lived(
            seed, check, sentence, world.story.mark, len(world.books.acts), tuple(world.story.lines)
        )
