/* Reads the header of a safetensors file: eight bytes little-endian length, then that
 * many bytes of JSON {name: {dtype, shape, data_offsets}}, then the data. */
#include "encoder/safetensors.h"
#include "common/json.h"
#include "encoder/fail.h"
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static const struct {
	const char *name;
	enc_dtype type;
	uint8_t size;
} dtypes[] = {{"F32", ENC_F32, 4},   {"F16", ENC_F16, 2},   {"BF16", ENC_BF16, 2},
			  {"F64", ENC_OTHER, 8}, {"I64", ENC_OTHER, 8}, {"U64", ENC_OTHER, 8},
			  {"I32", ENC_OTHER, 4}, {"U32", ENC_OTHER, 4}, {"I16", ENC_OTHER, 2},
			  {"U16", ENC_OTHER, 2}, {"I8", ENC_OTHER, 1},  {"U8", ENC_OTHER, 1},
			  {"BOOL", ENC_OTHER, 1}};

typedef struct {
	enc_tensors *out;
	const char *what;
	enc_err *err;
	const uint8_t *data; /* behind the header */
	uint64_t data_len, data_at;
	enc_rc rc;
} reader;

static bool refuse(reader *r, const char *name, const char *why)
{
	r->rc = enc_fail(r->err, ENC_BAD_MODEL, "%s: tensor '%.80s' %s", r->what, name, why);
	return false;
}

static bool read_dtype(const plg_json *v, enc_dtype *type, size_t *size)
{
	assay_bytes s;
	if (!plg_json_str(plg_json_get(v, "dtype"), &s))
		return false;
	for (size_t i = 0; i < sizeof dtypes / sizeof *dtypes; i++) {
		if (s.len == strlen(dtypes[i].name) && memcmp(s.ptr, dtypes[i].name, s.len) == 0) {
			*type = dtypes[i].type;
			*size = dtypes[i].size;
			return true;
		}
	}
	return false;
}

/* Elements by the shape; false when it is no shape or the product overflows. */
static bool read_shape(const plg_json *v, enc_tensor *t, uint64_t *count)
{
	const plg_json *shape = plg_json_get(v, "shape");
	if (plg_json_type(shape) != PLG_J_ARRAY || plg_json_size(shape) > ENC_ST_RANK_MAX)
		return false;
	t->rank = plg_json_size(shape);
	*count = 1;
	for (size_t i = 0; i < t->rank; i++) {
		int64_t d;
		if (!plg_json_int(plg_json_at(shape, i), &d) || d < 0 ||
			__builtin_mul_overflow(*count, (uint64_t)d, count))
			return false;
		t->shape[i] = (size_t)d;
	}
	return true;
}

static bool read_offsets(const plg_json *v, uint64_t limit, uint64_t *begin, uint64_t *end)
{
	const plg_json *o = plg_json_get(v, "data_offsets");
	int64_t b, e;
	if (plg_json_size(o) != 2 || !plg_json_int(plg_json_at(o, 0), &b) ||
		!plg_json_int(plg_json_at(o, 1), &e) || b < 0 || e < b || (uint64_t)e > limit)
		return false;
	*begin = (uint64_t)b;
	*end = (uint64_t)e;
	return true;
}

static bool read_tensor(reader *r, const char *name, const plg_json *v, enc_tensor *t)
{
	uint64_t count, begin, end, bytes;
	size_t size;
	if (!read_dtype(v, &t->dtype, &size))
		return refuse(r, name, "has no dtype that this reader knows");
	if (!read_shape(v, t, &count))
		return refuse(r, name, "has no valid shape (at most 8 dimensions)");
	if (!read_offsets(v, r->data_len, &begin, &end))
		return refuse(r, name, "has data_offsets outside the file");
	if (__builtin_mul_overflow(count, (uint64_t)size, &bytes) || bytes != end - begin)
		return refuse(r, name, "has a shape that does not match the length of its data");
	t->data = r->data + begin;
	t->begin = r->data_at + begin;
	t->end = r->data_at + end;
	return true;
}

static bool each_tensor(void *ctx, assay_bytes key, const plg_json *v)
{
	reader *r = ctx;
	if (key.len == 12 && memcmp(key.ptr, "__metadata__", 12) == 0)
		return true;
	if (key.len > ENC_ST_NAME_MAX || memchr(key.ptr, 0, (size_t)key.len) != NULL) {
		r->rc = enc_fail(r->err, ENC_BAD_MODEL, "%s: a tensor's name is over %d bytes or has a NUL",
						 r->what, ENC_ST_NAME_MAX);
		return false;
	}
	char *name = malloc((size_t)key.len + 1);
	if (name == NULL) {
		r->rc = enc_fail(r->err, ENC_NOMEM, "out of memory reading %s", r->what);
		return false;
	}
	memcpy(name, key.ptr, (size_t)key.len);
	name[key.len] = 0;
	enc_tensor *t = &r->out->tensor[r->out->n++];
	t->name = name;
	return read_tensor(r, name, v, t);
}

