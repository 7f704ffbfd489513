"""The language that gate, bar and office share: pure values and folds, no I/O, clock or chance."""
