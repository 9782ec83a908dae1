/* What libassay adds to its modules: one way to start. Everything else that is public
 * lives in the module that does it and is only exported here. */
#include "base/base.h"
#include "crypto/crypto.h"

assay_status assay_init(assay_err *err)
{
	return asy_crypto_init(err);
}
