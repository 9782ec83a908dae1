/* The attacks on images: those common to all plugins and those of section 5 of the published
 * list, on shipped samples of classify and restore and on made challenges of detect and
 * generate. Embedding attacks (G54) have no generator: the plugin has no embedding. */
#include "gaming/gaming.h"
#include "image/novelty.h"
#include "image/read.h"
#include "unit/plugin_image/pictures.h"

typedef enum { CLASSIFY, RESTORE, DETECT, GENERATE } task;

typedef struct {
	task task;
	image_raster input, original; /* restore; generate: original only */
	char label[8][64];            /* classify: the right one first, then the others */
	size_t label_n;
	double box[4][4]; /* detect */
	asy_buf text[2];  /* made prompt and reference */
} facts;

static gaming_world world;

static const facts *facts_of(const gaming_world *w, size_t c)
{
	return w->facts[c];
}

/* ---- answers ---- */

static void answer_raster(asy_buf *out, const image_raster *r, const char *more)
{
	asy_buf png = {0};
	picture_png(&png, r);
	picture_answer(out, asy_buf_span(&png), more);
	asy_buf_fini(&png);
}

static void answer_label(asy_buf *out, const char *label)
{
	assay_err err;
	ck_ok(asy_buf_printf(out, &err, "{\"labels\": [\"%s\"]}", label), err);
}

/* The four things, each box moved by up to shift pixels and missing in one of miss. */
static void answer_boxes(asy_buf *out, const facts *f, int shift, int miss, test_rng *rng)
{
	assay_err err;
	const char *comma = "";
	gaming_say(out, "{\"detections\": [");
	for (size_t i = 0; i < 4; i++) {
		if (miss > 0 && test_below(rng, (uint64_t)miss) == 0)
			continue;
		double d[4];
		for (size_t k = 0; k < 4; k++)
			d[k] =
				f->box[i][k] +
				(shift == 0 ? 0 : (double)test_below(rng, 20 * (uint64_t)shift + 1) / 10 - shift);
		ck_ok(asy_buf_printf(
				  out, &err,
				  "%s{\"box\": [%.1f, %.1f, %.1f, %.1f], \"label\": \"%s\", \"score\": 0.9}", comma,
				  d[0], d[1], d[2], d[3], i % 2 ? "b" : "a"),
			  err);
		comma = ", ";
	}
	gaming_say(out, "]}");
}

/* Levels 1 to 5 as published: blends with noise, labels by chance, shifted boxes. */
static void honest(const gaming_world *w, size_t c, int level, test_rng *rng, asy_buf *out)
{
	static const int share[] = {20, 40, 60, 80, 95}, noise[] = {4, 3, 2, 1, 0};
	static const int right[] = {40, 55, 70, 85, 98}, shift[] = {8, 6, 4, 2, 1};
	static const int miss[] = {3, 4, 6, 12, 50}, near[] = {20, 12, 8, 5, 2};
	const facts *f = facts_of(w, c);
	int l = level - 1;
	switch (f->task) {
	case CLASSIFY:
		answer_label(out, (int)test_below(rng, 100) < right[l]
							  ? f->label[0]
							  : f->label[1 + test_below(rng, f->label_n - 1)]);
		break;
	case DETECT:
		answer_boxes(out, f, shift[l], miss[l], rng);
		break;
	case RESTORE:
	case GENERATE: {
		image_raster other = picture_random(rng, f->original.w, f->original.h);
		image_raster r = f->task == RESTORE
							 ? picture_blend(&f->input, &f->original, share[l], noise[l], rng)
							 : picture_blend(&f->original, &other, near[l], 0, rng);
		answer_raster(out, &r, "");
		image_raster_fini(&other);
		image_raster_fini(&r);
		break;
	}
	}
}

/* ---- the challenges ---- */

