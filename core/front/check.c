/* The checks of what is on this machine: programs, data directory, key, plugin, challenges.
 * Reason to change: something else that a start needs from the machine. */
#include <errno.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "front/impl.h"
#include "seal/seal.h"
#include "store/store.h"

#define NAME_COLUMN 5
#define TEXT_COLUMN 20
#define FREE_LEAST_MIB 100u
#define TRIED 8u

/* ---- the report ---- */

void asy_front_checks_begin(asy_front_checks *c, bool json)
{
	*c = (asy_front_checks){.json = json};
	c->w = asy_jw_out(&c->out, 0);
	asy_jw_array(&c->w);
}

void asy_check_say(asy_front_checks *c, const char *check, asy_check_verdict v, assay_status st,
				   const char *fmt, ...)
{
	static const char *const words[] = {"ok", "note", "BAD"};
	char text[700];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (v == ASY_CHECK_BAD && c->bad_n++ == 0)
		c->first = st;
	if (!c->json) {
		int at = printf("%-*s%-*s", NAME_COLUMN, words[v], TEXT_COLUMN - NAME_COLUMN, check);
		asy_front_print_wrapped(stdout, at > 0 ? (size_t)at : 0, TEXT_COLUMN, text);
		(void)fflush(stdout); /* the next one may take a while */
		return;
	}
	asy_jw_object(&c->w);
	if (c->task != NULL)
		asy_jw_kstr(&c->w, "task", c->task);
	asy_jw_kstr(&c->w, "check", check);
	asy_jw_kbool(&c->w, "ok", v != ASY_CHECK_BAD);
	asy_jw_kstr(&c->w, "verdict", v == ASY_CHECK_BAD ? "bad" : words[v]);
	asy_jw_kstr(&c->w, "detail", text);
	asy_jw_end_object(&c->w);
}

bool asy_check_result(asy_front_checks *c, const char *check, assay_status st, const char *text,
					  const assay_err *err)
{
	bool ok = st == ASSAY_OK;
	asy_check_say(c, check, ok ? ASY_CHECK_OK : ASY_CHECK_BAD, st, "%s", ok ? text : err->msg);
	return ok;
}

int asy_front_checks_end(asy_front_checks *c)
{
	assay_err err = {0};
	asy_jw_end_array(&c->w);
	assay_status st = asy_jw_end(&c->w, &err);
	if (st == ASSAY_OK && c->json)
		st = asy_front_print(&c->out, &err);
	else if (st == ASSAY_OK && c->bad_n > 0)
		(void)printf("%zu bad\n", c->bad_n);
	asy_buf_fini(&c->out);
	return st == ASSAY_OK ? assay_status_exit(c->first) : asy_front_fail(NULL, st, &err);
}

/* ---- this machine ---- */

static void check_program(asy_front_checks *c, const char *check, const char *name)
{
	char path[ASY_FRONT_PATH];
	assay_err err = {0};
	assay_status st = asy_front_find_program(name, path, sizeof path, &err);
	(void)asy_check_result(c, check, st, path, &err);
}

/* What would confine a plugin here: a kernel or a container may not offer all of it. */
static void check_cage(asy_front_checks *c)
{
	char path[ASY_FRONT_PATH], text[700];
	assay_err err = {0};
	bool is_whole = false;
	assay_status st = asy_front_find_program("assay-worker", path, sizeof path, &err);
	if (st == ASSAY_OK)
		st = asy_plugin_try_cage(path, asy_sys_clock(), text, sizeof text, &is_whole, &err);
	if (st != ASSAY_OK || is_whole)
		(void)asy_check_result(c, "cage", st, text, &err);
	else
		asy_check_say(c, "cage", ASY_CHECK_NOTE, st, "%s", text);
}

void asy_front_check_machine(asy_front_checks *c)
{
	assay_err err = {0};
	asy_check_say(c, "cpu", ASY_CHECK_OK, ASSAY_OK, "%s", asy_cpu_name(asy_cpu_detect()));
	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = asy_timelock_self_test(&err);
	(void)asy_check_result(c, "crypto", st, "libsodium starts, and blst opens what it seals", &err);
	check_program(c, "worker", "assay-worker");
	check_cage(c);
	check_program(c, "daemon", "assayd");
}

/* ---- this configuration ---- */

