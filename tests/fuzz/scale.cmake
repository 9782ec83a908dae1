asy_fuzz(scale MAY_USE base crypto codec)
