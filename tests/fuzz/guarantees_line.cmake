asy_fuzz(guarantees_line MAY_USE base codec research)
