asy_golden(weights MAY_USE base codec weights)
