asy_golden(image SOURCES golden_image_hash.c golden_image_coco.c MAY_USE base codec crypto LIBS plugin_image_core)