static image_raster raster_of(const reward_sample *s, const char *part)
{
	const char *text;
	size_t n, len;
	assay_err err;
	bool out_of_memory;
	image_raster r = {0};
	const image_want any = {IMAGE_MAX_PIXELS, 0, 0, false};
	ck_ok(asy_jv_str(asy_jv_get(reward_sample_get(s, part), "png"), &text, &n, &err), err);
	uint8_t *png = malloc(n);
	ck_assert_ptr_nonnull(png);
	ck_assert(asy_base64_decode(asy_span(text, n), png, &len));
	ck_assert_int_eq(image_read(png, len, &any, &r, &out_of_memory), IMAGE_GATE_OPEN);
	free(png);
	return r;
}

static facts *add(assay_challenge c, task t)
{
	facts *f = calloc(1, sizeof *f);
	ck_assert_ptr_nonnull(f);
	f->task = t;
	world.challenge[world.n] = c;
	world.facts[world.n++] = f;
	return f;
}

static void add_labels(facts *f, const reward_sample *s)
{
	asy_jv list = asy_jv_get(reward_sample_get(s, "prompt"), "labels");
	asy_jv right = asy_jv_at(asy_jv_get(reward_sample_get(s, "reference"), "labels"), 0);
	assay_err err;
	const char *text, *name;
	size_t n;
	ck_ok(asy_jv_str(right, &name, &n, &err), err);
	(void)snprintf(f->label[f->label_n++], sizeof f->label[0], "%s", name);
	for (size_t i = 0; i < asy_jv_size(list) && f->label_n < 8; i++) {
		ck_ok(asy_jv_str(asy_jv_at(list, i), &text, &n, &err), err);
		if (strcmp(text, name) != 0)
			(void)snprintf(f->label[f->label_n++], sizeof f->label[0], "%s", text);
	}
}

static void add_made(test_rng *rng)
{
	assay_err err;
	facts *f = add((assay_challenge){.meta_json = reward_text("{\"task\": \"detect\"}")}, DETECT);
	for (size_t i = 0; i < 4; i++)
		for (size_t k = 0; k < 4; k++)
			f->box[i][k] = k < 2 ? 10 + (double)i * 60 * (k == 0) + (double)test_below(rng, 20)
								 : 30 + (double)test_below(rng, 20);
	gaming_say(&f->text[0], "{\"labels\": [\"a\", \"b\"]}");
	gaming_say(&f->text[1], "{\"size\": [320, 120], \"boxes\": [");
	for (size_t i = 0; i < 4; i++)
		ck_ok(asy_buf_printf(&f->text[1], &err,
							 "%s{\"box\": [%.1f, %.1f, %.1f, %.1f], \"label\": \"%s\"}",
							 i > 0 ? ", " : "", f->box[i][0], f->box[i][1], f->box[i][2],
							 f->box[i][3], i % 2 ? "b" : "a"),
			  err);
	gaming_say(&f->text[1], "]}");
	facts *g =
		add((assay_challenge){.meta_json = reward_text("{\"task\": \"generate\"}")}, GENERATE);
	g->original = picture_scene(80 + (uint32_t)test_below(rng, 40), 90);
	gaming_say(&g->text[0], "{\"prompt\": \"a scene\"}");
	answer_raster(&g->text[1], &g->original, "");
	for (size_t i = world.n - 2; i < world.n; i++) {
		facts *x = world.facts[i];
		world.challenge[i].prompt = gaming_bytes(&x->text[0]);
		world.challenge[i].reference = gaming_bytes(&x->text[1]);
	}
}

static reward_sample *open_world(size_t *n)
{
	test_rng rng = {7};
	reward_sample *samples = reward_samples("plugins/image/samples/image.jsonl", n);
	size_t restores = 0, labels = 0;
	for (size_t i = 0; i < *n; i++) {
		if (strncmp(samples[i].id, "restore", 7) == 0 && restores++ < 12) {
			facts *f = add(samples[i].challenge, RESTORE);
			f->input = raster_of(&samples[i], "prompt");
			f->original = raster_of(&samples[i], "reference");
		} else if (strncmp(samples[i].id, "recognise", 9) == 0 && labels++ < 12) {
			add_labels(add(samples[i].challenge, CLASSIFY), &samples[i]);
		}
	}
	for (int i = 0; i < 6; i++)
		add_made(&rng);
	return samples;
}

