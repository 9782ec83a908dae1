asy_fuzz(ranking_body SOURCES reward_body.c LIBS plugin_ranking_static)
