asy_fuzz(http MAY_USE base crypto codec loop http miner)
