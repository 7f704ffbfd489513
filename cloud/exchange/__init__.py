"""The sync endpoint: boxes bring their facts and fetch what is new to them."""
