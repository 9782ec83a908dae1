/* Before a plugin is replaced: the new one is opened beside the old, scores the answers of the
 * last rounds once more, and the log says how its verdicts differ. One that does not open, dies,
 * or scores nothing of what was scored never takes over: the old one goes on.
 * Reason to change: what a new plugin has to show. */
#include <math.h>
#include "daemon/daemon.h"
#include "research/research.h"

#define ROUNDS_MAX 100u
#define PLUGIN_MAX ((size_t)256 << 20)

bool daemon_has_other_file(daemon_entry *e)
{
	char path[ASY_FRONT_PATH];
	asy_buf bytes = {.max = PLUGIN_MAX};
	uint8_t digest[32];
	if (e->plugin == NULL ||
		asy_front_config_path(e->d->config_file, e->o->plugin.path, path, sizeof path, NULL) !=
			ASSAY_OK ||
		asy_front_read_file(path, PLUGIN_MAX, &bytes, NULL) != ASSAY_OK)
		return false;
	asy_blake2b(bytes.ptr, bytes.len, digest, sizeof digest);
	asy_buf_fini(&bytes);
	return memcmp(digest, asy_plugin_info(e->plugin)->file_digest, sizeof digest) != 0;
}

static bool has_other_plugin(daemon_entry *e, const asy_config *own)
{
	const char *path;
	for (size_t i = 0; (path = asy_config_option(i)) != NULL; i++) {
		if (strncmp(path, "plugin.", 7) == 0 && asy_config_differs(e->config, 0, own, 0, path))
			return true;
	}
	return daemon_has_other_file(e);
}

static void tell(daemon_entry *e, const asy_shadow *s)
{
	bool has_order = !isnan(s->rank_correlation);
	asy_log(&e->log, s->differ != 0 ? ASY_UNUSUAL : ASY_INFO, "plugin.shadow",
			ASY_U64("scored_round", s->round), ASY_U64("rows", s->rows),
			ASY_U64("differ", s->differ), ASY_U64("unscored", s->unscored),
			ASY_U64("deaths", s->deaths), ASY_F64("largest", s->largest),
			ASY_IF(has_order, ASY_F64("rank_correlation", s->rank_correlation)));
}

static assay_status judge(const asy_shadow *sum, const asy_plugin *p, assay_err *err)
{
	if (sum->deaths != 0 || asy_plugin_is_quarantined(p))
		return ASSAY_FAIL(err, E_PLUGIN, "it died %" PRIu64 " times of answers of the last rounds",
						  sum->deaths);
	if (sum->rows != 0 && sum->unscored == sum->rows)
		return ASSAY_FAIL(err, E_PLUGIN,
						  "of %" PRIu64
						  " answers that were scored in the last rounds, it scores none",
						  sum->rows);
	return ASSAY_OK;
}

/* The task may close its store while the plugin scores. */
static assay_status score_last_rounds(daemon_entry *e, asy_plugin *p, uint32_t rounds,
									  assay_err *err)
{
	uint64_t id[ROUNDS_MAX];
	size_t n = 0;
	asy_shadow sum = {0};
	if (rounds == 0 || e->store == NULL)
		return ASSAY_OK;
	TRY(asy_store_folded(e->store, 0, INT64_MAX, id, rounds < ROUNDS_MAX ? rounds : ROUNDS_MAX, &n,
						 err));
	for (size_t i = 0; i < n && e->store != NULL; i++) {
		asy_shadow s;
		assay_status st = asy_research_shadow(e->store, id[i], p, &s, err);
		if (st == ASSAY_E_NOTFOUND || st == ASSAY_E_STORE) /* pruned, or damaged: no sample */
			continue;
		if (st != ASSAY_OK)
			return st;
		tell(e, &s);
		sum.rows += s.rows;
		sum.unscored += s.unscored;
		sum.deaths += s.deaths;
	}
	return judge(&sum, p, err);
}

static assay_status try_plugin(daemon_entry *e, const asy_options *o, assay_err *err)
{
	asy_plugin *p = NULL;
	assay_status st = asy_front_open_plugin(e->d->config_file, o, &e->log, e->d->net.loop, &p, err);
	if (st == ASSAY_OK)
		st = score_last_rounds(e, p, o->plugin.shadow_rounds, err);
	asy_plugin_close(p);
	return st;
}

bool daemon_may_replace(daemon_entry *e, const asy_config *c, size_t i)
{
	asy_config *own = NULL;
	asy_buf text = {0};
	assay_err err = {0};
	assay_status st = ASSAY_OK;
	if (e->plugin == NULL)
		return true; /* it does not run: nothing is lost */
	st = daemon_task_config(e->d, c, i, &own, &text, &err);
	/* a second one in this process would be the first one's code */
	if (st == ASSAY_OK && asy_config_get(own)->plugin.isolation != ASY_CFG_IN_PROCESS &&
		has_other_plugin(e, own))
		st = try_plugin(e, asy_config_get(own), &err);
	if (st != ASSAY_OK && st != ASSAY_E_CANCELLED)
		asy_log(&e->log, ASY_BROKEN, "plugin.refused", ASY_STR("error", err.msg),
				ASY_STR("remedy", "the task goes on as it was; mend the plugin and send SIGHUP"));
	asy_buf_fini(&text);
	asy_config_free(own);
	return st == ASSAY_OK;
}
