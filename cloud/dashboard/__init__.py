"""The live page and its JSON: what an organiser sees."""
