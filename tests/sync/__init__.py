"""The kernel's tests: laws over random worlds, golden bytes, and tables of rules."""
