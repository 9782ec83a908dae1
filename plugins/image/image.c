/* image.c - the contract's side of the image plugin: batch in, rows out.
 * Challenges are taken one after the other, each with all its answers, so that at
 * most one original is in memory. A row's score depends on its own answer, its
 * challenge and the configuration, and on nothing else. Metrics live elsewhere. */
#include <stdlib.h>
#include "assay/plugin.h"
#include "classify.h"
#include "common/batch.h"
#include "common/num.h"
#include "image_schema.h"
#include "restore.h"

#define MAX_PROMPT ((size_t)32 << 20)
#define MAX_SCRATCH ((size_t)32 << 20)

struct assay_plugin {
	const assay_host_api *host;
	image_settings cfg;
};

/* One challenge, read once for all its answers. */
typedef struct {
	enum { TASK_NONE, TASK_CLASSIFY, TASK_RESTORE } task;
	image_classify classify;
	image_restore restore;
} challenge;

typedef struct {
	assay_plugin *p;
	const assay_batch *batch;
	assay_scores *out;
	plg_arena *scratch;
} scoring;

static bool host_stops(void *host)
{
	return plg_cancelled(host) != 0;
}

static image_stop stop_of(const assay_plugin *p)
{
	return (image_stop){host_stops, (void *)(uintptr_t)p->host};
}

static bool is_text(assay_bytes s, const char *want)
{
	return s.len == strlen(want) && memcmp(s.ptr, want, (size_t)s.len) == 0;
}

/* "task" of the meta data, else of the prompt. */
static int task_of(assay_bytes meta_json, const plg_json *prompt)
{
	assay_bytes name = {0};
	plg_json *meta = plg_json_parse(meta_json, (size_t)1 << 20, NULL);
	bool named = plg_json_str(plg_json_get(meta, "task"), &name) ||
				 plg_json_str(plg_json_get(prompt, "task"), &name);
	int task = !named                      ? TASK_NONE
			   : is_text(name, "classify") ? TASK_CLASSIFY
			   : is_text(name, "restore")  ? TASK_RESTORE
										   : TASK_NONE;
	plg_json_free(meta);
	return task;
}

/* true with c->task set, or false with *why naming the fault of the challenge. */
static bool challenge_load(const assay_plugin *p, const assay_challenge *in, challenge *c,
						   const char **why, image_row_rc *rc)
{
	bool ok = false;
	*c = (challenge){.task = TASK_NONE};
	*rc = IMAGE_ROW_DONE;
	plg_json *prompt = plg_json_parse(in->prompt, MAX_PROMPT, why);
	if (prompt == NULL)
		return false;
	*why = "neither meta nor prompt names a task: classify or restore";
	switch (task_of(in->meta_json, prompt)) {
	case TASK_CLASSIFY:
		ok = image_classify_load(&c->classify, prompt, in->reference, why, rc);
		c->task = ok ? TASK_CLASSIFY : TASK_NONE;
		break;
	case TASK_RESTORE:
		ok = image_restore_load(&c->restore, &p->cfg, prompt, in->reference, stop_of(p), why, rc);
		c->task = ok ? TASK_RESTORE : TASK_NONE;
		break;
	}
	plg_json_free(prompt);
	return ok;
}

static void challenge_fini(challenge *c)
{
	if (c->task == TASK_CLASSIFY)
		image_classify_fini(&c->classify);
	if (c->task == TASK_RESTORE)
		image_restore_fini(&c->restore);
}

static void put_row(const scoring *s, uint64_t i, const image_row *row)
{
	assay_scores *out = s->out;
	if (ASSAY_HAS(assay_scores, out, component) && out->component != NULL) {
		uint32_t n = out->component_n < IMAGE_C_N ? out->component_n : IMAGE_C_N;
		memcpy(out->component + i * out->component_n, row->component, n * sizeof(double));
	}
	out->score[i] = row->score;
	out->flag[i] = ASSAY_ROW_SCORED;
}

static bool is_blank(assay_bytes b)
{
	for (uint64_t i = 0; i < b.len; i++)
		if (b.ptr[i] != ' ' && b.ptr[i] != '\t' && b.ptr[i] != '\n' && b.ptr[i] != '\r')
			return false;
	return true;
}

static image_row_rc score_row(const scoring *s, const challenge *c, uint64_t i)
{
	const assay_response *x = plg_response(s->batch, i);
	const image_settings *cfg = &s->p->cfg;
	image_row row;
	image_row_rc rc = IMAGE_ROW_DONE;
	image_row_init(&row);
	if (x->body.len > cfg->max_body_bytes)
		row.component[IMAGE_C_GATE] = IMAGE_GATE_OVERSIZE;
	else if (is_blank(x->body))
		row.component[IMAGE_C_GATE] = IMAGE_GATE_EMPTY;
	else if (c->task == TASK_CLASSIFY)
		rc = image_classify_score(&c->classify, cfg, s->scratch, x->body, &row);
	else
		rc = image_restore_score(&c->restore, cfg, x->body, stop_of(s->p), &row);
	if (rc != IMAGE_ROW_DONE)
		return rc;
	double latency = plg_latency_factor(cfg->latency_weight, x->latency_ms, cfg->deadline_ms);
	row.component[IMAGE_C_LATENCY] = latency;
	row.score = plg_clamp(row.component[IMAGE_C_QUALITY] * latency, 0, 1);
	put_row(s, i, &row);
	return IMAGE_ROW_DONE;
}

