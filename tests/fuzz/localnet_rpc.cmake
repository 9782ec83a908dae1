asy_fuzz(localnet_rpc MAY_USE localnet)
