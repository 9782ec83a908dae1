asy_golden(crypto SOURCES golden_scale.c MAY_USE base crypto codec)
