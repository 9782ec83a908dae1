asy_fuzz(plugin_jsonl MAY_USE base codec plugin)
