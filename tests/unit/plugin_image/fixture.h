/* The image plugin opened with its defaults, its samples read, and short ways to
 * ask about an answer: the ground of every test that goes through the contract. */
#ifndef TEST_IMAGE_FIXTURE_H
#define TEST_IMAGE_FIXTURE_H
#include "image/read.h"
#include "image/row.h"
#include "support/reward.h"
#include "unit/plugin_image/pictures.h"

#define SAMPLES "plugins/image/samples/image.jsonl"

static reward_sample *samples;
static size_t samples_n;
static reward_host host;

static inline void setup(void)
{
	samples = reward_samples(SAMPLES, &samples_n);
	ck_assert_int_eq(reward_open(&host, "{}"), ASSAY_RC_OK);
}
static inline void teardown(void)
{
	reward_close(&host);
	reward_samples_free(samples, samples_n);
}

static inline const reward_sample *sample(const char *id)
{
	for (size_t i = 0; i < samples_n; i++)
		if (strcmp(samples[i].id, id) == 0)
			return &samples[i];
	ck_abort_msg("no sample %s", id);
	return NULL;
}

static inline assay_bytes bytes_of(const asy_buf *b)
{
	return (assay_bytes){b->ptr, b->len};
}

static inline int gate_of(const reward_row *row)
{
	return (int)reward_part(&host, row, "gate");
}

/* The raster behind a sample's "png", of its prompt or reference. */
static inline image_raster raster_of(const reward_sample *s, const char *part)
{
	const char *text;
	size_t n, len;
	assay_err err;
	bool out_of_memory;
	image_raster r = {0};
	ck_ok(asy_jv_str(asy_jv_get(reward_sample_get(s, part), "png"), &text, &n, &err), err);
	uint8_t *png = malloc(n);
	ck_assert_ptr_nonnull(png);
	ck_assert(asy_base64_decode(asy_span(text, n), png, &len));
	ck_assert_int_eq(
		image_read(png, len, &(image_want){IMAGE_MAX_PIXELS, 0, 0, false}, &r, &out_of_memory),
		IMAGE_GATE_OPEN);
	free(png);
	return r;
}

static inline void answer_with(asy_buf *out, const image_raster *r, const char *more)
{
	asy_buf png = {0};
	picture_png(&png, r);
	picture_answer(out, asy_buf_span(&png), more);
	asy_buf_fini(&png);
}

#endif
