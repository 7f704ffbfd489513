"""The hub: a box on the site that holds every journal and may be the authority for wallets."""
