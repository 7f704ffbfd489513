"""The office's SQLite files: the only folder of the cloud that knows how things are kept."""
