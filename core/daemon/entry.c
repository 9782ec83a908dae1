/* One task's life in the daemon: open what it needs, run it, close, and after trouble try
 * again with growing pauses. Each life is a coroutine, so one that waits or fails holds up no
 * other.
 * Reason to change: something else that a task opens. */
#include <stdlib.h>
#include "daemon/daemon.h"

#ifdef ASSAY_TEST_KILL
void assay_test_kill_point(void *arg, const char *point);
#endif

#define PAUSE_LEAST_S 1u
#define PAUSE_MOST_S 300u
#define OWN_DESCRIPTORS 64u  /* the loop, the log, the chain */
#define TASK_DESCRIPTORS 16u /* a database, a worker */

/* ---- one entry ---- */

assay_status daemon_task_config(const daemon_state *d, const asy_config *c, size_t i,
								asy_config **out, asy_buf *text, assay_err *err)
{
	asy_config *own = NULL;
	assay_status st = asy_config_canonical(c, i, text, err);
	if (st == ASSAY_OK)
		st = asy_config_new(&own, err);
	if (st == ASSAY_OK)
		st = asy_config_load_json(own, asy_buf_span(text), d->config_file, err);
	if (st == ASSAY_OK)
		st = asy_config_finish(own, err);
	if (st == ASSAY_OK) {
		*out = own;
		return ASSAY_OK;
	}
	asy_buf_fini(text);
	asy_config_free(own);
	return st;
}

static assay_status configure(daemon_entry *e, const asy_config *c, size_t i, assay_err *err)
{
	asy_config *own = NULL;
	asy_buf text = {0};
	TRY(daemon_task_config(e->d, c, i, &own, &text, err));
	asy_buf_fini(&e->config_json);
	asy_config_free(e->config);
	e->config_json = text;
	e->config = own;
	e->o = asy_config_get(own);
	e->log = e->d->log;
	e->log.task = asy_config_has_tasks(c) ? e->name : NULL;
	return ASSAY_OK;
}

