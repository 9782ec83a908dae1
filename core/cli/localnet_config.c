/* The configuration of a validator of the development chain, as JSON. */
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "cli/beside.h"
#include "cli/localnet_config.h"
#include "seal/seal.h"

/* ---- what is installed ---- */

static assay_status named(const char *path, char *out, size_t cap, assay_err *err)
{
	char real[PATH_MAX];
	struct stat info;
	if (realpath(path, real) == NULL || stat(real, &info) != 0 || !S_ISDIR(info.st_mode))
		return ASSAY_FAIL(err, E_NOTFOUND, "no such folder: %s", path);
	return asy_str_copy(out, cap, real) ? ASSAY_OK
										: ASSAY_FAIL(err, E_LIMIT, "path too long: %s", path);
}

static assay_status folder_of(const char *file, char *out, size_t cap, assay_err *err)
{
	const char *slash = strrchr(file, '/');
	char dir[LOCALNET_PATH_MAX];
	if ((size_t)snprintf(dir, sizeof dir, "%.*s", slash != NULL ? (int)(slash - file) + 1 : 1,
						 slash != NULL ? file : ".") >= sizeof dir)
		return ASSAY_FAIL(err, E_LIMIT, "path too long: %s", file);
	return named(dir, out, cap, err);
}

assay_status localnet_folders_find(const char *plugins, const char *samples, const char *scenario,
								   localnet_folders *out, assay_err *err)
{
	static const char *const plugin_places[] = {"../plugins", ASSAY_PLUGINS_BESIDE_BIN};
	static const char *const sample_places[] = {ASSAY_SHARE_BESIDE_BIN "/samples"};
	*out = (localnet_folders){0};
	assay_status st = folder_of(scenario, out->scenario, sizeof out->scenario, err);
	if (st != ASSAY_OK)
		return st;
	if (plugins != NULL)
		st = named(plugins, out->plugins, sizeof out->plugins, err);
	else
		(void)beside_program(plugin_places, ASY_COUNT(plugin_places), out->plugins,
							 sizeof out->plugins);
	if (st != ASSAY_OK)
		return st;
	if (samples != NULL)
		st = named(samples, out->samples, sizeof out->samples, err);
	else
		(void)beside_program(sample_places, ASY_COUNT(sample_places), out->samples,
							 sizeof out->samples);
	return st;
}

asy_localnet_opts localnet_opts(const localnet_folders *f, asy_logger *log, int port)
{
	return (asy_localnet_opts){.clock = asy_sys_clock(),
							   .rng = asy_sys_rng(),
							   .log = log,
							   .samples = f->samples[0] != '\0' ? f->samples : NULL,
							   .folder = f->scenario,
							   .rpc_port = port};
}

assay_status localnet_default_scenario(char *out, size_t cap, assay_err *err)
{
	static const char *const places[] = {ASSAY_SHARE_BESIDE_BIN "/scenario.json"};
	if (beside_program(places, ASY_COUNT(places), out, cap))
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_NOTFOUND,
					  "no scenario is installed beside this program; name one with --scenario "
					  "(configs/demo/scenario.json is an example)");
}

/* ---- the configuration ---- */

static bool exists(const char *path)
{
	return access(path, R_OK) == 0;
}

static assay_status absolute(const char *path, char *out, size_t cap, assay_err *err)
{
	char real[PATH_MAX];
	if (realpath(path, real) == NULL)
		return ASSAY_FAIL(err, E_NOTFOUND, "no such file: %s", path);
	return asy_str_copy(out, cap, real) ? ASSAY_OK
										: ASSAY_FAIL(err, E_LIMIT, "path too long: %s", path);
}

/* A path that the scenario names. */
static assay_status in_scenario(const localnet_validator *v, const char *path, char *out,
								size_t cap, assay_err *err)
{
	char joined[2 * LOCALNET_PATH_MAX];
	(void)snprintf(joined, sizeof joined, "%s/%s", v->folders->scenario, path);
	return absolute(path[0] == '/' ? path : joined, out, cap, err);
}

/* By the scenario's own path, else in the folder of plugins. */
static assay_status plugin_path(const localnet_validator *v, char *out, size_t cap, assay_err *err)
{
	const char *name = v->net->plugin;
	char file[LOCALNET_PATH_MAX], path[2 * LOCALNET_PATH_MAX];
	if (strchr(name, '/') != NULL)
		return in_scenario(v, name, out, cap, err);
	(void)snprintf(file, sizeof file, "%s%s", name[0] != '\0' ? name : v->net->task,
				   name[0] != '\0' ? "" : ".so");
	if (v->folders->plugins[0] == '\0')
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "no folder of plugins beside this program; name it with --plugins");
	(void)snprintf(path, sizeof path, "%s/%s", v->folders->plugins, file);
	if (!exists(path))
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "subnet %u needs the plugin %s, which does not exist; name the folder "
						  "that holds it with --plugins, or the file with \"plugin\"",
						  v->net->netuid, path);
	return absolute(path, out, cap, err);
}

/* Sample challenges lie in DIR/<task>.jsonl when installed and in
 * DIR/<task>/samples/<task>.jsonl in the source tree. out "": the plugin makes them. */
