/* Reading a scenario's values: every one has a kind and a range, and an error says where
 * it is and what is wanted.
 * Reason to change: another kind of value. */
#include "localnet/scenario_get.h"

assay_status asy_lnet_check_keys(asy_jv v, const char *const *known, size_t n, assay_err *err)
{
	if (asy_jv_known(v, known, n, err) == ASSAY_OK)
		return ASSAY_OK;
	err->status = ASSAY_E_CONFIG; /* a scenario is configuration */
	return ASSAY_E_CONFIG;
}

assay_status asy_lnet_get_u64(asy_jv obj, const char *key, uint64_t least, uint64_t most,
							  uint64_t *out, assay_err *err)
{
	asy_jv v = asy_jv_get(obj, key);
	uint64_t n;
	bool flag;
	char path[160];
	if (asy_jv_kind(v) == ASY_J_ABSENT)
		return ASSAY_OK;
	if (most == 1 && asy_jv_kind(v) == ASY_J_BOOL && asy_jv_bool(v, &flag, NULL) == ASSAY_OK) {
		*out = flag;
		return ASSAY_OK;
	}
	if (asy_jv_u64(v, &n, err) != ASSAY_OK)
		return assay_err_at(err, ASSAY_E_CONFIG, "scenario");
	asy_jv_path(v, path, sizeof path);
	if (n < least || n > most)
		return ASSAY_FAIL(err, E_CONFIG, "%s: %" PRIu64 " is outside %" PRIu64 "..%" PRIu64, path,
						  n, least, most);
	*out = n;
	return ASSAY_OK;
}

assay_status asy_lnet_get_share(asy_jv obj, const char *key, double *out, assay_err *err)
{
	asy_jv v = asy_jv_get(obj, key);
	double d;
	char path[160];
	if (asy_jv_kind(v) == ASY_J_ABSENT)
		return ASSAY_OK;
	if (asy_jv_f64(v, &d, err) != ASSAY_OK)
		return assay_err_at(err, ASSAY_E_CONFIG, "scenario");
	asy_jv_path(v, path, sizeof path);
	if (!(d >= 0 && d <= 1))
		return ASSAY_FAIL(err, E_CONFIG, "%s: %g is outside 0..1", path, d);
	*out = d;
	return ASSAY_OK;
}

assay_status asy_lnet_get_text(asy_jv obj, const char *key, bool required, char *out, size_t cap,
							   assay_err *err)
{
	asy_jv v = asy_jv_get(obj, key);
	const char *s;
	size_t len;
	char path[160];
	if (asy_jv_kind(v) == ASY_J_ABSENT && !required)
		return ASSAY_OK;
	asy_jv_path(v, path, sizeof path);
	if (asy_jv_kind(v) == ASY_J_ABSENT) {
		asy_jv_path(obj, path, sizeof path);
		return ASSAY_FAIL(err, E_CONFIG, "%s: \"%s\" is missing", path, key);
	}
	if (asy_jv_str(v, &s, &len, err) != ASSAY_OK)
		return assay_err_at(err, ASSAY_E_CONFIG, "scenario");
	if (len == 0 || len >= cap || strlen(s) != len)
		return ASSAY_FAIL(err, E_CONFIG, "%s: a text of 1 to %zu bytes is wanted", path, cap - 1);
	memcpy(out, s, len + 1);
	return ASSAY_OK;
}

assay_status asy_lnet_get_choice(asy_jv obj, const char *key, const char *const *names, size_t n,
								 size_t *out, assay_err *err)
{
	char text[32] = "", path[160];
	assay_status st = asy_lnet_get_text(obj, key, false, text, sizeof text, err);
	if (st != ASSAY_OK || text[0] == '\0')
		return st;
	for (size_t i = 0; i < n; i++) {
		if (strcmp(names[i], text) == 0) {
			*out = i;
			return ASSAY_OK;
		}
	}
	asy_jv_path(asy_jv_get(obj, key), path, sizeof path);
	size_t near = asy_str_nearest(text, names, n);
	return ASSAY_FAIL(err, E_CONFIG, "%s: unknown value \"%s\"; did you mean \"%s\"?", path, text,
					  names[near < n ? near : 0]);
}
