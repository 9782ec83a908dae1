asy_fuzz(timelock MAY_USE base crypto codec subnet seal)
