asy_fuzz(events MAY_USE chain localnet)
