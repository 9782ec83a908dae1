asy_fuzz(image_body LIBS plugin_image_static)
