asy_golden(common LIBS plugin_text_core plugin_common)
