"""What the screens of gates and bars have in common: how they are painted, typed at and worded."""
