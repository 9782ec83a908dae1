asy_fuzz(opening MAY_USE seal chain)
