"""The simulated world: one seed draws a festival, and everything in it can be played again."""
