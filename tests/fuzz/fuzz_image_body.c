/* Any bytes as an answer to the image plugin, and the same bytes as an image file
 * (the fuzzer would need long to find base64 in JSON by itself).
 * Properties: a row is always decided, its score is in [0, 1], the same bytes give
 * the same bits, and an image that is let in has the size it announced. */
#include <stdlib.h>
#include <string.h>
#include "assay/plugin.h"
#include "image/read.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static assay_bytes text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

/* A 3 x 2 original in two shades and its flat input: small, so that a find is small. */
static const char original[] =
	"{\"png\": \"iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAAXNSR0IArs4c6QAAABBJRE"
	"FUCJljYGj4z/SfgREACwkCgl0RTFoAAAAASUVORK5CYII=\"}";
static const char flat[] =
	"{\"task\": \"restore\", \"png\": "
	"\"iVBORw0KGgoAAAANSUhEUgAAAAMAAAACCAAAAAC4HznGAAAAAXNSR0IArs4c6QAAABBJRE"
	"FUCJljbGBgYGJgYAAAA5gAhOqJvkIAAAAASUVORK5CYII=\"}";

static void require(int held)
{
	if (!held)
		abort();
}

static double score(assay_plugin *p, const assay_challenge *c, assay_bytes body)
{
	const assay_round_info round = {.size = sizeof round};
	assay_response x = {.body = body, .status = ASSAY_RESP_OK};
	double s = -1;
	uint8_t flag = 0;
	assay_batch b = {.size = sizeof b,
					 .challenge_n = 1,
					 .response_n = 1,
					 .challenge = c,
					 .response = &x,
					 .challenge_stride = sizeof *c,
					 .response_stride = sizeof x};
	assay_scores out = {.size = sizeof out, .score = &s, .flag = &flag};
	require(assay_plugin_entry_v1()->api->score_batch(p, &round, &b, &out) == ASSAY_RC_OK);
	require(flag == ASSAY_ROW_SCORED && s >= 0 && s <= 1);
	return s;
}

static void as_file(const uint8_t *data, size_t size)
{
	image_raster r = {0};
	bool out_of_memory;
	/* a low limit keeps the fuzzer fast; the limit itself has tests */
	image_gate gate =
		image_read(data, size, &(image_want){1 << 16, 0, 0, false}, &r, &out_of_memory);
	require((gate == IMAGE_GATE_OPEN) == (r.rgb != NULL));
	require(gate != IMAGE_GATE_OPEN || (r.w > 0 && r.h > 0 && (uint64_t)r.w * r.h <= 1 << 16));
	image_raster_fini(&r);
}

/* Opened once and never closed: a configuration is the validator's, not a stranger's. */
static assay_plugin *opened(void)
{
	static assay_plugin *p;
	if (p == NULL)
		require(assay_plugin_entry_v1()->api->open(NULL, text("{}"), &p) == ASSAY_RC_OK);
	return p;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const assay_challenge c[] = {
		{.prompt = text("{\"labels\": [\"a\", \"b\", \"c\", \"d\"]}"),
		 .reference = text("{\"labels\": [\"a\"]}"),
		 .meta_json = text("{\"task\": \"classify\"}")},
		{.prompt = text("{\"labels\": [\"a\", \"b\", \"c\", \"d\"], \"distribution\": true}"),
		 .reference = text("{\"labels\": [\"a\"]}"),
		 .meta_json = text("{\"task\": \"classify\"}")},
		{.prompt = text("{\"labels\": [\"a\", \"b\"]}"),
		 .reference = text("{\"labels\": [\"a\", \"b\", \"a\"]}"),
		 .meta_json = text("{\"task\": \"classify_set\"}")},
		{.prompt = text("{\"labels\": [\"a\", \"b\"]}"),
		 .reference = text("{\"boxes\": [{\"box\": [1, 1, 9, 9], \"label\": \"a\"}]}"),
		 .meta_json = text("{\"task\": \"detect\"}")},
		{.prompt = text(flat), .reference = text(original), .meta_json = text("{}")},
	};
	/* one challenge for each input, so that many inputs are tried; the shape of the answer
	 * decides which, so that a find stays a find when the file is copied */
	size_t which = 0;
	for (size_t i = 0; i < size; i++)
		which = (which * 31 + data[i]) % (sizeof c / sizeof *c);
	double first = score(opened(), &c[which], (assay_bytes){data, size});
	double again = score(opened(), &c[which], (assay_bytes){data, size});
	require(memcmp(&first, &again, sizeof first) == 0);
	as_file(data, size);
	return 0;
}
