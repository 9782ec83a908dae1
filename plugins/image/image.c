/* image.c - the contract's side of the image plugin: batch in, rows out. Challenges are
 * taken one after the other, each with all its answers, so that at most one original is in
 * memory. What is measured lives in a file per task. */
#include <stdlib.h>
#include "assay/plugin.h"
#include "classify.h"
#include "classify_set.h"
#include "common/batch.h"
#include "common/entry.h"
#include "detect.h"
#include "generate.h"
#include "image_schema.h"
#include "restore.h"

#define MAX_PROMPT ((size_t)32 << 20)
#define MAX_SCRATCH ((size_t)32 << 20)

struct assay_plugin {
	const assay_host_api *host;
	image_settings cfg;
};

typedef enum {
	TASK_NONE,
	TASK_CLASSIFY,
	TASK_CLASSIFY_SET,
	TASK_DETECT,
	TASK_RESTORE,
	TASK_GENERATE
} image_task;

/* One challenge, read once for all its answers, and the last answer. */
typedef struct {
	assay_plugin *p;
	plg_arena *scratch;
	image_task task;
	image_classify classify;
	image_classify_set set;
	image_detect detect;
	image_restore restore;
	image_generate generate;
	image_raster answer;
	image_detections seen;
} challenge;

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
static image_task task_of(assay_bytes meta_json, const plg_json *prompt)
{
	static const char *const name[] = {[TASK_NONE] = "",
									   [TASK_CLASSIFY] = "classify",
									   [TASK_CLASSIFY_SET] = "classify_set",
									   [TASK_DETECT] = "detect",
									   [TASK_RESTORE] = "restore",
									   [TASK_GENERATE] = "generate"};
	assay_bytes said = {0};
	image_task task = TASK_NONE;
	plg_json *meta = plg_json_parse(meta_json, (size_t)1 << 20, NULL);
	if (plg_json_str(plg_json_get(meta, "task"), &said) ||
		plg_json_str(plg_json_get(prompt, "task"), &said))
		for (image_task t = TASK_CLASSIFY; t <= TASK_GENERATE; t++)
			task = is_text(said, name[t]) ? t : task;
	plg_json_free(meta);
	return task;
}

static void answer_fini(challenge *c)
{
	image_raster_fini(&c->answer);
	c->answer = (image_raster){0};
	c->seen = (image_detections){0};
}

static void challenge_fini(challenge *c)
{
	answer_fini(c);
	if (c->task == TASK_CLASSIFY)
		image_classify_fini(&c->classify);
	if (c->task == TASK_CLASSIFY_SET)
		image_classify_set_fini(&c->set);
	if (c->task == TASK_DETECT)
		image_detect_fini(&c->detect);
	if (c->task == TASK_RESTORE)
		image_restore_fini(&c->restore);
	if (c->task == TASK_GENERATE)
		image_generate_fini(&c->generate);
	c->task = TASK_NONE;
}

/* true, or *why the challenge cannot be scored. */
static bool load(challenge *c, image_task task, const plg_json *prompt, assay_bytes reference,
				 const char **why, image_row_rc *rc)
{
	const image_settings *cfg = &c->p->cfg;
	*rc = IMAGE_ROW_DONE;
	switch (task) {
	case TASK_CLASSIFY:
		return image_classify_load(&c->classify, prompt, reference, why);
	case TASK_CLASSIFY_SET:
		return image_classify_set_load(&c->set, prompt, reference, why);
	case TASK_DETECT:
		return image_detect_load(&c->detect, prompt, reference, why);
	case TASK_RESTORE:
		return image_restore_load(&c->restore, cfg, prompt, reference, stop_of(c->p), why, rc);
	case TASK_GENERATE:
		return image_generate_load(&c->generate, cfg, reference, why, rc);
	case TASK_NONE:
		break;
	}
	*why =
		"neither meta nor prompt names a task: classify, classify_set, detect, restore or generate";
	return false;
}

static const char *prepare(void *ctx, const assay_challenge *in)
{
	challenge *c = ctx;
	const char *why = NULL;
	image_row_rc rc = IMAGE_ROW_DONE;
	challenge_fini(c);
	plg_json *prompt = plg_json_parse(in->prompt, MAX_PROMPT, &why);
	if (prompt == NULL)
		return why;
	image_task task = task_of(in->meta_json, prompt);
	bool ok = load(c, task, prompt, in->reference, &why, &rc);
	plg_json_free(prompt);
	if (ok) {
		c->task = task;
		return NULL;
	}
	return rc == IMAGE_ROW_NOMEM     ? "out of memory"
		   : rc == IMAGE_ROW_STOPPED ? "stopped on request"
									 : why;
}

