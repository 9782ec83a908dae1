asy_fuzz(plugin_schema MAY_USE base codec plugin)
