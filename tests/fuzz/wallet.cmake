asy_fuzz(wallet MAY_USE base crypto codec)
