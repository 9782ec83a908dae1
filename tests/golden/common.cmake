asy_golden(common LIBS plugin_common)
