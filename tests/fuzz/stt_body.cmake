asy_fuzz(stt_body SOURCES reward_body.c LIBS plugin_stt_static)
