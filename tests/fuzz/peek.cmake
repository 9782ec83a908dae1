asy_fuzz(peek MAY_USE chain codec)