static void close_world(reward_sample *samples, size_t n)
{
	for (size_t c = 0; c < world.n; c++) {
		facts *f = world.facts[c];
		image_raster_fini(&f->input);
		image_raster_fini(&f->original);
		asy_buf_fini(&f->text[0]);
		asy_buf_fini(&f->text[1]);
		free(f);
	}
	reward_samples_free(samples, n);
}

/* ---- attacks common to all plugins ---- */

static size_t literals(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const char *const bodies[] = {"",
										 " \n",
										 "null",
										 "{}",
										 "[]",
										 "{\"png\": 1}",
										 "{\"png\": \"\"}",
										 "{\"png\": \"AAAA\"}",
										 "{\"labels\": \"a\"}",
										 "{\"detections\": 3}",
										 "{\"labels\": []}"};
	(void)w, (void)c, (void)rng;
	for (size_t i = 0; i < ASY_COUNT(bodies); i++)
		gaming_say(&out[i].body, bodies[i]);
	return ASY_COUNT(bodies);
}

static size_t bombs(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static char deep[60001];
	static const char *const files[] = {"bomb_header_60000x60000.png",
										"bomb_real_12000x12000_bit1.png",
										"huge_dim_2_31.png",
										"apng.png",
										"webp_anim.webp",
										"svg.svg",
										"truncated.jpg",
										"bad_crc.png",
										"gif.gif"};
	(void)w, (void)c, (void)rng;
	memset(deep, '[', sizeof deep - 1);
	gaming_say(&out[0].body, deep);
	for (size_t i = 0; i < ASY_COUNT(files); i++) {
		char path[512];
		static uint8_t bytes[1 << 20];
		(void)snprintf(path, sizeof path, "%s/tests/golden/rewards/image/decode/%s",
					   ASSAY_SOURCE_DIR, files[i]);
		FILE *f = fopen(path, "rb"); /* edge: a test reads its vectors */
		ck_assert_ptr_nonnull(f);
		size_t n = fread(bytes, 1, sizeof bytes, f);
		(void)fclose(f);
		picture_answer(&out[1 + i].body, asy_span(bytes, n), "");
	}
	return 1 + ASY_COUNT(files);
}

static size_t claims(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	assay_err err;
	(void)rng;
	ck_ok(asy_buf_add(&out[0].body, w->honest[c][0].ptr, w->honest[c][0].len - 1, &err), err);
	gaming_say(&out[0].body,
			   ", \"hash\": \"0\", \"embedding\": [1], \"score\": 1, \"process_time\": 0}");
	return 1;
}

static size_t copies(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	assay_err err;
	(void)rng;
	for (size_t i = 0; i < 10; i++) {
		ck_ok(asy_buf_add(&out[i].body, w->honest[c][6].ptr, w->honest[c][6].len, &err), err);
		out[i].base = 6;
	}
	return 10;
}

/* A turned, cut or lightly spoilt copy of a picture. */
static image_raster turned(const image_raster *r, int kind, test_rng *rng)
{
	image_raster x = picture_blend(r, r, 0, kind == 3 ? 1 : 0, rng);
	size_t row = (size_t)r->w * 3;
	for (uint32_t i = 0; i < r->h; i++)
		for (size_t k = 0; k < row; k++) {
			size_t column = k / 3, from = i * row + k;
			/* 1: mirrored; 2: brighter; 4: 2 % cut off at the left and widened again */
			if (kind == 1)
				from = i * row + (r->w - 1 - column) * 3 + k % 3;
			if (kind == 4)
				from = i * row + (r->w / 50 + column * (r->w - r->w / 50) / r->w) * 3 + k % 3;
			int v = r->rgb[from] + (kind == 2 ? 6 : 0);
			x.rgb[i * row + k] = (uint8_t)(kind == 3 ? x.rgb[i * row + k] : v > 255 ? 255 : v);
		}
	return x;
}

