asy_fuzz(snapshot MAY_USE subnet)
