/* Values by type id, both ways: answers of runtime APIs, and the values of scale.json. */
#include <stdlib.h>
#include "golden/golden_chain.h"
#include "support/value_encode.h"

/* ---- runtime-api.json: values by type id ---- */

/* The listing's encoder took a [u16; 2] from two raw bytes and padded it with zeros, and
 * lists those two bytes. */
static bool words_are_bytes(asy_jv words, asy_jv hex)
{
	asy_buf want = {0};
	bool same = chain_hex(hex, &want) && want.len <= 2 * asy_jv_size(words);
	for (size_t i = 0; same && i < asy_jv_size(words); i++) {
		uint16_t v = 0;
		uint8_t le[2];
		same = asy_jv_u16(asy_jv_at(words, i), &v, NULL) == ASSAY_OK;
		asy_put_u16le(le, v);
		for (size_t k = 0; same && k < 2; k++)
			same = le[k] == (2 * i + k < want.len ? want.ptr[2 * i + k] : 0);
	}
	asy_buf_fini(&want);
	return same;
}

/* Equal but for the spelling of integers: 12 and "12". */
static bool same_value(asy_jv a, asy_jv b)
{
	asy_json_kind ka = asy_jv_kind(a), kb = asy_jv_kind(b);
	if (ka == ASY_J_OBJECT && kb == ASY_J_OBJECT) {
		if (asy_jv_size(a) != asy_jv_size(b))
			return false;
		for (size_t i = 0; i < asy_jv_size(a); i++)
			if (!same_value(asy_jv_value(a, i), asy_jv_get(b, asy_jv_key(a, i))))
				return false;
		return true;
	}
	if (ka == ASY_J_ARRAY && kb == ASY_J_ARRAY) {
		if (asy_jv_size(a) != asy_jv_size(b))
			return false;
		for (size_t i = 0; i < asy_jv_size(a); i++)
			if (!same_value(asy_jv_at(a, i), asy_jv_at(b, i)))
				return false;
		return true;
	}
	if (ka == ASY_J_ARRAY && kb == ASY_J_STRING)
		return words_are_bytes(a, b);
	char text[2][160] = {"", ""};
	asy_jv side[2] = {a, b};
	for (int i = 0; i < 2; i++) {
		asy_buf canon = {0};
		const char *s;
		size_t len;
		if (asy_jv_kind(side[i]) == ASY_J_STRING) {
			if (asy_jv_str(side[i], &s, &len, NULL) != ASSAY_OK || len >= sizeof text[0])
				s = "", len = 0;
			if (asy_jv_kind(side[1 - i]) == ASY_J_STRING && len == 0) {
				/* long strings: compare in place */
				const char *other;
				size_t other_len;
				return asy_jv_str(a, &s, &len, NULL) == ASSAY_OK &&
					   asy_jv_str(b, &other, &other_len, NULL) == ASSAY_OK && len == other_len &&
					   memcmp(s, other, len) == 0;
			}
			memcpy(text[i], s, len);
			text[i][len] = '\0';
		} else if (asy_jv_canonical(side[i], &canon, NULL) == ASSAY_OK) {
			(void)asy_str_copy(text[i], sizeof text[i], asy_buf_cstr(&canon));
		}
		asy_buf_fini(&canon);
	}
	return strcmp(text[0], text[1]) == 0;
}

static bool encodes_back(const asy_metadata *m, uint32_t type, asy_jv v, assay_span want)
{
	asy_buf out = {0};
	assay_err err = {0};
	bool same =
		value_encode(m, type, v, &out, &err) == ASSAY_OK && asy_span_eq(asy_buf_span(&out), want);
	if (!same && getenv("ASSAY_TEST_VERBOSE") != NULL)
		(void)fprintf(stderr, "%s\n", err.msg);
	asy_buf_fini(&out);
	return same;
}

