"""Every declared route about festivals, their catalogue, their terminals and their figures."""

from typing import Final

from cloud.api.routes import Operation
from cloud.dashboard import figure_routes
from cloud.festivals import (
    catalogue_routes,
    festival_routes,
    key_routes,
    policy_routes,
    staff_routes,
)
from cloud.terminals import terminal_routes

OPERATIONS: Final[tuple[Operation, ...]] = tuple(
    operation
    for module in (
        festival_routes,
        catalogue_routes,
        policy_routes,
        key_routes,
        staff_routes,
        terminal_routes,
        figure_routes,
    )
    for operation in module.ROUTES.operations
)
