"""The house rules, each as a sentence that can fail."""