static assay_status dataset_path(const localnet_validator *v, char *out, size_t cap, assay_err *err)
{
	const char *dir = v->folders->samples, *task = v->net->task;
	char path[2 * LOCALNET_PATH_MAX];
	if (v->net->dataset[0] != '\0')
		return in_scenario(v, v->net->dataset, out, cap, err);
	if (dir[0] == '\0')
		dir = v->net->samples;
	(void)snprintf(path, sizeof path, "%s/%s.jsonl", dir, task);
	if (!exists(path))
		(void)snprintf(path, sizeof path, "%s/%s/samples/%s.jsonl", dir, task, task);
	out[0] = '\0';
	if (!exists(path) && v->net->answers_anything)
		return ASSAY_OK; /* the plugin's own questions will do; the daemon checks that it has any */
	if (!exists(path))
		return ASSAY_FAIL(err, E_NOTFOUND,
						  "subnet %u needs sample challenges, and neither %s/%s.jsonl nor %s "
						  "exists; name the folder with --samples, or the file with \"dataset\"",
						  v->net->netuid, dir, task, path);
	return absolute(path, out, cap, err);
}

static uint64_t clamp(uint64_t v, uint64_t least, uint64_t most)
{
	return v < least ? least : v > most ? most : v;
}

static void put_query(asy_jw *w, const asy_scenario_subnet *net)
{
	char route[80];
	uint64_t epoch_ms = net->block_ms * net->tempo;
	uint64_t deadline = net->block_ms == 0 ? 12000 : clamp(epoch_ms * 3 / 10, 200, 12000);
	(void)snprintf(route, sizeof route, "/%s", net->task);
	asy_jw_key(w, "query");
	asy_jw_object(w);
	asy_jw_kstr(w, "route", route);
	asy_jw_ku64(w, "deadline_ms", deadline);
	asy_jw_ku64(w, "connect_timeout_ms", clamp(deadline * 2 / 3, 200, 4000));
	asy_jw_ku64(w, "max_response_bytes", 1u << 20);
	asy_jw_kbool(w, "allow_private", true);
	asy_jw_end_object(w);
}

static void put_text(asy_jw *w, const char *object, const char *key, const char *value)
{
	asy_jw_key(w, object);
	asy_jw_object(w);
	asy_jw_kstr(w, key, value);
	asy_jw_end_object(w);
}

static void put_plugin(asy_jw *w, const asy_scenario_subnet *net, const char *path)
{
	asy_jw_key(w, "plugin");
	asy_jw_object(w);
	asy_jw_kstr(w, "path", path);
	if (net->plugin_config != NULL) {
		asy_jw_key(w, "config");
		asy_jw_raw(w, asy_span_str(net->plugin_config));
	}
	asy_jw_end_object(w);
}

static void put_timing(asy_jw *w, const asy_scenario_subnet *net)
{
	asy_jw_key(w, "round");
	asy_jw_object(w);
	asy_jw_ku64(w, "challenges_per_round", 4);
	asy_jw_ku64(w, "period_ms", 0);
	asy_jw_end_object(w);
	asy_jw_key(w, "submit");
	asy_jw_object(w);
	asy_jw_ku64(w, "lead_blocks", clamp(net->tempo * 2u / 5, 1, 15));
	asy_jw_end_object(w);
}

assay_status localnet_config_text(const localnet_validator *v, asy_buf *out, assay_err *err)
{
	char plugin[LOCALNET_PATH_MAX], dataset[LOCALNET_PATH_MAX], beacon[2 * ASY_BLS_KEY_LEN + 1];
	if (v->net->validator == NULL)
		return ASSAY_FAIL(err, E_CONFIG,
						  "subnet %u of the scenario has no entry in \"validators\", so there is "
						  "no key for a daemon to act as",
						  v->net->netuid);
	assay_status st = plugin_path(v, plugin, sizeof plugin, err);
	if (st == ASSAY_OK)
		st = dataset_path(v, dataset, sizeof dataset, err);
	if (st != ASSAY_OK)
		return st;
	asy_jw w = asy_jw_out(out, 2);
	asy_jw_object(&w);
	asy_jw_kbool(&w, "development", true);
	asy_jw_ku64(&w, "netuid", v->net->netuid);
	asy_jw_kstr(&w, "data_dir", v->data_dir);
	asy_jw_key(&w, "chain");
	asy_jw_object(&w);
	asy_jw_key(&w, "endpoints");
	asy_jw_array(&w);
	asy_jw_str(&w, v->url);
	asy_jw_end_array(&w);
	asy_hex_encode(beacon, asy_test_beacon_key, ASY_BLS_KEY_LEN);
	asy_jw_kstr(&w, "beacon", beacon);
	asy_jw_end_object(&w);
	put_text(&w, "wallet", "dev_uri", v->net->validator);
	put_plugin(&w, v->net, plugin);
	if (dataset[0] != '\0')
		put_text(&w, "dataset", "path", dataset);
	put_query(&w, v->net);
	put_timing(&w, v->net);
	if (v->json_log)
		put_text(&w, "log", "format", "json");
	asy_jw_end_object(&w);
	return asy_jw_end(&w, err);
}
