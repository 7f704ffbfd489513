"""Tickets: issued, given away, imported, replaced, withdrawn, shown, printed."""
