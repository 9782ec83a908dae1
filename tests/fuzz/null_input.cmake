asy_fuzz(null_input MAY_USE base codec yuma research)
