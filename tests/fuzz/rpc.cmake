asy_fuzz(rpc MAY_USE chain)
