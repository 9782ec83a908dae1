asy_fuzz(text_body SOURCES reward_body.c LIBS plugin_text_static)
