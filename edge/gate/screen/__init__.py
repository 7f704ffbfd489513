"""The gate's screen: one question, may this person pass, answered so that nobody can mistake it."""