static bool is_blank(assay_bytes b)
{
	for (uint64_t i = 0; i < b.len; i++)
		if (b.ptr[i] != ' ' && b.ptr[i] != '\t' && b.ptr[i] != '\n' && b.ptr[i] != '\r')
			return false;
	return true;
}

static image_row_rc measure(challenge *c, assay_bytes body, double *part)
{
	const image_settings *cfg = &c->p->cfg;
	switch (c->task) {
	case TASK_CLASSIFY:
		return image_classify_score(&c->classify, cfg, c->scratch, body, part);
	case TASK_CLASSIFY_SET:
		return image_classify_set_score(&c->set, cfg, c->scratch, body, part);
	case TASK_DETECT:
		return image_detect_score(&c->detect, cfg, c->scratch, body, &c->seen, part);
	case TASK_RESTORE:
		return image_restore_score(&c->restore, cfg, body, stop_of(c->p), &c->answer, part);
	case TASK_GENERATE:
		return image_generate_score(&c->generate, cfg, body, stop_of(c->p), &c->answer, part);
	case TASK_NONE:
		break;
	}
	return IMAGE_ROW_STOPPED;
}

/* From the parts to the score; a closed gate leaves nothing measured. */
static double compose(const image_settings *cfg, uint32_t elapsed_ms, double *c)
{
	const plg_formula *f = &cfg->relative.formula;
	if (c[IMAGE_C_GATE] > 0) {
		plg_gate_close(f, c, IMAGE_C_N, c[IMAGE_C_GATE]);
		return 0;
	}
	c[IMAGE_C_MEAN] = plg_mean(&cfg->weights, c, c + IMAGE_PART_N);
	c[IMAGE_C_LATENCY_FACTOR] = plg_latency_of(&cfg->latency, elapsed_ms);
	plg_quality(f, c);
	return plg_score(f, c);
}

static bool score_row(void *ctx, const assay_response *x, double *score, double *part)
{
	challenge *c = ctx;
	const image_settings *cfg = &c->p->cfg;
	image_row_rc rc = IMAGE_ROW_DONE;
	answer_fini(c);
	plg_components_begin(&cfg->relative.formula, part, IMAGE_C_N);
	if (x->body.len > cfg->max_body_bytes)
		part[IMAGE_C_GATE] = IMAGE_GATE_OVERSIZE;
	else if (is_blank(x->body))
		part[IMAGE_C_GATE] = IMAGE_GATE_EMPTY;
	else
		rc = measure(c, x->body, part);
	if (rc != IMAGE_ROW_DONE)
		return false;
	*score = compose(cfg, x->latency_ms, part);
	return true;
}

/* Names from a closed list and the one right generation are what everybody finds. */
static bool print_row(void *ctx, plg_arena *a, uint64_t key, const assay_response *x,
					  plg_print *out)
{
	challenge *c = ctx;
	(void)x;
	*out = (plg_print){.bits = 0};
	if (c->task == TASK_RESTORE)
		return image_restore_print(&c->restore, &c->answer, a, key, out);
	if (c->task == TASK_DETECT)
		image_detect_print(&c->seen, key, out);
	return true;
}

static assay_rc image_score_batch(assay_plugin *p, const assay_round_info *round,
								  const assay_batch *b, assay_scores *out)
{
	const plg_row_ops ops = {.prepare = prepare,
							 .score = score_row,
							 .component_n = IMAGE_C_N,
							 .print = print_row,
							 .relative = &p->cfg.relative};
	challenge c = {.p = p, .scratch = plg_arena_new(MAX_SCRATCH)};
	assay_rc rc = ASSAY_RC_NOMEM;
	if (c.scratch != NULL)
		rc = plg_score_rows(p->host, &ops, &c, round, b, out);
	else
		plg_fail(p->host, "image: out of memory");
	challenge_fini(&c);
	plg_arena_free(c.scratch);
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

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.assay.image",
	.version = "0.2.0",
	.name = "Image",
	.summary = "Recognition, detection, restoration and generation by reference",
	.licence = "Apache-2.0",
	.vendor = "Assay",
	.task_kind = "image",
	.caps = ASSAY_CAP_COMPONENTS,
	.needs = ASSAY_NEED_WHOLE_BATCH,
	.score_min = 0,
	.score_max = 1,
	.tolerance = 0,
	.higher_is_better = 1,
	.component_n = IMAGE_C_N,
	.component_name = image_component_name,
	.config_schema = image_schema,
	.mem_hint = (uint64_t)512 << 20,
	.ms_hint = 2000,
};

PLG_ENTRY(info, image_open, image_close, image_score_batch)
