"""The API for programs and pages: how a route is declared, guarded, answered and described."""
