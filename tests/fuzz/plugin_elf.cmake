asy_fuzz(plugin_elf MAY_USE base plugin)
