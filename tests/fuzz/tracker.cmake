asy_fuzz(tracker MAY_USE base crypto weights)