static image_raster copied_picture(const gaming_world *w, size_t c, size_t miner)
{
	const asy_buf *b = &w->honest[c][miner];
	const char *text;
	size_t n, len;
	assay_err err;
	asy_json *doc = NULL;
	bool out_of_memory;
	image_raster r = {0};
	const image_want any = {IMAGE_MAX_PIXELS, 0, 0, false};
	ck_ok(asy_json_parse((assay_span){b->ptr, b->len}, NULL, &doc, &err), err);
	ck_ok(asy_jv_str(asy_jv_get(asy_json_root(doc), "png"), &text, &n, &err), err);
	uint8_t *png = malloc(n);
	ck_assert_ptr_nonnull(png);
	ck_assert(asy_base64_decode(asy_span(text, n), png, &len));
	ck_assert_int_eq(image_read(png, len, &any, &r, &out_of_memory), IMAGE_GATE_OPEN);
	free(png);
	asy_json_free(doc);
	return r;
}

/* Another miner's picture, of the kinds from to to - 1 of turned(). Of a right generation
 * nothing is free: copies are paid there. */
static size_t copied(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out,
					 const int *kinds, size_t n)
{
	if (facts_of(w, c)->task != RESTORE)
		return 0;
	image_raster r = copied_picture(w, c, 8);
	for (size_t i = 0; i < n; i++) {
		image_raster x = turned(&r, kinds[i], rng);
		answer_raster(&out[i].body, &x, i % 2 == 0 ? "" : ", \"note\": \"mine\"");
		out[i].base = 8;
		image_raster_fini(&x);
	}
	image_raster_fini(&r);
	return n;
}

/* The most that one of the copies earns above the picture that it is made of. */
static double gained(gaming_world *w, size_t c, const gaming_answer *x, size_t n,
					 const reward_row *row)
{
	double worst = -1;
	for (size_t i = 0; i < n; i++) {
		double gain = row[GAMING_HONEST + i].score - w->score[c][x[i].base];
		worst = gain > worst ? gain : worst;
	}
	return worst;
}

static size_t encoded_anew(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const int kinds[] = {0, 0, 0, 0, 0};
	return copied(w, c, rng, out, kinds, ASY_COUNT(kinds));
}

/* One picture five times: with noise, brighter, darker, flatter, and two of these at once. */
static size_t disguised(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const struct {
		int noise, gain, lift;
	} as[] = {{1, 100, 0}, {1, 100, 3}, {0, 100, -2}, {0, 97, 2}, {1, 102, -3}};
	enum { MINER = 5 };
	if (facts_of(w, c)->task != RESTORE)
		return 0;
	image_raster r = copied_picture(w, c, MINER);
	for (size_t i = 0; i < ASY_COUNT(as); i++) {
		image_raster x = picture_blend(&r, &r, 0, as[i].noise, rng);
		for (size_t k = 0; k < (size_t)x.w * x.h * 3; k++) {
			int v = x.rgb[k] * as[i].gain / 100 + as[i].lift;
			x.rgb[k] = (uint8_t)(v < 0 ? 0 : v > 255 ? 255 : v);
		}
		answer_raster(&out[i].body, &x, "");
		out[i].base = MINER;
		image_raster_fini(&x);
	}
	image_raster_fini(&r);
	return ASY_COUNT(as);
}

static size_t spoilt(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	static const int kinds[] = {1, 2, 3, 4};
	return copied(w, c, rng, out, kinds, ASY_COUNT(kinds));
}

/* ---- restore ---- */

static size_t input_back(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	(void)rng;
	if (f->task != RESTORE)
		return 0;
	answer_raster(&out[0].body, &f->input, "");
	return 1;
}

