asy_fuzz(plugin_kit)
