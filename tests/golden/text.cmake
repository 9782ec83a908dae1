asy_golden(text LIBS plugin_text_core)