/* Blurs of the input, and each halfway. */
static size_t blurred(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	if (f->task != RESTORE)
		return 0;
	for (unsigned i = 0; i < 2 * IMAGE_MIXED; i++) {
		image_raster b = {0};
		ck_assert_int_eq(image_mixed(&f->input, i % IMAGE_MIXED, &b), IMAGE_DONE);
		image_raster r = picture_blend(&f->input, &b, i < IMAGE_MIXED ? 100 : 50, 0, rng);
		answer_raster(&out[i].body, &r, "");
		image_raster_fini(&b);
		image_raster_fini(&r);
	}
	return 2 * IMAGE_MIXED;
}

/* Constants, the mean colour, negatives, other levels. */
static size_t plain(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	const image_raster *in = f->task == RESTORE ? &f->input : &f->original;
	if (f->task != RESTORE && f->task != GENERATE)
		return 0;
	size_t n = (size_t)in->w * in->h * 3;
	for (int kind = 0; kind < 7; kind++) {
		image_raster r = picture_blend(in, in, 0, 0, rng);
		uint64_t sum[3] = {0};
		for (size_t i = 0; i < n; i++)
			sum[i % 3] += in->rgb[i];
		for (size_t i = 0; i < n; i++) {
			int v = in->rgb[i], mean = (int)(sum[i % 3] * 3 / n);
			int x[] = {0, 255, 128, mean, 255 - v, v * 7 / 10, 40 + v};
			r.rgb[i] = (uint8_t)(x[kind] > 255 ? 255 : x[kind]);
		}
		/* of a generation the last three are near copies of the answer itself */
		if (f->task == RESTORE || kind < 5)
			answer_raster(&out[kind].body, &r, "");
		image_raster_fini(&r);
	}
	return f->task == RESTORE ? 7 : 5;
}

static size_t sizes(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	(void)rng;
	if (f->task != RESTORE && f->task != GENERATE)
		return 0;
	image_raster turned = f->original, one = f->original, short_by_one = f->original;
	turned.w = f->original.h + (f->original.h == f->original.w);
	turned.h = f->original.w - (f->original.h == f->original.w);
	one.w = one.h = 1;
	short_by_one.h -= 1;
	if ((size_t)turned.w * turned.h <= (size_t)f->original.w * f->original.h)
		answer_raster(&out[0].body, &turned, "");
	answer_raster(&out[1].body, &one, "");
	answer_raster(&out[2].body, &short_by_one, "");
	return 3;
}

/* ---- generate: the low frequencies of the right picture under noise ---- */

static size_t hash_twin(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	if (f->task != GENERATE)
		return 0;
	for (size_t i = 0; i < 4; i++) {
		image_raster b = {0};
		ck_assert_int_eq(image_mixed(&f->original, 3, &b), IMAGE_DONE);
		image_raster r = picture_blend(&b, &b, 0, 70, rng);
		answer_raster(&out[i].body, &r, "");
		image_raster_fini(&b);
		image_raster_fini(&r);
	}
	return 4;
}

/* ---- classify ---- */

static size_t every_label(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	assay_err err;
	if (f->task != CLASSIFY)
		return 0;
	size_t from = (size_t)test_below(rng, f->label_n);
	gaming_say(&out[0].body, "{\"labels\": [");
	for (size_t i = 0; i < f->label_n; i++)
		ck_ok(asy_buf_printf(&out[0].body, &err, "%s\"%s\"", i > 0 ? ", " : "",
							 f->label[(from + i) % f->label_n]),
			  err);
	gaming_say(&out[0].body, "]}");
	return 1;
}

static size_t label_twice(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	const facts *f = facts_of(w, c);
	assay_err err;
	(void)rng;
	if (f->task != CLASSIFY)
		return 0;
	ck_ok(asy_buf_printf(&out[0].body, &err, "{\"labels\": [\"%s\", \"%s\"]}", f->label[0],
						 f->label[0]),
		  err);
	return 1;
}

/* ---- detect ---- */

