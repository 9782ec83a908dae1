/* SIGHUP: the configuration is read again, and the tasks become those that it lists. One that
 * is invalid, or changes what cannot change in a running process, changes nothing.
 * Reason to change: another option that may, or may not, change while the daemon runs. */
#include "daemon/daemon.h"

/* What holds for all tasks stands as it was at the start, but for the log. */
static assay_status check_fixed(const asy_config *was, const asy_config *now, assay_err *err)
{
	const char *path;
	if (asy_config_has_tasks(was) != asy_config_has_tasks(now))
		return ASSAY_FAIL(err, E_CONFIG,
						  "the list of tasks cannot come or go while the daemon runs: restart it");
	for (size_t i = 0; (path = asy_config_option(i)) != NULL; i++) {
		if (asy_config_is_of_a_task(path) || strncmp(path, "log.", 4) == 0 ||
			strcmp(path, "data_dir") == 0)
			continue;
		if (asy_config_differs(was, 0, now, 0, path))
			return ASSAY_FAIL(err, E_CONFIG, "%s cannot change while the daemon runs: restart it",
							  path);
	}
	if (strcmp(asy_config_get(was)->data_dir, asy_config_get(now)->data_dir) != 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "data_dir cannot change while the daemon runs: restart it");
	return ASSAY_OK;
}

static bool is_another(const daemon_entry *e, const asy_config *now, size_t i)
{
	const char *path;
	for (size_t o = 0; (path = asy_config_option(o)) != NULL; o++) {
		if (asy_config_is_of_a_task(path) && asy_config_differs(e->config, 0, now, i, path))
			return true;
	}
	return false;
}

static daemon_entry *entry_named(const daemon_state *d, const char *name)
{
	daemon_entry *e = d->entries;
	while (e != NULL && strcmp(e->name, name) != 0)
		e = e->next;
	return e;
}

/* ---- the steps ---- */

typedef struct {
	uint64_t added, changed, removed, same, refused;
} changes;

static void remove_others(daemon_state *d, const asy_config *now, changes *n)
{
	for (daemon_entry *e = d->entries; e != NULL; e = e->next) {
		if (e->is_leaving || asy_config_task_find(now, e->name) < asy_config_task_n(now))
			continue;
		daemon_entry_leave(e);
		n->removed++;
	}
}

static assay_status take_over(daemon_state *d, const asy_config *now, size_t i, changes *n,
							  assay_err *err)
{
	daemon_entry *e = entry_named(d, asy_config_task_name(now, i));
	if (e != NULL && !e->is_leaving && !is_another(e, now, i) && !daemon_has_other_file(e)) {
		n->same++;
		return ASSAY_OK;
	}
	if (e != NULL && !e->is_leaving && !daemon_may_replace(e, now, i)) {
		n->refused++;
		return ASSAY_OK;
	}
	if (e != NULL) {
		n->changed++;
		return daemon_entry_change(e, now, i, err);
	}
	n->added++;
	assay_status st = daemon_entry_new(d, now, i, &e, err);
	return st == ASSAY_OK ? daemon_entry_begin(e, err) : st;
}

static void drop_ended(daemon_state *d)
{
	for (daemon_entry **at = &d->entries; *at != NULL;) {
		daemon_entry *e = *at;
		if (!e->is_leaving || !daemon_entry_is_over(e)) {
			at = &e->next;
			continue;
		}
		*at = e->next;
		daemon_entry_free(e);
	}
}

static void set_log(daemon_state *d)
{
	const asy_options *o = asy_config_get(d->config);
	d->log.least = o->log.level;
	d->log.json = o->log.format == ASY_CFG_JSON;
	for (daemon_entry *e = d->entries; e != NULL; e = e->next) {
		e->log.least = d->log.least;
		e->log.json = d->log.json;
	}
}

/* From here on only memory can run out. */
static assay_status apply(daemon_state *d, asy_config *now, changes *n, assay_err *err)
{
	assay_status st = ASSAY_OK;
	asy_config *was = d->config;
	d->config = now;
	asy_config_free(was);
	drop_ended(d);
	remove_others(d, now, n);
	for (size_t i = 0; st == ASSAY_OK && i < asy_config_task_n(now); i++) {
		if (asy_front_wants(d->wanted, asy_config_task_name(now, i)))
			st = take_over(d, now, i, n, err);
	}
	daemon_share_sockets(d);
	return st;
}

static void reload(daemon_state *d)
{
	asy_config *now = NULL;
	assay_err err = {0};
	changes n = {0};
	assay_status st = asy_front_load_config(d->config_file, d->sets->at, d->sets->n, &now, &err);
	if (st == ASSAY_OK)
		st = check_fixed(d->config, now, &err);
	if (st != ASSAY_OK) {
		asy_log(&d->log, ASY_UNUSUAL, "config.rejected", ASY_STR("error", err.msg),
				ASY_STR("remedy", "nothing was changed; correct the file and send SIGHUP again"));
		asy_config_free(now);
		return;
	}
	d->is_reloading = true;
	st = apply(d, now, &n, &err);
	d->is_reloading = false;
	if (st != ASSAY_OK)
		asy_log(&d->log, ASY_BROKEN, "config.incomplete", ASY_STR("error", err.msg),
				ASY_STR("remedy", "restart the daemon"));
	else
		asy_log(&d->log, ASY_INFO, "config.reloaded", ASY_U64("added", n.added),
				ASY_U64("changed", n.changed), ASY_U64("removed", n.removed),
				ASY_U64("same", n.same), ASY_IF(n.refused != 0, ASY_U64("refused", n.refused)));
	set_log(d); /* last: the line above is for whoever sent the signal */
}

/* ---- the request ---- */

static bool is_wanted(void *arg)
{
	return ((daemon_state *)arg)->wants_reload;
}

static void wait_for_requests(void *arg)
{
	daemon_state *d = arg;
	while (asy_loop_await(d->net.loop, is_wanted, d, ASY_NEVER) == ASSAY_OK) {
		d->wants_reload = false;
		reload(d);
	}
}

static void on_request(void *arg)
{
	((daemon_state *)arg)->wants_reload = true;
}

assay_status daemon_watch_reload(daemon_state *d, assay_err *err)
{
	assay_status st = asy_loop_on_request(d->net.loop, ASY_ASKED_RELOAD, on_request, d, err);
	return st == ASSAY_OK ? asy_co_start(d->net.loop, wait_for_requests, d, &d->reloading, err)
						  : st;
}
