asy_fuzz(config MAY_USE base crypto codec config)