static uint64_t free_mib(const char *dir)
{
	struct statvfs fs;
	return statvfs(dir, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize >> 20 : 0;
}

/* An existing database is opened as a reader does, which neither locks nor changes it. */
static assay_status check_store(const char *dir, assay_err *err)
{
	char db[ASY_FRONT_PATH + 16];
	asy_store *s = NULL;
	const asy_store_options so = {.dir = dir, .read_only = true};
	assay_status st = asy_store_check_dir(dir, err);
	(void)snprintf(db, sizeof db, "%s/assay.db", dir);
	if (st != ASSAY_OK || asy_front_stat(db) == ASY_FILE_MISSING)
		return st;
	st = asy_store_open(&so, &s, err);
	asy_store_close(s);
	return st;
}

static void check_data_dir(asy_front_checks *c, const asy_check_subject *s)
{
	char dir[ASY_FRONT_PATH], there[ASY_FRONT_PATH];
	assay_err err = {0};
	assay_status st = asy_front_config_path(s->file, s->o->data_dir, dir, sizeof dir, &err);
	if (st == ASSAY_OK) {
		asy_front_existing_part(dir, there, sizeof there);
		bool is_new = strcmp(dir, there) != 0;
		if (!asy_front_is_dir(there))
			st = ASSAY_FAIL(&err, E_IO, "%s is in the way: it is not a folder", there);
		else if (access(there, W_OK | X_OK) != 0)
			st = ASSAY_FAIL(&err, E_IO, "this user may not write to %s%s: %s", there,
							is_new ? ", where the folder would be made" : "", strerror(errno));
		else if (free_mib(there) < FREE_LEAST_MIB)
			st = ASSAY_FAIL(&err, E_IO, "%s has %" PRIu64 " MiB free; make room for %u", there,
							free_mib(there), FREE_LEAST_MIB);
		else if (!is_new)
			st = check_store(dir, &err);
		if (st == ASSAY_OK) {
			asy_check_say(c, "data_dir", ASY_CHECK_OK, st, "%s: %s, %" PRIu64 " MiB free", dir,
						  is_new ? "will be made" : "writable", free_mib(there));
			return;
		}
	}
	if (st == ASSAY_E_LOCKED) {
		asy_check_say(c, "data_dir", ASY_CHECK_NOTE, st, "%s", err.msg);
		return;
	}
	(void)assay_err_at(&err, st, "data_dir");
	(void)asy_check_result(c, "data_dir", st, "", &err);
}

static void check_wallet(asy_front_checks *c, asy_check_subject *s)
{
	assay_err err = {0};
	uint8_t id[32];
	char ss58[ASY_SS58_LEN] = "";
	assay_status st = asy_front_load_key(s->file, s->o, &s->key, &err);
	if (st == ASSAY_OK) {
		asy_key_public(s->key, id);
		asy_ss58_encode(id, ss58);
	}
	(void)asy_check_result(c, "wallet", st, ss58, &err);
}

static void check_plugin(asy_front_checks *c, asy_check_subject *s)
{
	assay_err err = {0};
	char text[200] = "";
	assay_status st = asy_front_open_plugin(s->file, s->o, NULL, NULL, &s->plugin, &err);
	if (st == ASSAY_OK)
		(void)snprintf(text, sizeof text, "%s %s opens, and takes its configuration",
					   asy_plugin_info(s->plugin)->id, asy_plugin_info(s->plugin)->version);
	(void)asy_check_result(c, "plugin", st, text, &err);
}

/* The plugin is asked for one challenge, as a round would ask. */
static assay_status try_making(asy_plugin *p, char *text, size_t cap, assay_err *err)
{
	const asy_plugin_round round = {.round = 1};
	asy_plugin_challenges made = {0};
	assay_status st = asy_plugin_make(p, &round, 1, &made, err);
	if (st == ASSAY_OK && made.challenge_n == 0)
		st = ASSAY_FAIL(err, E_PLUGIN, "the plugin %s made none", asy_plugin_info(p)->id);
	(void)snprintf(text, cap, "made by the plugin %s", asy_plugin_info(p)->id);
	asy_plugin_challenges_fini(&made);
	return st;
}

/* Does the plugin understand these challenges? Each gets an answer that is worth nothing:
 * a plugin that has an opinion on none of them was given another task's. */
static void try_judging(asy_front_checks *c, const asy_check_subject *s)
{
	const asy_plugin_round round = {.round = 1};
	asy_seeded_rng rng;
	asy_question q[TRIED];
	asy_plugin_challenge challenge[TRIED];
	asy_plugin_response response[TRIED];
	asy_plugin_row row[TRIED] = {0};
	asy_plugin_results res = {.row = row};
	assay_err err = {0};
	size_t judged = 0;
	asy_seeded_rng_init(&rng, round.seed);
	size_t n = asy_dataset_draw(s->dataset, &rng.iface, TRIED, q);
	for (size_t i = 0; i < n; i++) {
		challenge[i] = (asy_plugin_challenge){
			.prompt = q[i].prompt, .reference = q[i].reference, .meta_json = q[i].meta};
		response[i] = (asy_plugin_response){.body = asy_span_str("{}"), .challenge = (uint32_t)i};
	}
	const asy_plugin_batch batch = {challenge, n, response, n};
	assay_status st = asy_plugin_score(s->plugin, &round, &batch, &res, &err);
	for (size_t i = 0; i < n; i++)
		judged += row[i].flag == ASY_ROW_SCORED || row[i].flag == ASY_ROW_FLOOR;
	if (st != ASSAY_OK)
		(void)asy_check_result(c, "judging", st, "", &err);
	else if (judged == 0)
		asy_check_say(c, "judging", ASY_CHECK_NOTE, st,
					  "the plugin %s judges none of %zu challenges tried: are they of its task?",
					  asy_plugin_info(s->plugin)->id, n);
}

static void check_challenges(asy_front_checks *c, asy_check_subject *s)
{
	assay_err err = {0};
	char text[200] = "";
	assay_status st = asy_front_load_dataset(s->file, s->o, &s->dataset, &err);
	if (st == ASSAY_OK && s->plugin != NULL)
		st = asy_front_check_source(s->plugin, s->dataset, &err);
	if (st == ASSAY_OK && s->dataset != NULL)
		(void)snprintf(text, sizeof text, "%zu in %s", asy_dataset_size(s->dataset),
					   s->o->dataset.path);
	else if (st == ASSAY_OK && s->plugin != NULL)
		st = try_making(s->plugin, text, sizeof text, &err);
	else if (st == ASSAY_OK)
		st = ASSAY_FAIL(&err, E_PLUGIN, "the plugin has to make them, and does not open");
	s->source_ok = asy_check_result(c, "challenges", st, text, &err);
	if (s->source_ok && s->dataset != NULL && s->plugin != NULL)
		try_judging(c, s);
}

static void check_task(asy_front_checks *c, asy_check_subject *s, asy_check_node *node)
{
	check_data_dir(c, s);
	check_wallet(c, s);
	check_plugin(c, s);
	check_challenges(c, s);
	asy_check_chain(c, s, node);
	asy_plugin_close(s->plugin);
	asy_dataset_free(s->dataset);
	asy_key_free(s->key);
}

/* Lines for people stand below the name of their task. */
static void check_tasks(asy_front_checks *c, const asy_front_check_what *what,
						const asy_config *config)
{
	asy_check_node node = {0};
	for (size_t i = 0; i < asy_config_task_n(config); i++) {
		const char *name = asy_config_task_name(config, i);
		asy_check_subject s = {
			.file = what->file, .o = asy_config_task(config, i), .probe = what->probe};
		if (!asy_front_wants(what->tasks, name))
			continue;
		if (asy_config_has_tasks(config)) {
			c->task = name;
			if (!c->json)
				(void)printf("\ntask %s\n", name);
		}
		check_task(c, &s, &node);
	}
	c->task = NULL;
	asy_front_net_close(&node.net);
}

void asy_front_check_config(asy_front_checks *c, const asy_front_check_what *what)
{
	assay_err err = {0};
	asy_config *config = NULL;
	assay_status st =
		asy_front_load_config(what->file, what->sets->at, what->sets->n, &config, &err);
	if (st == ASSAY_OK)
		st = asy_front_check_wanted(config, what->tasks, &err);
	if (asy_check_result(c, "config", st, what->file, &err)) {
		if (asy_front_guard_secrets(&err) != ASSAY_OK)
			asy_check_say(c, "wallet", ASY_CHECK_NOTE, ASSAY_OK, "%s", err.msg);
		check_tasks(c, what, config);
		asy_front_forget_password();
	}
	asy_config_free(config);
}
