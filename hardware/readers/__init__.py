"""How a gate reads: decoders behind their doorway, opinions made of them, and what they may cost.

The way in is `hardware.code_reader`.
"""
