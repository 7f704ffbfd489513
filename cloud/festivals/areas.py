"""Every declared route about festivals, their catalogue, their terminals and their figures."""

from typing import Final

from cloud.api.routes import Routes
from cloud.dashboard import figure_routes
from cloud.festivals import (
    catalogue_routes,
    festival_routes,
    key_routes,
    policy_routes,
    staff_routes,
)
from cloud.terminals import terminal_routes

AREAS: Final[tuple[Routes, ...]] = (
    festival_routes.ROUTES,
    catalogue_routes.ROUTES,
    policy_routes.ROUTES,
    key_routes.ROUTES,
    staff_routes.ROUTES,
    terminal_routes.ROUTES,
    figure_routes.ROUTES,
)
