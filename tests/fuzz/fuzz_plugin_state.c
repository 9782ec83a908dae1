/* What a plugin remembers: a plugin that answers as the input says, around one call, and the
 * journal's words about it. A state that is kept has the plugin's bytes and lies in its room;
 * the words read back as they were written. */
#include <stdlib.h>
#include "plugin/contract.h"
#include "round/record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ROOM 64u

/* The input: codes and lengths, taken one by one; then it says 0. */
static assay_span script;
static uint8_t next(void)
{
	if (script.len == 0)
		return 0;
	script.len--;
	return *script.ptr++;
}

static size_t loaded_n, loaded[4], called_n;

static assay_rc load(assay_plugin *p, assay_bytes state)
{
	(void)p;
	ASSERT((state.len == 0) == (state.ptr == NULL) && loaded_n < 4);
	loaded[loaded_n++] = (size_t)state.len;
	return next() % 3;
}

static assay_rc save(assay_plugin *p, void *buf, uint64_t cap, uint64_t *need)
{
	uint8_t kind = next();
	(void)p;
	*need = kind < 128 ? kind : kind < 200 ? cap + kind : UINT64_MAX;
	if (*need <= cap)
		memset(buf, 0xab, (size_t)*need);
	return next() % 3;
}

static assay_rc score(assay_plugin *p, const assay_round_info *r, const assay_batch *b,
					  assay_scores *out)
{
	(void)p;
	(void)r;
	called_n++;
	for (uint64_t i = 0; i < b->response_n; i++)
		out->flag[i] = ASSAY_ROW_ABSTAIN;
	return next() % 3;
}

static bool stops;
static bool is_cancelled(void *arg)
{
	(void)arg;
	return stops && called_n != 0;
}

static void on_progress(void *arg, uint64_t done, assay_span fail)
{
	(void)fail;
	*(uint64_t *)arg = done;
}

static void try_call(assay_span before)
{
	static asy_shim shim;
	uint8_t after[ROOM + 1], flag[2], rc[2];
	double scores[2];
	uint64_t done = 0;
	const assay_response response[2] = {{.status = ASSAY_RESP_OK}};
	asy_run_state state = {.before = before, .after = after, .cap = ROOM};
	const asy_run run = {.response = response,
						 .response_n = 2,
						 .step = 2,
						 .score = scores,
						 .flag = flag,
						 .rc = rc,
						 .progress = on_progress,
						 .arg = &done,
						 .state = &state};
	asy_instance in = {.t.api = {.score_batch = score, .state_load = load, .state_save = save},
					   .shim = &shim};
	shim.is_cancelled = is_cancelled;
	asy_shim_init(&shim, 1, NULL);
	loaded_n = called_n = 0;
	stops = next() % 8 == 1;
	memset(after, 0x11, sizeof after);
	ASSERT(asy_run_score(&in, &run) == 2 && done == 2);
	ASSERT(loaded_n >= 1 && loaded_n <= 2 && loaded[0] == before.len);
	ASSERT(loaded_n == 1 || (state.is_anew && loaded[1] == 0 && before.len != 0));
	ASSERT(!state.is_saved || (called_n == 1 && state.len <= ROOM && !state.is_unsaved && !stops));
	ASSERT(state.is_saved || state.len == 0);
	ASSERT(state.why_len <= ASY_FAIL_MAX && after[ROOM] == 0x11);
	for (uint64_t i = 0; i < state.len; i++)
		ASSERT(after[i] == 0xab);
}

static void try_words(assay_span text)
{
	asy_json *doc = NULL;
	asy_kept_state x, y;
	asy_blob_name before, again;
	asy_buf out = {0};
	asy_arena *a = asy_arena_new((size_t)1 << 20);
	asy_scores_record r = {.has_state = true};
	if (a != NULL && asy_record_parse(text, &doc, NULL) == ASSAY_OK &&
		asy_record_get_state(asy_json_root(doc), &x, &before, NULL) == ASSAY_OK && x.version != 0) {
		r.state = x;
		r.before = before;
		ASSERT(asy_record_put_scores(&r, &out, NULL) == ASSAY_OK);
		asy_json_free(doc);
		ASSERT(asy_record_parse(asy_buf_span(&out), &doc, NULL) == ASSAY_OK);
		ASSERT(asy_record_get_state(asy_json_root(doc), &y, &again, NULL) == ASSAY_OK);
		ASSERT(x.version == y.version && x.blob.present == y.blob.present &&
			   before.present == again.present);
		ASSERT(memcmp(x.blob.b, y.blob.b, 32) == 0 || !x.blob.present);
	}
	asy_json_free(doc);
	asy_buf_fini(&out);
	asy_arena_free(a);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t cut = size != 0 ? data[0] % size : 0;
	script = asy_span(data, size);
	try_call(asy_span(data, cut));
	try_words(asy_span(data, size));
	return 0;
}