static int by_place(const void *a, const void *b)
{
	const enc_tensor *x = a, *y = b;
	if (x->begin != y->begin)
		return x->begin < y->begin ? -1 : 1;
	return (x->end > y->end) - (x->end < y->end);
}

static int by_name(const void *a, const void *b)
{
	return strcmp(((const enc_tensor *)a)->name, ((const enc_tensor *)b)->name);
}

/* Two tensors over the same bytes are how a small file claims to be a large one. */
static enc_rc check_overlaps(enc_tensors *t, const char *what, enc_err *err)
{
	qsort(t->tensor, t->n, sizeof *t->tensor, by_place);
	for (size_t i = 1; i < t->n; i++) {
		if (t->tensor[i].begin < t->tensor[i - 1].end && t->tensor[i].begin < t->tensor[i].end)
			return enc_fail(err, ENC_BAD_MODEL, "%s: tensors '%.60s' and '%.60s' overlap", what,
							t->tensor[i - 1].name, t->tensor[i].name);
	}
	qsort(t->tensor, t->n, sizeof *t->tensor, by_name);
	return ENC_OK;
}

static enc_rc read_header(const plg_json *root, reader *r)
{
	size_t n = plg_json_size(root);
	if (plg_json_type(root) != PLG_J_OBJECT || n == 0 || n > ENC_ST_TENSORS_MAX)
		return enc_fail(r->err, ENC_BAD_MODEL, "%s: the header is no object of 1 to %d tensors",
						r->what, ENC_ST_TENSORS_MAX);
	r->out->tensor = calloc(n, sizeof *r->out->tensor);
	if (r->out->tensor == NULL)
		return enc_fail(r->err, ENC_NOMEM, "out of memory reading %s", r->what);
	if (!plg_json_each(root, each_tensor, r))
		return r->rc;
	return check_overlaps(r->out, r->what, r->err);
}

static uint64_t little_u64(const uint8_t *p)
{
	uint64_t v = 0;
	for (int i = 7; i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

enc_rc enc_tensors_read(assay_bytes file, const char *what, enc_tensors *out, enc_err *err)
{
	enc_tensors t = {NULL, 0};
	const char *why;
	uint64_t n = file.len < 8 ? 0 : little_u64(file.ptr);
	if (file.len < 8 || n > file.len - 8)
		return enc_fail(err, ENC_BAD_MODEL,
						"%s is shorter than its header says: not a safetensors file, or cut off",
						what);
	if (n > ENC_ST_HEADER_MAX)
		return enc_fail(err, ENC_BAD_MODEL, "%s: header of %" PRIu64 " bytes, the limit is %d",
						what, n, ENC_ST_HEADER_MAX);
	plg_json *root = plg_json_parse((assay_bytes){file.ptr + 8, n}, ENC_ST_HEADER_MAX, &why);
	if (root == NULL)
		return enc_fail(err, ENC_BAD_MODEL, "%s: header: %s", what, why);
	reader r = {&t, what, err, file.ptr + 8 + n, file.len - 8 - n, 8 + n, ENC_BAD_MODEL};
	enc_rc rc = read_header(root, &r);
	plg_json_free(root);
	if (rc != ENC_OK)
		enc_tensors_free(&t);
	else
		*out = t;
	return rc;
}

void enc_tensors_free(enc_tensors *t)
{
	for (size_t i = 0; i < t->n; i++)
		free(t->tensor[i].name);
	free(t->tensor);
	*t = (enc_tensors){NULL, 0};
}

const enc_tensor *enc_tensors_find(const enc_tensors *t, const char *name)
{
	const enc_tensor key = {.name = (char *)(uintptr_t)name};
	return t->n == 0 ? NULL : bsearch(&key, t->tensor, t->n, sizeof key, by_name);
}

const char *enc_dtype_name(enc_dtype t)
{
	return t == ENC_OTHER ? "another type" : dtypes[t].name;
}

size_t enc_dtype_size(enc_dtype t)
{
	return t == ENC_F32 ? 4 : 2;
}

static float float_of(uint32_t bits)
{
	float f;
	memcpy(&f, &bits, sizeof f);
	return f;
}

float enc_half_to_float(uint16_t h)
{
	uint32_t sign = (uint32_t)(h & 0x8000) << 16, exponent = h >> 10 & 31, fraction = h & 0x3ff;
	if (exponent == 31) /* infinity, not a number */
		return float_of(sign | 0x7f800000 | fraction << 13);
	if (exponent != 0)
		return float_of(sign | (exponent + 112) << 23 | fraction << 13);
	float small = (float)fraction * 0x1p-24f; /* exact: below 2^-14 */
	return sign ? -small : small;
}

void enc_tensor_floats(const enc_tensor *t, size_t from, size_t n, float *out)
{
	const uint8_t *p = t->data + from * enc_dtype_size(t->dtype);
	if (t->dtype == ENC_F32) {
		if (n != 0)
			memcpy(out, p, n * 4);
		return;
	}
	for (size_t i = 0; i < n; i++) {
		uint16_t h;
		memcpy(&h, p + 2 * i, 2);
		out[i] = t->dtype == ENC_F16 ? enc_half_to_float(h) : float_of((uint32_t)h << 16);
	}
}
