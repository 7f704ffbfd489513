"""Who people and machines are, what they may do, and to which organiser they belong."""
