asy_golden(measures LIBS plugin_text_core)
