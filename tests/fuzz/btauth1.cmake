asy_fuzz(btauth1 MAY_USE base crypto codec loop http miner)
