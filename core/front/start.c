/* Opens what a configuration names: plugin, challenges, data directory. Every failure is
 * prefixed with the option that has to change.
 * Reason to change: something else that a start opens. */
#include "front/impl.h"

static assay_status worker_path(const char *config_file, const asy_options *o, char *out,
								size_t cap, assay_err *err)
{
	if (o->worker_path == NULL)
		return asy_front_find_program("assay-worker", out, cap, err);
	assay_status st = asy_front_config_path(config_file, o->worker_path, out, cap, err);
	if (st == ASSAY_OK)
		st = asy_front_check_file(out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "worker_path");
}

/* The validator's own files, which no plugin may be given to read. */
typedef struct {
	char key[ASY_FRONT_PATH], data[ASY_FRONT_PATH];
	const char *path[2];
	size_t n;
} own_files;

static assay_status find_own_files(const char *config_file, const asy_options *o, own_files *f,
								   assay_err *err)
{
	assay_status st = asy_front_config_path(config_file, o->data_dir, f->data, sizeof f->data, err);
	f->path[f->n++] = f->data;
	if (st != ASSAY_OK || o->wallet.dev_uri != NULL)
		return st;
	f->path[f->n++] = f->key;
	return asy_front_key_path(config_file, o, f->key, sizeof f->key, err);
}

/* Before the file is touched, and under the option's own name. */
static assay_status check_trusted_keys(const asy_options *o, assay_err *err)
{
	for (size_t i = 0; i < o->plugin.trusted_keys.n; i++) {
		asy_minisign_key k;
		if (asy_minisign_key_read(asy_span_str(o->plugin.trusted_keys.at[i]), &k, err) != ASSAY_OK)
			return assay_err_at(err, ASSAY_E_CONFIG, "plugin.trusted_keys, number %zu", i + 1);
	}
	return ASSAY_OK;
}

static void tell_signer(asy_logger *log, const asy_options *o, const asy_plugin_about *about)
{
	if (o->plugin.trusted_keys.n != 0)
		asy_log(log, ASY_INFO, "plugin.verified", ASY_STR("plugin", about->id),
				ASY_STR("key", about->signed_by));
	else if (!o->development)
		asy_log(log, ASY_INFO, "plugin.unsigned", ASY_STR("plugin", about->id),
				ASY_STR("text", "plugin.trusted_keys is not set: whoever can change the file "
								"decides who is paid"));
}

assay_status asy_front_open_plugin(const char *config_file, const asy_options *o, asy_logger *log,
								   asy_loop *loop, asy_plugin **out, assay_err *err)
{
	char plugin[ASY_FRONT_PATH], worker[ASY_FRONT_PATH];
	assay_status st =
		asy_front_config_path(config_file, o->plugin.path, plugin, sizeof plugin, err);
	if (st != ASSAY_OK || (st = asy_front_check_file(plugin, err)) != ASSAY_OK)
		return assay_err_at(err, st, "plugin.path");
	own_files own = {.n = 0};
	st = worker_path(config_file, o, worker, sizeof worker, err);
	if (st == ASSAY_OK)
		st = find_own_files(config_file, o, &own, err);
	if (st == ASSAY_OK)
		st = check_trusted_keys(o, err);
	if (st != ASSAY_OK)
		return st;
	asy_plugin_opts po = {
		.path = plugin,
		.config = asy_span_str(o->plugin.config),
		.isolation =
			o->plugin.isolation == ASY_CFG_IN_PROCESS ? ASY_ISOLATION_NONE : ASY_ISOLATION_WORKER,
		.worker_path = worker,
		.grant = o->plugin.needs_granted | ASY_PLUGIN_GRANT_DEFAULT,
		.soft_ns = (uint64_t)o->plugin.soft_ms * 1000000u,
		.hard_ns = (uint64_t)(o->plugin.hard_ms - o->plugin.soft_ms) * 1000000u + 1,
		.stall_ns = (uint64_t)o->plugin.stall_ms * 1000000u,
		.memory_max = (uint64_t)o->plugin.memory_mib << 20,
		.allow_unfiltered = o->plugin.allow_unfiltered,
		.trusted = o->plugin.trusted_keys.at,
		.trusted_n = o->plugin.trusted_keys.n,
		.hidden = own.path,
		.hidden_n = own.n,
		.clock = asy_sys_clock(),
		.log = log,
		.loop = loop,
	};
	st = asy_plugin_open(&po, out, err);
	if (st == ASSAY_OK)
		tell_signer(log, o, asy_plugin_info(*out));
	if (st == ASSAY_E_CONFIG)
		return assay_err_at(err, st, "plugin.config");
	return st == ASSAY_OK ? st : assay_err_at(err, st, "plugin.path %s", plugin);
}

assay_status asy_front_load_dataset(const char *config_file, const asy_options *o,
									asy_dataset **out, assay_err *err)
{
	char path[ASY_FRONT_PATH];
	asy_buf text = {.max = ASY_DATASET_MAX};
	if (o->dataset.path == NULL)
		return ASSAY_OK;
	assay_status st = asy_front_config_path(config_file, o->dataset.path, path, sizeof path, err);
	if (st == ASSAY_OK)
		st = asy_front_check_file(path, err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(path, ASY_DATASET_MAX, &text, err);
	if (st == ASSAY_OK)
		st = asy_dataset_parse(asy_buf_span(&text), path, out, err);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "dataset.path");
}

assay_status asy_front_check_source(const asy_plugin *p, const asy_dataset *set, assay_err *err)
{
	if (set != NULL || asy_plugin_info(p)->makes_challenges)
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_CONFIG,
					  "dataset.path is not set, and the plugin %s makes no challenges: set it to a "
					  "file of challenges (JSON Lines)",
					  asy_plugin_info(p)->id);
}

assay_status asy_front_make_data_dir(const char *config_file, const asy_options *o, char *out,
									 size_t cap, assay_err *err)
{
	assay_status st = asy_front_config_path(config_file, o->data_dir, out, cap, err);
	if (st == ASSAY_OK)
		st = asy_front_make_parents(out, err);
	return st == ASSAY_OK ? st : assay_err_at(err, st, "data_dir");
}
