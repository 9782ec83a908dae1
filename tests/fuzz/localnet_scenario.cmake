asy_fuzz(localnet_scenario MAY_USE localnet)
