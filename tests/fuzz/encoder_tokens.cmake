asy_fuzz(encoder_tokens LIBS plugin_encoder)
