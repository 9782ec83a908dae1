/* Ranking for the attack suite: queries with graded documents, 20 of the shipped samples and 20
 * larger ones made here, and what the nine honest miners answer. */
#ifndef ASSAY_GAMING_RANKING_H
#define ASSAY_GAMING_RANKING_H
#include "gaming/gaming.h"

enum { DOCS = 60, SAMPLES = 20, MADE = 20, AUTHORS = 12 };

typedef struct {
	char id[DOCS][24];
	int grade[DOCS], author[DOCS];
	long age_h[DOCS];
	size_t n, size;
	bool dated;
	size_t honest[GAMING_HONEST][DOCS], honest_n[GAMING_HONEST], honest_i;
	char prompt[16384], reference[4096];
} facts;

static const facts *facts_of(const gaming_world *w, size_t c)
{
	return w->facts[c];
}

/* ---- lists ---- */

static void emit(const facts *f, const size_t *order, size_t n, asy_buf *out)
{
	assay_err err;
	gaming_say(out, "{\"ranking\": [");
	for (size_t i = 0; i < n; i++)
		ck_ok(asy_buf_printf(out, &err, "%s\"%s\"", i > 0 ? ", " : "", f->id[order[i]]), err);
	gaming_say(out, "]}");
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static void shuffled(const facts *f, test_rng *rng, size_t *order)
{
	for (size_t i = 0; i < f->n; i++)
		order[i] = i;
	for (size_t i = f->n; i > 1; i--) {
		size_t j = (size_t)test_below(rng, i), t = order[i - 1];
		order[i - 1] = order[j];
		order[j] = t;
	}
}

/* Falling grades; equal ones in random order. */
static void ideal(const facts *f, test_rng *rng, size_t *order)
{
	size_t mixed[DOCS], n = 0;
	shuffled(f, rng, mixed);
	for (int g = 3; g >= 0; g--)
		for (size_t i = 0; i < f->n; i++)
			if (f->grade[mixed[i]] == g)
				order[n++] = mixed[i];
}

static void swap_neighbours(size_t *order, size_t n, size_t swaps, test_rng *rng)
{
	for (size_t k = 0; n > 1 && k < swaps; k++) {
		size_t i = (size_t)test_below(rng, n - 1), t = order[i];
		order[i] = order[i + 1];
		order[i + 1] = t;
	}
}

/* The ideal order with 60, 40, 20, 10, 2 % of all pairs swapped as neighbours, and 40 to
 * 100 % of the relevant documents. Returns the length. */
static size_t honest_order(const facts *f, int level, test_rng *rng, size_t *order)
{
	static const double noise[] = {0, 0.6, 0.4, 0.2, 0.1, 0.02};
	static const double recall[] = {0, 0.4, 0.55, 0.7, 0.85, 1};
	size_t all[DOCS], n = 0;
	ideal(f, rng, all);
	for (size_t i = 0; i < f->n; i++)
		if (f->grade[all[i]] == 0 || (double)test_below(rng, 1000) < 1000 * recall[level])
			order[n++] = all[i];
	swap_neighbours(order, n, (size_t)(noise[level] * (double)(n * (n - 1)) / 2), rng);
	return least(n, f->size);
}

static void honest(const gaming_world *w, size_t c, int level, test_rng *rng, asy_buf *out)
{
	facts *f = w->facts[c];
	size_t i = f->honest_i++;
	f->honest_n[i] = honest_order(f, level, rng, f->honest[i]);
	emit(f, f->honest[i], f->honest_n[i], out);
}

/* ---- challenges ---- */

static void add_sample(gaming_world *w, const reward_sample *s)
{
	facts *f = calloc(1, sizeof *f);
	asy_jv docs = asy_jv_get(reward_sample_get(s, "prompt"), "documents");
	asy_jv grades = asy_jv_get(reward_sample_get(s, "reference"), "relevance");
	ck_assert_ptr_nonnull(f);
	f->n = f->size = asy_jv_size(docs);
	ck_assert_uint_le(f->n, DOCS);
	for (size_t i = 0; i < f->n; i++) {
		const char *id;
		size_t len;
		uint64_t g = 0;
		assay_err err;
		ck_ok(asy_jv_str(asy_jv_get(asy_jv_at(docs, i), "id"), &id, &len, &err), err);
		ck_assert(asy_str_copy(f->id[i], sizeof f->id[i], id));
		if (asy_jv_u64(asy_jv_get(grades, id), &g, NULL) == ASSAY_OK)
			f->grade[i] = (int)g;
	}
	w->facts[w->n] = f;
	w->challenge[w->n++] = s->challenge;
}

/* 60 documents of 12 authors, 10 relevant, lists of 10; half of the queries are dated. */
static void add_made(gaming_world *w, test_rng *rng, bool dated)
{
	static const int grades[] = {3, 3, 2, 2, 2, 1, 1, 1, 1, 1};
	facts *f = calloc(1, sizeof *f);
	size_t order[DOCS], at = 0, to = 0;
	ck_assert_ptr_nonnull(f);
	f->n = DOCS;
	f->size = 10;
	f->dated = dated;
	shuffled(f, rng, order);
	at += (size_t)snprintf(f->prompt, sizeof f->prompt,
						   "{\"query\": \"q\", \"size\": 10, %s\"documents\": [",
						   dated ? "\"now\": 1740787200, " : "");
	for (size_t i = 0; i < DOCS; i++) {
		f->grade[order[i]] = i < ASY_COUNT(grades) ? grades[i] : 0;
		f->author[i] = (int)test_below(rng, AUTHORS);
		f->age_h[i] = (long)test_below(rng, 24 * 365);
		(void)snprintf(f->id[i], sizeof f->id[i], "doc-%04x", (unsigned)(i * 40503 % 65536));
		at += (size_t)snprintf(f->prompt + at, sizeof f->prompt - at,
							   "%s{\"id\": \"%s\", \"author\": \"a%d\"", i > 0 ? ", " : "",
							   f->id[i], f->author[i]);
		if (dated)
			at += (size_t)snprintf(f->prompt + at, sizeof f->prompt - at, ", \"created_at\": %ld",
								   1740787200 - 3600 * f->age_h[i]);
		at += (size_t)snprintf(f->prompt + at, sizeof f->prompt - at, "}");
	}
	(void)snprintf(f->prompt + at, sizeof f->prompt - at, "]}");
	to += (size_t)snprintf(f->reference, sizeof f->reference, "{\"relevance\": {");
	for (size_t i = 0; i < DOCS; i++)
		to += (size_t)snprintf(f->reference + to, sizeof f->reference - to, "%s\"%s\": %d",
							   i > 0 ? ", " : "", f->id[i], f->grade[i]);
	(void)snprintf(f->reference + to, sizeof f->reference - to, "}}");
	w->facts[w->n] = f;
	w->challenge[w->n++] = (assay_challenge){.prompt = reward_text(f->prompt),
											 .reference = reward_text(f->reference),
											 .meta_json = reward_text("{}")};
}

#endif
