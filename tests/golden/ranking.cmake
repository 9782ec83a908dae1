asy_golden(ranking SOURCES golden_ranking_trec.c MAY_USE base codec LIBS plugin_ranking_core)
