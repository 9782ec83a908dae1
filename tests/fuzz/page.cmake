asy_fuzz(page MAY_USE research codec base)
