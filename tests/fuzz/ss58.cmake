asy_fuzz(ss58 MAY_USE base crypto codec)