static assay_rc end_early(const assay_plugin *p, image_row_rc rc)
{
	bool full = rc == IMAGE_ROW_NOMEM;
	plg_fail(p->host, full ? "image: out of memory" : "image: stopped on request");
	return full ? ASSAY_RC_NOMEM : ASSAY_RC_CANCELLED;
}

static bool arrived(const scoring *s, uint32_t row)
{
	return plg_response(s->batch, row)->status == ASSAY_RESP_OK;
}

/* The rows of one challenge; those that did not arrive keep the flag 0. A faulty
 * challenge abstains its rows and warns. */
static assay_rc score_challenge(const scoring *s, const uint32_t *row, size_t n)
{
	challenge c;
	const char *why = "";
	image_row_rc rc;
	while (n > 0 && !arrived(s, *row)) {
		row++;
		n--;
	}
	if (n == 0)
		return ASSAY_RC_OK;
	const assay_challenge *in = plg_challenge(s->batch, plg_response(s->batch, *row)->challenge);
	bool usable = challenge_load(s->p, in, &c, &why, &rc);
	if (rc != IMAGE_ROW_DONE)
		return end_early(s->p, rc);
	if (!usable)
		plg_warn(s->p->host, why);
	for (size_t i = 0; i < n && rc == IMAGE_ROW_DONE; i++) {
		if (!arrived(s, row[i]))
			continue;
		if (plg_cancelled(s->p->host))
			rc = IMAGE_ROW_STOPPED;
		else
			rc = usable ? score_row(s, &c, row[i]) : IMAGE_ROW_UNSCORED;
		if (rc == IMAGE_ROW_UNSCORED) {
			s->out->flag[row[i]] = ASSAY_ROW_ABSTAIN;
			rc = IMAGE_ROW_DONE;
		}
	}
	challenge_fini(&c);
	return rc == IMAGE_ROW_DONE ? ASSAY_RC_OK : end_early(s->p, rc);
}

static assay_rc image_score_batch(assay_plugin *p, const assay_round_info *round,
								  const assay_batch *b, assay_scores *out)
{
	(void)round;
	uint64_t end;
	if (b->response_n == 0)
		return ASSAY_RC_OK;
	scoring s = {.p = p, .batch = b, .out = out, .scratch = plg_arena_new(MAX_SCRATCH)};
	uint32_t *row = plg_rows_by_challenge(b, &end);
	assay_rc rc = ASSAY_RC_OK;
	if (s.scratch == NULL || row == NULL)
		rc = end_early(p, IMAGE_ROW_NOMEM);
	for (uint64_t i = 0; rc == ASSAY_RC_OK && i < end;) {
		uint64_t from = i;
		uint32_t c = plg_response(b, row[i])->challenge;
		while (i < end && plg_response(b, row[i])->challenge == c)
			i++;
		rc = score_challenge(&s, row + from, (size_t)(i - from));
	}
	free(row);
	plg_arena_free(s.scratch);
	return rc;
}

static assay_rc image_open(const assay_host_api *host, assay_bytes config_json, assay_plugin **out)
{
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	p->host = host;
	assay_rc rc = image_settings_read(&p->cfg, config_json, host);
	if (rc != ASSAY_RC_OK) {
		free(p);
		return rc;
	}
	*out = p;
	return ASSAY_RC_OK;
}

static void image_close(assay_plugin *p)
{
	free(p);
}

static const char *const component_names[IMAGE_C_N] = {
#define IMAGE_COMPONENT_NAME(index, name) name,
	IMAGE_COMPONENTS(IMAGE_COMPONENT_NAME)
#undef IMAGE_COMPONENT_NAME
};

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.assay.image",
	.version = "0.1.0",
	.name = "Image",
	.summary = "Recognition by top-k accuracy, restoration by PSNR, SSIM and edges",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "image",
	.caps = ASSAY_CAP_COMPONENTS | ASSAY_CAP_REENTRANT,
	.score_min = 0,
	.score_max = 1,
	.tolerance = 0,
	.higher_is_better = 1,
	.component_n = IMAGE_C_N,
	.component_name = component_names,
	.config_schema = image_schema,
	.mem_hint = (uint64_t)512 << 20,
	.ms_hint = 2000,
};

static const assay_plugin_api api = {
	.size = sizeof api,
	.open = image_open,
	.close = image_close,
	.score_batch = image_score_batch,
};

const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {
		.magic = ASSAY_PLUGIN_MAGIC,
		.size = sizeof desc,
		.abi = ASSAY_ABI,
		.info = &info,
		.api = &api,
	};
	return &desc;
}
