"""The office: takes every terminal's facts in, states the catalogue, and shows what is true."""
