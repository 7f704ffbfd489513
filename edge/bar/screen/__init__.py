"""The till's screen: one question, what do they owe and is it paid, answered with wet hands."""