static const char *api_case(const asy_metadata *m, asy_jv c)
{
	asy_buf encoded = {0}, json = {0};
	asy_json *doc = NULL;
	assay_err err;
	const char *wrong = NULL;
	uint32_t type = (uint32_t)chain_u64(c, "output_type_id");
	if (!chain_hex(asy_jv_get(c, "encoded"), &encoded))
		wrong = "the case cannot be read";
	asy_scale in = asy_scale_in(asy_buf_span(&encoded));
	asy_jw w = asy_jw_out(&json, 0);
	if (wrong == NULL &&
		(asy_value_json(m, type, &in, &w, &err) != ASSAY_OK || asy_jw_end(&w, &err) != ASSAY_OK))
		wrong = "does not decode";
	if (wrong == NULL && asy_scale_end(&in, &err) != ASSAY_OK)
		wrong = "bytes are left over";
	if (wrong == NULL && asy_json_parse(asy_buf_span(&json), NULL, &doc, &err) != ASSAY_OK)
		wrong = "the JSON written does not parse";
	if (wrong == NULL && !same_value(asy_json_root(doc), asy_jv_get(c, "expected")))
		wrong = "the values differ";
	if (wrong == NULL && !encodes_back(m, type, asy_json_root(doc), asy_buf_span(&encoded)))
		wrong = "encoded again, the bytes differ";
	asy_buf_fini(&json);
	asy_buf_fini(&encoded);
	asy_json_free(doc);
	return wrong;
}

/* "Api_method" in two. */
static const asy_api_method *method_of(const asy_metadata *m, const char *call)
{
	char api[96];
	const char *cut = strchr(call, '_');
	if (cut == NULL)
		return NULL;
	(void)snprintf(api, sizeof api, "%.*s", (int)(cut - call), call);
	return asy_metadata_api(m, api, cut + 1);
}

static bool has_methods(const asy_metadata *m, size_t bytes, asy_jv root)
{
	(void)bytes;
	asy_jv cases = asy_jv_get(root, "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		const asy_api_method *method = method_of(m, chain_str(c, "state_call"));
		if (method == NULL || method->output != chain_u64(c, "output_type_id"))
			return false;
	}
	return true;
}

void golden_chain_runtime_api(golden *g, asy_jv root)
{
	asy_jv cases = asy_jv_get(root, "cases");
	asy_metadata *m =
		chain_blob_for(g, root, chain_str(root, "metadata"), has_methods, asy_jv_size(cases));
	for (size_t i = 0; m != NULL && i < asy_jv_size(cases); i++) {
		const char *wrong = api_case(m, asy_jv_at(cases, i));
		if (wrong == NULL)
			golden_pass(g);
		else
			golden_fail(g, chain_str(asy_jv_at(cases, i), "state_call"), "%s", wrong);
	}
	asy_metadata_free(m);
}

/* ---- scale.json: by_type_id, as @polkadot/types writes JSON ---- */

