asy_fuzz(records MAY_USE base codec round submission)
