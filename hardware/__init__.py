"""Cameras, readers, clocks, lamps: the world outside, behind small ports that know no tickets."""
