/* How many texts a second the encoder embeds on one thread, as JSON:
 *   bench_encoder DIR [--cpu scalar|avx2|avx512] [--texts N] [--words N] [--runs N]
 * DIR is a model's folder. Each text is N words of one token each, so 30 words make 32
 * tokens. Times are the processor's, so that a busy machine disturbs less; rows_per_s is
 * that of the fastest run, ms lists all, wall_ms is the fastest by the clock on the wall. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include "encoder/encoder.h"

enum { TEXTS_MOST = 1024, WORDS_MOST = 500, RUNS_MOST = 1000 };

typedef struct {
	const char *dir;
	enc_cpu cpu;
	size_t texts, words, runs;
} plan;

static double now(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t); /* edge: a benchmark */
	return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

static size_t number(const char *s, size_t most)
{
	char *end;
	unsigned long n = strtoul(s, &end, 10);
	return *end != 0 || n == 0 || n > most ? 0 : (size_t)n;
}

static bool parse(int argc, char **argv, plan *p)
{
	*p = (plan){argc > 1 ? argv[1] : NULL, ENC_CPU_AUTO, 32, 30, 10};
	for (int i = 2; i < argc; i += 2) {
		const char *v = i + 1 < argc ? argv[i + 1] : "";
		if (strcmp(argv[i], "--texts") == 0)
			p->texts = number(v, TEXTS_MOST);
		else if (strcmp(argv[i], "--words") == 0)
			p->words = number(v, WORDS_MOST);
		else if (strcmp(argv[i], "--runs") == 0)
			p->runs = number(v, RUNS_MOST);
		else if (strcmp(argv[i], "--cpu") == 0 && strcmp(v, "scalar") == 0)
			p->cpu = ENC_CPU_SCALAR;
		else if (strcmp(argv[i], "--cpu") == 0 && strcmp(v, "avx2") == 0)
			p->cpu = ENC_CPU_AVX2;
		else if (strcmp(argv[i], "--cpu") == 0 && strcmp(v, "avx512") == 0)
			p->cpu = ENC_CPU_AVX512;
		else
			return false;
	}
	return p->dir != NULL && p->texts != 0 && p->words != 0 && p->runs != 0;
}

static void make_texts(const plan *p, assay_bytes *text)
{
	static const char *const words[] = {"time", "year", "people", "way", "day", "man", "thing"};
	static char store[TEXTS_MOST][8 * WORDS_MOST];
	for (size_t i = 0; i < p->texts; i++) {
		size_t len = 0;
		for (size_t j = 0; j < p->words; j++)
			len += (size_t)snprintf(store[i] + len, sizeof store[i] - len, "%s%s",
									j == 0 ? "" : " ", words[(i * 31 + j * 7 + i * j) % 7]);
		text[i] = (assay_bytes){(const uint8_t *)store[i], len};
	}
}

static int run(const plan *p, enc_model *m)
{
	static assay_bytes text[TEXTS_MOST];
	const enc_info *info = enc_model_info(m);
	float *out = calloc(p->texts * info->dim, sizeof *out);
	double best = 1e30, best_wall = 1e30, took[RUNS_MOST];
	size_t tokens = 0;
	enc_err err = {""};
	make_texts(p, text);
	enc_rc rc = enc_count_tokens(m, text[0], &tokens, &err);
	if (rc == ENC_OK) /* once to touch the weights */
		rc = enc_embed(m, text, p->texts, out, &err);
	for (size_t i = 0; rc == ENC_OK && i < p->runs; i++) {
		double t = now(CLOCK_PROCESS_CPUTIME_ID), wall = now(CLOCK_MONOTONIC);
		rc = enc_embed(m, text, p->texts, out, &err);
		took[i] = now(CLOCK_PROCESS_CPUTIME_ID) - t;
		wall = now(CLOCK_MONOTONIC) - wall;
		best = took[i] < best ? took[i] : best;
		best_wall = wall < best_wall ? wall : best_wall;
	}
	free(out);
	if (rc != ENC_OK) {
		fprintf(stderr, "bench_encoder: %s\n", err.msg);
		return 1;
	}
	printf("{\"cpu\": \"%s\", \"texts\": %zu, \"tokens\": %zu, \"rows_per_s\": %.2f, "
		   "\"wall_ms\": %.2f, \"ms\": [",
		   info->cpu, p->texts, tokens, (double)p->texts / best, best_wall * 1e3);
	for (size_t i = 0; i < p->runs; i++)
		printf("%s%.2f", i == 0 ? "" : ", ", took[i] * 1e3);
	printf("]}\n");
	return 0;
}

int main(int argc, char **argv)
{
	plan p;
	enc_model *m = NULL;
	enc_err err = {""};
	if (!parse(argc, argv, &p)) {
		fprintf(stderr,
				"usage: bench_encoder DIR [--cpu scalar|avx2|avx512] [--texts N] [--words N] "
				"[--runs N]\n");
		return 2;
	}
	if (enc_open(p.dir, &(enc_options){.cpu = p.cpu}, &m, &err) != ENC_OK) {
		fprintf(stderr, "bench_encoder: %s\n", err.msg);
		return 1;
	}
	int status = run(&p, m);
	enc_close(m);
	return status;
}
