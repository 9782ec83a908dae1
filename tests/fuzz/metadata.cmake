asy_fuzz(metadata MAY_USE chain)
