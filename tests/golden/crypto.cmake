asy_golden(crypto MAY_USE base crypto codec)