assay_status daemon_entry_new(daemon_state *d, const asy_config *c, size_t i, daemon_entry **out,
							  assay_err *err)
{
	daemon_entry *e = asy_calloc(1, sizeof *e), **at = &d->entries;
	if (e == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a task");
	e->d = d;
	(void)asy_str_copy(e->name, sizeof e->name, asy_config_task_name(c, i));
	assay_status st = configure(e, c, i, err);
	if (st != ASSAY_OK) {
		free(e);
		return st;
	}
	while (*at != NULL) /* in the order of the configuration */
		at = &(*at)->next;
	*at = *out = e;
	return ASSAY_OK;
}

/* ---- sockets ---- */

void daemon_share_sockets(daemon_state *d)
{
	uint32_t wanted[2 * ASY_TASKS_MAX], got[2 * ASY_TASKS_MAX];
	size_t n = 0;
	for (daemon_entry *e = d->entries; e != NULL && n < ASY_COUNT(wanted); e = e->next)
		wanted[n++] = e->o->query.concurrency;
	uint32_t kept = OWN_DESCRIPTORS + TASK_DESCRIPTORS * (uint32_t)n, all = asy_front_descriptors();
	asy_front_share(wanted, n, all > kept ? all - kept : 0, got);
	n = 0;
	for (daemon_entry *e = d->entries; e != NULL && n < ASY_COUNT(wanted); e = e->next, n++) {
		if (e->http != NULL)
			asy_http_set_total(e->http, got[n]);
	}
}

/* ---- open and close ---- */

/* Two rows of one validator would overwrite each other, epoch after epoch. */
static assay_status take_place(daemon_entry *e, assay_err *err)
{
	for (const daemon_entry *x = e->d->entries; x != NULL; x = x->next) {
		if (x != e && x->has_place && x->hotkey == e->hotkey && x->o->netuid == e->o->netuid &&
			x->o->mecid == e->o->mecid)
			return ASSAY_FAIL(err, E_CONFIG,
							  "the task %s sets weights for subnet %u, mechanism %u, with the same "
							  "hotkey: each would overwrite the other's",
							  x->name, x->o->netuid, x->o->mecid);
	}
	e->has_place = true;
	return ASSAY_OK;
}

static assay_status open_hotkey(daemon_entry *e, assay_err *err)
{
	if (e->hotkey == NULL && e->key_st != ASSAY_OK) { /* as the start found it */
		assay_status st = e->key_st;
		e->key_st = ASSAY_OK;
		if (err != NULL)
			*err = e->err;
		return st;
	}
	return e->hotkey != NULL ? ASSAY_OK : daemon_load_hotkey(e, err);
}

static assay_status open_store(daemon_entry *e, assay_err *err)
{
	char dir[ASY_FRONT_PATH];
	assay_status st = asy_front_make_data_dir(e->d->config_file, e->o, dir, sizeof dir, err);
	if (st != ASSAY_OK)
		return st;
	asy_store_options so = {.dir = dir, .loop = e->d->net.loop};
#ifdef ASSAY_TEST_KILL
	/* Built into a test's copy of this program only: dies at a chosen commit. */
	so.kill_point = assay_test_kill_point;
#endif
	return asy_store_open(&so, &e->store, err);
}

static assay_status open_http(daemon_entry *e, assay_err *err)
{
	const asy_http_limits limits = {.total = e->o->query.concurrency,
									.per_host = e->o->query.per_host};
	assay_status st = asy_http_new(e->d->net.loop, &limits, &e->http, err);
	if (st == ASSAY_OK)
		daemon_share_sockets(e->d);
	return st;
}

/* Cheap and local things first, so that a mistake shows before anything is touched. */
static assay_status open_all(daemon_entry *e, assay_err *err)
{
	const char *file = e->d->config_file;
	assay_status st = open_hotkey(e, err);
	if (st == ASSAY_OK)
		st = take_place(e, err);
	if (st == ASSAY_OK)
		st = asy_front_load_dataset(file, e->o, &e->dataset, err);
	if (st == ASSAY_OK)
		st = asy_front_open_plugin(file, e->o, &e->log, e->d->net.loop, &e->plugin, err);
	if (st == ASSAY_OK)
		st = asy_front_check_source(e->plugin, e->dataset, err);
	if (st == ASSAY_OK)
		st = open_store(e, err);
	if (st == ASSAY_OK)
		st = open_http(e, err);
	if (st == ASSAY_OK)
		st = daemon_open_chain(e, err);
	return st;
}

static void add_totals(asy_task_totals *sum, asy_task_totals t)
{
	sum->rounds_begun += t.rounds_begun;
	sum->rounds_ended += t.rounds_ended;
	sum->counted += t.counted;
	sum->missed += t.missed;
	sum->refused += t.refused;
	sum->mismatches += t.mismatches;
}

static void close_all(daemon_entry *e)
{
	asy_plugin_close(e->plugin);
	asy_http_free(e->http);
	asy_store_close(e->store);
	asy_dataset_free(e->dataset);
	e->plugin = NULL;
	e->http = NULL;
	e->store = NULL;
	e->dataset = NULL;
	e->has_place = false;
}

/* ---- the first line ---- */

/* The next epoch's block, and how far off it is; false where the chain cannot say now. */
static bool next_epoch(asy_chain *c, uint16_t netuid, uint64_t *block, double *minutes)
{
	asy_block_ref head;
	asy_epoch_state e;
	double block_s = 12;
	if (asy_chain_head(c, &head, NULL) != ASSAY_OK ||
		asy_chain_epoch_state(c, netuid, &head, &e, NULL) != ASSAY_OK ||
		asy_schedule_next_epoch(&e, head.number, block, NULL) != ASSAY_OK ||
		asy_chain_block_time(c, &head, block_s, &block_s, NULL) != ASSAY_OK)
		return false;
	*minutes = (double)(*block - head.number) * block_s / 60;
	return true;
}

/* Who runs, with what, where, and until when nothing much will be seen. */
static void announce(daemon_entry *e)
{
	char hotkey[ASY_SS58_LEN];
	uint64_t block = 0;
	double minutes = 0;
	asy_chain_info chain;
	const asy_plugin_about *plugin = asy_plugin_info(e->plugin);
	bool known = next_epoch(e->hotkey->chain, e->o->netuid, &block, &minutes);
	asy_chain_get_info(e->hotkey->chain, &chain);
	asy_ss58_encode(e->hotkey->id, hotkey);
	asy_log(&e->log, ASY_INFO, "daemon.start", ASY_STR("version", assay_version()),
			ASY_U64("netuid", e->o->netuid), ASY_STR("hotkey", hotkey),
			ASY_STR("plugin", plugin->id), ASY_STR("plugin_version", plugin->version),
			ASY_STR("node", chain.endpoint), ASY_IF(known, ASY_U64("next_epoch_block", block)),
			ASY_IF(known, ASY_F64("next_epoch_minutes", minutes)));
}

/* ---- a life ---- */

static assay_status serve(daemon_entry *e, assay_err *err)
{
	asy_task_totals t;
	asy_task_env env = {
		.name = e->name,
		.options = e->o,
		.config_json = asy_buf_span(&e->config_json),
		.clock = asy_sys_clock(),
		.rng = asy_sys_rng(),
		.log = &e->log,
		.loop = e->d->net.loop,
		.http = e->http,
		.store = e->store,
		.plugin = e->plugin,
		.dataset = e->dataset,
		.key = e->hotkey->key,
		.cpu_mask = e->d->cpu_mask,
		.rounds = e->d->rounds,
		.is_leaving = e->is_leaving,
	};
	TRY(asy_config_digest(e->config, 0, env.config_digest, err));
	e->is_served = true;
	assay_status st = asy_validator_serve(e->hotkey->validator, &env, &t, err);
	e->is_served = false;
	add_totals(&e->totals, t);
	asy_log(&e->log, ASY_INFO, "daemon.stop", ASY_U64("rounds", t.rounds_begun),
			ASY_U64("counted", t.counted), ASY_U64("missed", t.missed),
			ASY_U64("mismatches", t.mismatches));
	return st;
}

static assay_status run_once(daemon_entry *e, assay_err *err)
{
	assay_status st = open_all(e, err);
	if (st == ASSAY_OK) {
		announce(e);
		e->was_running = true;
		st = serve(e, err);
	}
	close_all(e);
	return st;
}

static uint64_t next_pause_s(daemon_entry *e, uint64_t ran_ns)
{
	if (ran_ns > (uint64_t)PAUSE_MOST_S * 1000000000u)
		e->failures = 0;
	uint64_t pause = (uint64_t)PAUSE_LEAST_S << (e->failures < 16 ? e->failures : 16);
	e->failures++;
	return pause < PAUSE_MOST_S ? pause : PAUSE_MOST_S;
}

/* Is trouble the end, because nobody would be left to wait with? */
static bool is_final(const daemon_entry *e)
{
	return e->st == ASSAY_OK || e->st == ASSAY_E_CANCELLED || e->is_leaving || e->d->rounds != 0 ||
		   !asy_config_has_tasks(e->d->config);
}

static void live(void *arg)
{
	daemon_entry *e = arg;
	asy_loop *loop = e->d->net.loop;
	for (;;) {
		assay_err err = {0};
		uint64_t began = asy_loop_now(loop);
		e->st = run_once(e, &err);
		e->err = err;
		if (is_final(e))
			return;
		uint64_t pause_s = next_pause_s(e, asy_loop_now(loop) - began);
		asy_log(&e->log, ASY_BROKEN, "task.failed",
				ASY_STR("error", err.msg[0] != '\0' ? err.msg : assay_status_text(e->st)),
				ASY_U64("retry_s", pause_s),
				ASY_STR("remedy", "the other tasks go on; this one is tried again"));
		if (asy_loop_sleep(loop, pause_s * 1000) != ASSAY_OK || e->is_leaving)
			return;
	}
}

assay_status daemon_entry_begin(daemon_entry *e, assay_err *err)
{
	return asy_co_start(e->d->net.loop, live, e, &e->life, err);
}

bool daemon_entry_is_over(const daemon_entry *e)
{
	return e->life == NULL || asy_co_is_over(e->life);
}

static void end_life(daemon_entry *e)
{
	asy_co_end(e->life);
	e->life = NULL;
}

assay_status daemon_entry_change(daemon_entry *e, const asy_config *c, size_t i, assay_err *err)
{
	end_life(e);
	assay_status st = configure(e, c, i, err);
	if (st != ASSAY_OK)
		return st;
	e->hotkey = NULL;
	e->is_leaving = false;
	e->failures = 0;
	return daemon_entry_begin(e, err);
}

void daemon_entry_leave(daemon_entry *e)
{
	e->is_leaving = true;
	if (e->is_served)
		asy_validator_leave(e->hotkey->validator, e->name);
	else if (e->failures > 0)
		end_life(e); /* it rests: there is nothing that could finish anything */
}

void daemon_entry_free(daemon_entry *e)
{
	if (e == NULL)
		return;
	end_life(e);
	asy_buf_fini(&e->config_json);
	asy_config_free(e->config);
	free(e);
}
