/* Timelock commitments as a filter, for comparing them with other people's libraries:
 *   timelock_probe encrypt ROUND      lines of hex -> each encrypted to quicknet's ROUND
 *   timelock_probe open SIGNATURE     lines of hex -> each opened, or "-" */
#include <stdlib.h>
#include "crypto/crypto.h"
#include "seal/seal.h"

#define LINE_MAX_LEN 65536u

static bool encrypt(assay_span plain, uint64_t round, asy_buf *out, assay_err *err)
{
	asy_timelock_secret s;
	asy_rng *rng = asy_sys_rng();
	rng->fill(rng, s.esk, sizeof s.esk);
	rng->fill(rng, s.sigma, sizeof s.sigma);
	rng->fill(rng, s.nonce, sizeof s.nonce);
	return asy_timelock_encrypt(asy_quicknet_key, round, &s, plain, out, err) == ASSAY_OK;
}

int main(int argc, char **argv)
{
	static char line[LINE_MAX_LEN], hex[2 * LINE_MAX_LEN];
	static uint8_t bytes[LINE_MAX_LEN];
	uint64_t round = 0;
	uint8_t signature[ASY_BLS_SIG_LEN];
	bool seals = argc == 3 && strcmp(argv[1], "encrypt") == 0 && asy_str_u64(argv[2], &round);
	bool opens = argc == 3 && strcmp(argv[1], "open") == 0 &&
				 asy_hex_decode(argv[2], signature, sizeof signature);
	if (!seals && !opens) {
		(void)fprintf(stderr, "timelock_probe: encrypt ROUND | open SIGNATURE\n");
		return 2;
	}
	while (fgets(line, sizeof line, stdin) != NULL) {
		asy_buf out = {0};
		assay_err err = {0};
		long n = asy_hex_decode_any(line, strcspn(line, "\n"), bytes, sizeof bytes);
		if (n < 0)
			return 2;
		assay_span in = asy_span(bytes, (size_t)n);
		bool good = seals ? encrypt(in, round, &out, &err)
						  : asy_timelock_open(in, signature, &out, &err) == ASSAY_OK;
		if (out.len * 2 + 1 > sizeof hex)
			return 2;
		asy_hex_encode(hex, out.ptr, out.len);
		(void)puts(good ? hex : "-");
		asy_buf_fini(&out);
	}
	return 0;
}
