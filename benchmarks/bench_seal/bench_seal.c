/* What sealing costs, by scheme: one JSON object on stdout.
 *
 *   bench_seal [--runs R] [--uids N]
 *
 * R seals (1,000) of a vector of N weights (256) after a tenth of them unmeasured, each with
 * everything that the daemon does: checks, the commitment, and its trial opening; and the
 * encryption alone, which is the timelock scheme without its trial. Median and 99th percentile,
 * in milliseconds of processor time. */
#include <stdlib.h>
#include <time.h>
#include "crypto/crypto.h"
#include "seal/seal.h"

#define RUNS_MAX 100000u
#define UIDS_MAX 1024u

static double now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

static bool seal_once(asy_seal_scheme scheme, const asy_seal_input *in, asy_rng *rng,
					  assay_err *err)
{
	asy_opening *o = NULL;
	bool good = asy_seal(scheme, in, rng, &o, err) == ASSAY_OK;
	asy_opening_free(o);
	return good;
}

static bool seal_hash(const asy_seal_input *in, asy_rng *rng, assay_err *err)
{
	return seal_once(ASY_SEAL_HASH, in, rng, err);
}

static bool seal_timelock(const asy_seal_input *in, asy_rng *rng, assay_err *err)
{
	return seal_once(ASY_SEAL_TIMELOCK, in, rng, err);
}

static bool encrypt(const asy_seal_input *in, asy_rng *rng, assay_err *err)
{
	asy_timelock_secret s;
	asy_buf payload = {0}, out = {0};
	rng->fill(rng, s.esk, sizeof s.esk);
	rng->fill(rng, s.sigma, sizeof s.sigma);
	rng->fill(rng, s.nonce, sizeof s.nonce);
	bool good = asy_timelock_payload(in, &payload, err) == ASSAY_OK &&
				asy_timelock_encrypt(asy_quicknet_key, in->reveal_round, &s, asy_buf_span(&payload),
									 &out, err) == ASSAY_OK;
	asy_buf_fini(&payload);
	asy_buf_fini(&out);
	return good;
}

static void measure(const char *name, bool (*once)(const asy_seal_input *, asy_rng *, assay_err *),
					const asy_seal_input *in, size_t runs, double *ms)
{
	const uint8_t seed[32] = {1};
	asy_seeded_rng rng;
	asy_seeded_rng_init(&rng, seed);
	size_t warm = runs / 10;
	for (size_t i = 0; i < warm + runs; i++) {
		assay_err err = {0};
		double start = now_ms();
		if (!once(in, &rng.iface, &err)) {
			(void)fprintf(stderr, "bench_seal: %s\n", err.msg);
			exit(EXIT_FAILURE);
		}
		if (i >= warm)
			ms[i - warm] = now_ms() - start;
	}
	qsort(ms, runs, sizeof *ms, by_value);
	(void)printf(", \"%s\": {\"median_ms\": %.3f, \"p99_ms\": %.3f}", name, ms[runs / 2],
				 ms[runs * 99 / 100]);
}

int main(int argc, char **argv)
{
	static uint16_t uids[UIDS_MAX], values[UIDS_MAX];
	uint64_t runs = 1000, n = 256;
	for (int i = 1; i < argc; i += 2) {
		uint64_t *to = strcmp(argv[i], "--runs") == 0   ? &runs
					   : strcmp(argv[i], "--uids") == 0 ? &n
														: NULL;
		if (to == NULL || i + 1 == argc || !asy_str_u64(argv[i + 1], to)) {
			(void)fprintf(stderr, "bench_seal: [--runs R] [--uids N]\n");
			return 2;
		}
	}
	if (runs == 0 || runs > RUNS_MAX || n == 0 || n > UIDS_MAX || asy_crypto_init(NULL) != ASSAY_OK)
		return 2;
	for (size_t i = 0; i < n; i++) {
		uids[i] = (uint16_t)i;
		values[i] = (uint16_t)(65535 - 13 * i);
	}
	const asy_seal_input in = {
		.netuid = 1, .uids = uids, .values = values, .n = n, .reveal_round = 1};
	double *ms = asy_calloc(runs, sizeof *ms);
	if (ms == NULL)
		return 1;
	(void)printf("{\"runs\": %" PRIu64 ", \"uids\": %" PRIu64, runs, n);
	measure("hash", seal_hash, &in, runs, ms);
	measure("timelock_encryption", encrypt, &in, runs, ms);
	measure("timelock", seal_timelock, &in, runs, ms);
	(void)printf("}\n");
	free(ms);
	return 0;
}
