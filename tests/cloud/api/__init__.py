"""The ground of the API: routes, guards, paces, description."""
