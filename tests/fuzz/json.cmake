asy_fuzz(json MAY_USE base crypto codec)
