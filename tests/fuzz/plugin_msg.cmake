asy_fuzz(plugin_msg MAY_USE base codec plugin)
