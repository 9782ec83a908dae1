asy_golden(image MAY_USE base codec crypto LIBS plugin_image_core)
