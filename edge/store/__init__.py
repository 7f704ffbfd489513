"""The terminal's SQLite file: journal, folded cells and what is remembered of partners."""
