asy_fuzz(text_body LIBS plugin_text_static)
