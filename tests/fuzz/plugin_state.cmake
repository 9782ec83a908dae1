asy_fuzz(plugin_state MAY_USE base codec plugin task round)
