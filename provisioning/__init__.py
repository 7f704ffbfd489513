"""Makes a box ready: keys, enrolment, the folder that a terminal starts from, and its units."""
