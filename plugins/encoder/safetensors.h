/* safetensors: the container of the weights. Checks everything that the header claims
 * before a byte of data is touched: size, JSON, count, names, types, shapes, bounds,
 * overlaps. Knows nothing of models. */
#ifndef ENC_SAFETENSORS_H
#define ENC_SAFETENSORS_H
#include "encoder/encoder.h"

enum {
	ENC_ST_HEADER_MAX = 8 << 20,
	ENC_ST_TENSORS_MAX = 16384,
	ENC_ST_RANK_MAX = 8,
	ENC_ST_NAME_MAX = 255
};

typedef enum { ENC_F32, ENC_F16, ENC_BF16, ENC_OTHER } enc_dtype;

typedef struct {
	char *name;
	enc_dtype dtype;
	size_t rank, shape[ENC_ST_RANK_MAX];
	uint64_t begin, end; /* in the file */
	const uint8_t *data; /* borrowed from the file's bytes; any alignment */
} enc_tensor;

typedef struct {
	enc_tensor *tensor; /* by name */
	size_t n;
} enc_tensors;

/* file is borrowed and must outlive the result. what names it in messages. */
enc_rc enc_tensors_read(assay_bytes file, const char *what, enc_tensors *out, enc_err *err);
void enc_tensors_free(enc_tensors *t);
const enc_tensor *enc_tensors_find(const enc_tensors *t, const char *name);
const char *enc_dtype_name(enc_dtype t);
size_t enc_dtype_size(enc_dtype t);
/* n values from element `from` as floats. The type is F32, F16 or BF16. */
void enc_tensor_floats(const enc_tensor *t, size_t from, size_t n, float *out);
float enc_half_to_float(uint16_t h);

#endif
