"""What a simulated world found to be wrong."""


class Violation(Exception):
    """A promise was broken: which one, and how."""

    def __init__(self, check: str, sentence: str) -> None:
        super().__init__(f"{check}: {sentence}")
        self.check = check
        self.sentence = sentence
