/* Reads what `assay weights` is given: scores by uid, and the subnet's limits.
 * Reason to change: another limit that weights depend on. */
#include <stdlib.h>
#include "cli/weights_file.h"

static const char *const root_keys[] = {"scores", "neurons", "min_allowed", "max_limit",
										"exclude_quantile"};
static const char *const row_keys[] = {"uid", "score", "hotkey"};

static assay_status u32_or(asy_jv v, uint32_t fallback, uint32_t *out, assay_err *err)
{
	uint64_t x = fallback;
	if (!asy_jv_is_null(v)) {
		assay_status st = asy_jv_u64(v, &x, err);
		if (st != ASSAY_OK)
			return st;
		if (x > UINT32_MAX)
			return ASSAY_FAIL(err, E_RANGE, "%" PRIu64 " is too large", x);
	}
	*out = (uint32_t)x;
	return ASSAY_OK;
}

static assay_status read_scores(asy_jv list, cli_weights_input *in, assay_err *err)
{
	size_t n = asy_jv_size(list);
	if (asy_jv_kind(list) != ASY_J_ARRAY || n == 0)
		return ASSAY_FAIL(err, E_INPUT, "\"scores\" must be a list of {\"uid\", \"score\"}");
	in->c = asy_calloc(n, sizeof *in->c);
	if (in->c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu scores", n);
	in->n = n;
	for (size_t i = 0; i < n; i++) {
		asy_jv row = asy_jv_at(list, i);
		const char *hotkey;
		assay_status st = asy_jv_known(row, row_keys, ASY_COUNT(row_keys), err);
		if (st == ASSAY_OK)
			st = asy_jv_u16(asy_jv_get(row, "uid"), &in->c[i].uid, err);
		if (st == ASSAY_OK)
			st = asy_jv_f64(asy_jv_get(row, "score"), &in->c[i].score, err);
		in->scored[in->c[i].uid] = true;
		/* Without a hotkey the uid stands in for the miner's identity. */
		asy_put_u16le(in->c[i].hotkey, in->c[i].uid);
		if (st == ASSAY_OK && !asy_jv_is_null(asy_jv_get(row, "hotkey"))) {
			st = asy_jv_str(asy_jv_get(row, "hotkey"), &hotkey, NULL, err);
			if (st == ASSAY_OK)
				st = asy_ss58_decode(hotkey, in->c[i].hotkey, err);
		}
		if (st != ASSAY_OK)
			return st;
	}
	return ASSAY_OK;
}

assay_status cli_weights_read(asy_jv root, cli_weights_input *in, assay_err *err)
{
	uint32_t limit = 65535, quantile = 0, most = 0;
	assay_status st = asy_jv_known(root, root_keys, ASY_COUNT(root_keys), err);
	if (st == ASSAY_OK)
		st = read_scores(asy_jv_get(root, "scores"), in, err);
	for (size_t i = 0; st == ASSAY_OK && i < in->n; i++)
		most = in->c[i].uid >= most ? (uint32_t)in->c[i].uid + 1 : most;
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "neurons"), most, &in->limits.neurons, err);
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "min_allowed"), 1, &in->limits.min_allowed, err);
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "max_limit"), 65535, &limit, err);
	if (st == ASSAY_OK)
		st = u32_or(asy_jv_get(root, "exclude_quantile"), 0, &quantile, err);
	if (st == ASSAY_OK && (limit > 65535 || quantile > 65535))
		st = ASSAY_FAIL(err, E_RANGE, "max_limit and exclude_quantile have 16 bits");
	in->limits.max_limit = (uint16_t)limit;
	in->limits.exclude_quantile = (uint16_t)quantile;
	return st;
}

void cli_weights_input_fini(cli_weights_input *in)
{
	free(in->c);
	in->c = NULL;
	in->n = 0;
}
