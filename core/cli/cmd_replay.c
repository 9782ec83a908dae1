/* assay replay: recompute a recorded round and compare bits. */
#include <sys/stat.h>
#include "cli/cli.h"
#include "cli/forecasts.h"
#include "crypto/crypto.h"
#include "plugin/plugin.h"
#include "research/research.h"
#include "store/store.h"

static const char *verdict_name(asy_replay_verdict v)
{
	switch (v) {
	case ASY_REPLAY_EQUAL:
		return "equal";
	case ASY_REPLAY_DIFFERS:
		return "DIFFERS";
	case ASY_REPLAY_SKIPPED:
		return "skipped";
	}
	return "?";
}

static assay_status print_json(const asy_replay_report *r, assay_err *err)
{
	asy_buf out = {0};
	asy_jw w = asy_jw_out(&out, 0);
	asy_jw_object(&w);
	asy_jw_ku64(&w, "round", r->round);
	asy_jw_ku64(&w, "records", r->records);
	asy_jw_kbool(&w, "equal", !r->differs);
	asy_jw_key(&w, "steps");
	asy_jw_array(&w);
	for (size_t i = 0; i < r->line_n; i++) {
		asy_jw_object(&w);
		asy_jw_kstr(&w, "record", asy_rec_name(r->line[i].type));
		asy_jw_kstr(&w, "verdict", verdict_name(r->line[i].verdict));
		asy_jw_ku64(&w, "compared", r->line[i].compared);
		asy_jw_kstr(&w, "note", r->line[i].note);
		asy_jw_end_object(&w);
	}
	asy_jw_end_array(&w);
	asy_jw_end_object(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_front_print(&out, err);
	asy_buf_fini(&out);
	return st;
}

static void print_text(const asy_replay_report *r)
{
	(void)printf("round %" PRIu64 ", %u records\n", r->round, r->records);
	for (size_t i = 0; i < r->line_n; i++)
		(void)printf("  %-8s %-8s %8" PRIu64 " values  %s\n", asy_rec_name(r->line[i].type),
					 verdict_name(r->line[i].verdict), r->line[i].compared, r->line[i].note);
}

static assay_status open_recorded(const char *path, asy_store **out, assay_err *err)
{
	struct stat sb;
	char db[4200];
	if (stat(path, &sb) != 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "no such data directory or bundle: %s", path);
	if (S_ISREG(sb.st_mode))
		return asy_store_open_bundle(path, out, err);
	(void)snprintf(db, sizeof db, "%s/assay.db", path);
	if (stat(db, &sb) != 0)
		return ASSAY_FAIL(err, E_NOTFOUND, "%s is not a data directory: it has no assay.db", path);
	asy_store_options so = {.dir = path, .read_only = true};
	return asy_store_open(&so, out, err);
}

static assay_status open_plugin(const char *file, const char *config, uint32_t needs,
								asy_plugin **out, assay_err *err)
{
	char worker[4096];
	assay_status st = asy_front_find_program("assay-worker", worker, sizeof worker, err);
	if (st != ASSAY_OK)
		return st;
	asy_plugin_opts o = {
		.path = file,
		.config = asy_span_str(config),
		.worker_path = worker,
		.grant = needs | ASY_PLUGIN_GRANT_DEFAULT,
		.clock = asy_sys_clock(),
	};
	return asy_plugin_open(&o, out, err);
}

/* The plugin as the round had it: its configuration is the recorded one unless the user
 * gives another. */
static assay_status open_plugin_of_round(const asy_replay_request *req, const char *file,
										 const char *config, asy_plugin **out, assay_err *err)
{
	asy_config *recorded = NULL;
	assay_status st = asy_research_config(req->store, req->round, &recorded, err);
	if (st == ASSAY_OK) {
		const asy_options *o = asy_config_get(recorded);
		st = open_plugin(file, config != NULL ? config : o->plugin.config, o->plugin.needs_granted,
						 out, err);
	}
	asy_config_free(recorded);
	return st;
}

static assay_status find_round(asy_replay_request *req, assay_err *err)
{
	asy_story_info last;
	if (req->round != 0)
		return ASSAY_OK;
	assay_status st = asy_store_last(req->store, ASY_STORY_ROUND, &last, err);
	if (st == ASSAY_OK)
		req->round = last.id;
	return st;
}

static assay_status show_forecasts(asy_store *store, bool json, assay_err *err)
{
	cli_forecasts f;
	asy_buf out = {0};
	assay_status st = cli_forecasts_read(store, &f, err);
	if (st != ASSAY_OK)
		return st;
	if (json) {
		asy_jw w = asy_jw_out(&out, 0);
		asy_jw_object(&w);
		st = cli_forecasts_json(&f, &w, err);
		asy_jw_end_object(&w);
		assay_status end = asy_jw_end(&w, st == ASSAY_OK ? err : NULL);
		st = st != ASSAY_OK ? st : end;
		if (st == ASSAY_OK)
			st = asy_front_print(&out, err);
	} else {
		cli_forecasts_print(&f, stdout);
	}
	asy_buf_fini(&out);
	cli_forecasts_fini(&f);
	return st;
}

int cmd_replay(int argc, char **argv)
{
	asy_replay_request req = {0};
	const char *plugin = NULL, *config = NULL, *cpu = NULL, *export = NULL, *path;
	bool json = false, forecasts = false;
	const asy_front_opt opts[] = {
		{"round", ASY_FRONT_U64, &req.round, "N", "which round (default: the newest)"},
		{"plugin", ASY_FRONT_STR, &plugin, "FILE.so",
		 "score the recorded answers again with this plugin"},
		{"plugin-config", ASY_FRONT_STR, &config, "JSON",
		 "another configuration for it than the recorded one"},
		{"cpu", ASY_FRONT_STR, &cpu, "NAME", "auto, scalar, avx2, avx512, neon"},
		{"export", ASY_FRONT_STR, &export, "FILE",
		 "instead: write a self-contained bundle of the round"},
		{"forecasts", ASY_FRONT_FLAG, &forecasts, NULL,
		 "instead: every forecast made before sealing, and what came"},
		{"json", ASY_FRONT_FLAG, &json, NULL, "machine-readable"},
	};
	const asy_front_usage usage = {
		"assay replay [options] DATA_DIR|BUNDLE",
		"Recomputes scores and memory of a recorded round, and weights, forecast, commitment and\n"
		"epoch of what was submitted from that memory, from their own records and compares them "
		"bit for bit. Exits with 84 on a\n"
		"difference and names the first of each kind. Works on the data directory of a running\n"
		"daemon. A bundle is only made of a round whose weights are public.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	assay_err err = {0};
	asy_replay_report report;
	if (!asy_front_parse(&usage, argc, argv, &path, 1, &n, &code))
		return code;
	if (n != 1)
		return asy_front_misuse("replay", "needs a data directory or a bundle");
	assay_status st = asy_crypto_init(&err);
	if (st == ASSAY_OK)
		st = asy_front_cpu(cpu, &req.cpu_mask, &err);
	if (st == ASSAY_OK)
		st = open_recorded(path, &req.store, &err);
	if (st == ASSAY_OK && forecasts) {
		st = show_forecasts(req.store, json, &err);
		asy_store_close(req.store);
		return st == ASSAY_OK ? 0 : asy_front_fail("replay", st, &err);
	}
	if (st == ASSAY_OK)
		st = find_round(&req, &err);
	if (st == ASSAY_OK && export != NULL) {
		st = asy_store_export(req.store, req.round, export, &err);
		asy_store_close(req.store);
		return st == ASSAY_OK ? 0 : asy_front_fail("replay", st, &err);
	}
	if (st == ASSAY_OK && plugin != NULL)
		st = open_plugin_of_round(&req, plugin, config, &req.plugin, &err);
	if (st == ASSAY_OK)
		st = asy_research_replay(&req, &report, &err);
	if (st == ASSAY_OK && json)
		st = print_json(&report, &err);
	else if (st == ASSAY_OK)
		print_text(&report);
	asy_plugin_close(req.plugin);
	asy_store_close(req.store);
	if (st != ASSAY_OK)
		return asy_front_fail("replay", st, &err);
	return report.differs ? assay_status_exit(ASSAY_E_MISMATCH) : 0;
}
