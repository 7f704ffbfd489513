"""The bar: from a basket to a sale that is on the disk."""
