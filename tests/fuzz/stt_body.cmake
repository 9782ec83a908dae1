asy_fuzz(stt_body LIBS plugin_stt_static)
