asy_fuzz(encoder_file LIBS plugin_encoder)
