asy_golden(encoder LIBS plugin_encoder)
