asy_fuzz(localnet_answers MAY_USE localnet)
