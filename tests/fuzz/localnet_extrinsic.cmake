asy_fuzz(localnet_extrinsic MAY_USE localnet)
