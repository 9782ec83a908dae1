asy_fuzz(minisign MAY_USE base crypto)