/* its name for a member: "ip_type" is ipType, "BadOrigin" badOrigin */
static bool camel_same(const char *ours, const char *theirs)
{
	bool first = true, up = false;
	for (; *ours != '\0'; ours++) {
		char c = *ours;
		if (c == '_') {
			up = !first;
			continue;
		}
		if (first && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		else if (up && c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		first = up = false;
		if (c != *theirs++)
			return false;
	}
	return *theirs == '\0';
}

static bool polkadot_same(asy_jv ours, asy_jv theirs);

static bool members_same(asy_jv ours, asy_jv theirs)
{
	if (asy_jv_size(ours) != asy_jv_size(theirs))
		return false;
	for (size_t i = 0; i < asy_jv_size(ours); i++)
		if (!camel_same(asy_jv_key(ours, i), asy_jv_key(theirs, i)) ||
			!polkadot_same(asy_jv_value(ours, i), asy_jv_value(theirs, i)))
			return false;
	return true;
}

/* Digits, decimal or big-endian hexadecimal, as 16 bytes. */
static bool big(const char *s, uint8_t out[16])
{
	unsigned base = strncmp(s, "0x", 2) == 0 ? 16 : 10;
	memset(out, 0, 16);
	for (s += base == 16 ? 2 : 0; *s != '\0'; s++) {
		unsigned d = *s >= '0' && *s <= '9' ? (unsigned)(*s - '0') : (unsigned)(*s - 'a') + 10;
		unsigned carry = d;
		if (d >= base)
			return false;
		for (int i = 15; i >= 0; i--) {
			carry += out[i] * base;
			out[i] = (uint8_t)carry;
			carry >>= 8;
		}
		if (carry != 0)
			return false;
	}
	return true;
}

static bool text_same(const char *ours, const char *theirs)
{
	uint8_t a[32], b[32];
	if (strcmp(ours, theirs) == 0)
		return true;
	if (strlen(ours) == 66 && asy_hex_decode(ours, a, 32) &&
		asy_ss58_decode(theirs, b, NULL) == ASSAY_OK)
		return memcmp(a, b, 32) == 0;
	return big(ours, a) && big(theirs, b) && memcmp(a, b, 16) == 0;
}

static bool polkadot_same(asy_jv ours, asy_jv theirs)
{
	asy_json_kind a = asy_jv_kind(ours), b = asy_jv_kind(theirs);
	const char *text[2];
	char digits[2][32];
	asy_jv side[2] = {ours, theirs};
	if (a == ASY_J_OBJECT || a == ASY_J_ARRAY) {
		if (a != b)
			return false;
		if (a == ASY_J_OBJECT)
			return members_same(ours, theirs);
		bool same = asy_jv_size(ours) == asy_jv_size(theirs);
		for (size_t i = 0; same && i < asy_jv_size(ours); i++)
			same = polkadot_same(asy_jv_at(ours, i), asy_jv_at(theirs, i));
		return same;
	}
	/* an enum without fields is a string here, an object with null there */
	if (a == ASY_J_STRING && b == ASY_J_OBJECT)
		return asy_jv_str(ours, &text[0], NULL, NULL) == ASSAY_OK && asy_jv_size(theirs) == 1 &&
			   asy_jv_is_null(asy_jv_value(theirs, 0)) &&
			   camel_same(text[0], asy_jv_key(theirs, 0));
	for (int i = 0; i < 2; i++) {
		uint64_t n = 0;
		bool flag = false;
		text[i] = digits[i];
		if (asy_jv_str(side[i], &text[i], NULL, NULL) == ASSAY_OK)
			continue;
		if (asy_jv_u64(side[i], &n, NULL) == ASSAY_OK)
			(void)snprintf(digits[i], sizeof digits[i], "%" PRIu64, n);
		else if (asy_jv_bool(side[i], &flag, NULL) == ASSAY_OK)
			(void)asy_str_copy(digits[i], sizeof digits[i], flag ? "true" : "false");
		else
			(void)asy_str_copy(digits[i], sizeof digits[i],
							   asy_jv_is_null(side[i]) ? "null" : "another kind");
	}
	return text_same(text[0], text[1]);
}

static bool has_types(const asy_metadata *m, size_t bytes, asy_jv root)
{
	(void)bytes;
	asy_jv cases = asy_jv_get(asy_jv_get(root, "by_type_id"), "cases");
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		const asy_type *t = asy_metadata_type(m, (uint32_t)chain_u64(c, "type_id"));
		if (t == NULL || t->name == NULL || strcmp(t->name, chain_str(c, "path")) != 0)
			return false;
	}
	return true;
}

static const char *typed_case(const asy_metadata *m, asy_jv c)
{
	asy_buf bytes = {0}, json = {0};
	asy_json *doc = NULL;
	const char *wrong = NULL;
	uint32_t type = (uint32_t)chain_u64(c, "type_id");
	if (!chain_hex(asy_jv_get(c, "encoded"), &bytes))
		wrong = "the case cannot be read";
	asy_scale in = asy_scale_in(asy_buf_span(&bytes));
	asy_jw w = asy_jw_out(&json, 0);
	if (wrong == NULL &&
		(asy_value_json(m, type, &in, &w, NULL) != ASSAY_OK || asy_jw_end(&w, NULL) != ASSAY_OK ||
		 asy_scale_end(&in, NULL) != ASSAY_OK ||
		 asy_json_parse(asy_buf_span(&json), NULL, &doc, NULL) != ASSAY_OK))
		wrong = "does not decode";
	if (wrong == NULL && !polkadot_same(asy_json_root(doc), asy_jv_get(c, "json")))
		wrong = "the values differ";
	if (wrong == NULL && !encodes_back(m, type, asy_json_root(doc), asy_buf_span(&bytes)))
		wrong = "encoded again, the bytes differ";
	asy_buf_fini(&json);
	asy_buf_fini(&bytes);
	asy_json_free(doc);
	return wrong;
}

void golden_chain_scale(golden *g, asy_jv root)
{
	asy_jv typed = asy_jv_get(root, "by_type_id"), cases = asy_jv_get(typed, "cases");
	golden_scale(g, root);
	if (asy_jv_size(cases) == 0)
		return;
	const char *note = strstr(chain_str(typed, "note"), "metadata-");
	asy_metadata *m =
		chain_blob_for(g, root, note != NULL ? note : "", has_types, asy_jv_size(cases));
	for (size_t i = 0; m != NULL && i < asy_jv_size(cases); i++) {
		const char *wrong = typed_case(m, asy_jv_at(cases, i));
		if (wrong == NULL)
			golden_pass(g);
		else
			golden_fail(g, chain_str(asy_jv_at(cases, i), "path"), "%s", wrong);
	}
	asy_metadata_free(m);
}
