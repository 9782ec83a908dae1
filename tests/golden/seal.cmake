asy_golden(seal MAY_USE base codec crypto subnet seal)
