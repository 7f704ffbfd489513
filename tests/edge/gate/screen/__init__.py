"""Tests of the gate's screen: its words, its modes, and the screen itself in a terminal."""