static size_t sprayed(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	assay_err err;
	(void)rng;
	if (facts_of(w, c)->task != DETECT)
		return 0;
	for (size_t k = 0; k < 2; k++) { /* a grid of every size; one giant box of each class */
		gaming_say(&out[k].body, "{\"detections\": [");
		const char *comma = "";
		for (int size = k == 0 ? 20 : 320; size <= (k == 0 ? 60 : 320); size += 10)
			for (int y = 0; y < (k == 0 ? 100 : 1); y += 10)
				for (int x = 0; x < (k == 0 ? 300 : 1); x += 10)
					for (int l = 0; l < 2; l++) {
						ck_ok(asy_buf_printf(
								  &out[k].body, &err,
								  "%s{\"box\": [%d, %d, %d, %d], \"label\": \"%s\", \"score\": 1}",
								  comma, x, y, size, k == 0 ? size : 120, l ? "b" : "a"),
							  err);
						comma = ", ";
					}
		gaming_say(&out[k].body, "]}");
	}
	return 2;
}

static size_t impossible(const gaming_world *w, size_t c, test_rng *rng, gaming_answer *out)
{
	(void)rng;
	if (facts_of(w, c)->task != DETECT)
		return 0;
	gaming_say(&out[0].body,
			   "{\"detections\": [{\"box\": [1, 1, 0, 0], \"label\": \"a\", \"score\": 1}]}");
	gaming_say(&out[1].body,
			   "{\"detections\": [{\"box\": [1, 1, 1e999, 5], \"label\": \"a\", \"score\": 1}]}");
	gaming_say(&out[2].body,
			   "{\"detections\": [{\"box\": [1, 1, 5, 5], \"label\": \"a\", \"score\": \"NaN\"}]}");
	return 3;
}

static const gaming_attack attacks[] = {
	{"G01", "empty, null, wrong shapes", GAMING_ZERO, 0, literals, false, NULL},
	{"G03", "depth and image bombs, other formats, animations", GAMING_ZERO, 0, bombs, false, NULL},
	{"G06", "one answer from ten uids", GAMING_SYBIL, 1.1, copies, true, NULL},
	{"G11", "claimed hashes, embeddings, scores", GAMING_EQUAL, 0, claims, true, NULL},
	{"G51", "the input sent back", GAMING_ZERO, 0, input_back, false, NULL},
	{"G51", "the input blurred, or half blurred", GAMING_SHARE, 0.1, blurred, false, NULL},
	{"G52", "constants, mean colour, negative, other levels", GAMING_SHARE, 0.1, plain, false,
	 NULL},
	{"G53", "low frequencies of the right picture under noise", GAMING_LOW, 0.7, hash_twin, false,
	 NULL},
	{"G55", "another's picture encoded anew, from five uids", GAMING_SYBIL, 1.05, encoded_anew,
	 true, NULL},
	{"G55", "another's picture from five uids, noisy, brighter, flatter", GAMING_SYBIL, 1.1,
	 disguised, true, NULL},
	{"G55", "another's picture mirrored, brighter, noisy, cut: what it gains", GAMING_WITHIN, 0.1,
	 spoilt, true, gained},
	{"G57", "a grid of boxes; a giant box", GAMING_SHARE, 0.1, sprayed, false, NULL},
	{"G57", "boxes that cannot be", GAMING_ZERO, 0, impossible, false, NULL},
	{"G59", "every label in some order", GAMING_SHARE, 0.5, every_label, false, NULL},
	{"G59", "the right label twice", GAMING_ZERO, 0, label_twice, false, NULL},
	{"G60", "other sizes", GAMING_ZERO, 0, sizes, false, NULL},
};

START_TEST(test_attacks_when_tried_then_every_property_holds)
{
	size_t n = 0;
	reward_sample *samples = open_world(&n);
	gaming_begin(&world, "{}", honest);
	gaming_all(
		&world, attacks, ASY_COUNT(attacks), "image",
		"# Attacks on images\n\n"
		"12 of the shipped samples to recognise, 12 to restore, 6 made challenges to detect and "
		"6 to\ngenerate. Written by `gaming_image`; `docs/gaming.md` says how to read it.\n");
	gaming_end(&world);
	close_world(samples, n);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_attacks_when_tried_then_every_property_holds);
}

int main(void)
{
	return test_main("gaming_image", fill, 200);
}
