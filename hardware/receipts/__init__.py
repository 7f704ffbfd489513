"""From rows of paper to bytes in a receipt printer: layout, pictures, language, cables."""
