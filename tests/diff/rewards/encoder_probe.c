/* The encoder as a filter, for comparing it with other implementations:
 *   encoder_probe DIR tokens|special|embed|pairs [scalar|avx2|avx512] <IN >OUT
 * IN: texts, each a 32-bit length and its bytes (pairs: two texts each). OUT, for each:
 * tokens and special: 32-bit count and ids, without those around the text; embed: the
 * unit vector; pairs: logits. Numbers are little-endian. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "encoder/encoder.h"
#include "encoder/tokenizer.h"

static int fail(const char *what)
{
	fprintf(stderr, "encoder_probe: %s\n", what);
	return 1;
}

static assay_bytes *read_all(size_t *n)
{
	size_t cap = 0;
	assay_bytes *list = NULL;
	uint32_t len;
	for (*n = 0; fread(&len, sizeof len, 1, stdin) == 1; ++*n) {
		uint8_t *p = malloc((size_t)len + 1);
		if (*n == cap)
			list = realloc(list, (cap = 2 * cap + 64) * sizeof *list);
		if (p == NULL || list == NULL || fread(p, 1, len, stdin) != len)
			exit(fail("short input"));
		list[*n] = (assay_bytes){p, len};
	}
	return list;
}

static int tokens(const char *dir, bool special, const assay_bytes *text, size_t n)
{
	enc_err err;
	enc_layout l;
	enc_tokenizer *t = NULL;
	if (enc_layout_read(dir, &l, &err) != ENC_OK || enc_tokenizer_open(dir, &l, &t, &err) != ENC_OK)
		return fail(err.msg);
	enc_ids ids = {.most = SIZE_MAX};
	for (size_t i = 0; i < n; i++) {
		ids.n = 0;
		if (enc_tokenizer_text(t, text[i], special, &ids, &err) != ENC_OK)
			return fail(err.msg);
		uint32_t count = (uint32_t)ids.n;
		fwrite(&count, sizeof count, 1, stdout);
		fwrite(ids.id, sizeof *ids.id, ids.n, stdout);
	}
	enc_ids_free(&ids);
	enc_tokenizer_close(t);
	enc_layout_free(&l);
	return 0;
}

static int run(enc_model *m, bool pairs, const assay_bytes *text, size_t n)
{
	const enc_info *info = enc_model_info(m);
	enc_err err;
	size_t rows = pairs ? n / 2 : n, cols = pairs ? info->labels : info->dim;
	float *out = calloc(rows * cols + 1, sizeof *out), *prob = calloc(rows * cols + 1, sizeof *out);
	enc_pair *pair = calloc(rows + 1, sizeof *pair);
	for (size_t i = 0; pairs && i < rows; i++)
		pair[i] = (enc_pair){text[2 * i], text[2 * i + 1]};
	enc_rc rc =
		pairs ? enc_classify(m, pair, rows, prob, out, &err) : enc_embed(m, text, n, out, &err);
	if (rc == ENC_OK)
		fwrite(out, sizeof *out, rows * cols, stdout);
	free(out);
	free(prob);
	free(pair);
	return rc == ENC_OK ? 0 : fail(err.msg);
}

int main(int argc, char **argv)
{
	if (argc < 3)
		return fail("encoder_probe DIR tokens|special|embed|pairs [scalar|avx2|avx512]");
	size_t n;
	const char *what = argv[2], *cpu = argc > 3 ? argv[3] : "";
	assay_bytes *text = read_all(&n);
	if (strcmp(what, "tokens") == 0 || strcmp(what, "special") == 0)
		return tokens(argv[1], what[0] == 's', text, n);
	enc_options opt = {.cpu = strcmp(cpu, "scalar") == 0   ? ENC_CPU_SCALAR
							  : strcmp(cpu, "avx2") == 0   ? ENC_CPU_AVX2
							  : strcmp(cpu, "avx512") == 0 ? ENC_CPU_AVX512
														   : ENC_CPU_AUTO};
	enc_model *m = NULL;
	enc_err err;
	if (enc_open(argv[1], &opt, &m, &err) != ENC_OK)
		return fail(err.msg);
	int status = run(m, strcmp(what, "pairs") == 0, text, n);
	enc_close(m);
	for (size_t i = 0; i < n; i++)
		free((void *)(uintptr_t)text[i].ptr);
	free(text);
	return status;
}
