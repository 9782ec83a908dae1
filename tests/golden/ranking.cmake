asy_golden(ranking MAY_USE base codec LIBS plugin_ranking_core)
