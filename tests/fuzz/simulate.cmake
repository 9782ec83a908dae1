asy_fuzz(simulate MAY_USE base codec yuma research)
