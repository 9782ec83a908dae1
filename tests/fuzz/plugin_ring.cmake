asy_fuzz(plugin_ring MAY_USE base codec plugin)
