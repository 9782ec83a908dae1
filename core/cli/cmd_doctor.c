/* assay doctor: is this machine, and optionally this configuration, fit to run? Each
 * check is one line with a remedy; nothing is changed. */
#include <errno.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#include "cli/cli.h"
#include "crypto/crypto.h"
#include "front/net.h"
#include "plugin/plugin.h"
#include "round/dataset.h"

typedef struct {
	bool json;
	asy_jw *w;
	unsigned bad;
} doctor;

static void report(doctor *d, const char *check, bool ok, const char *fmt, ...) ASSAY_PRINTF(4, 5);
static void report(doctor *d, const char *check, bool ok, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	va_start(ap, fmt);
	(void)vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	d->bad += !ok;
	if (!d->json) {
		(void)printf("%-4s %-14s %s\n", ok ? "ok" : "BAD", check, text);
		return;
	}
	asy_jw_object(d->w);
	asy_jw_kstr(d->w, "check", check);
	asy_jw_kbool(d->w, "ok", ok);
	asy_jw_kstr(d->w, "detail", text);
	asy_jw_end_object(d->w);
}

static void check_machine(doctor *d)
{
	assay_err err = {0};
	char path[4096];
	asy_clock *c = asy_sys_clock();
	bool clock_ok = c->real_ns(c) > 1700000000u * (uint64_t)1000000000u;
	report(d, "cpu", true, "%s", asy_cpu_name(asy_cpu_detect()));
	bool crypto_ok = asy_crypto_init(&err) == ASSAY_OK;
	report(d, "crypto", crypto_ok, "%s", crypto_ok ? "libsodium starts" : err.msg);
	report(d, "clock", clock_ok, "%s",
		   clock_ok ? "plausible; miners refuse requests that are off by seconds, so run NTP"
					: "before 2023: set the time, miners will refuse every request");
	bool worker = asy_front_find_program("assay-worker", path, sizeof path, &err) == ASSAY_OK;
	report(d, "worker", worker, "%s", worker ? path : err.msg);
	bool daemon = asy_front_find_program("assayd", path, sizeof path, &err) == ASSAY_OK;
	report(d, "daemon", daemon, "%s", daemon ? path : err.msg);
}

static void check_data_dir(doctor *d, const char *file, const asy_options *o)
{
	char dir[4096];
	struct statvfs fs;
	assay_err err = {0};
	if (asy_front_config_path(file, o->data_dir, dir, sizeof dir, &err) != ASSAY_OK) {
		report(d, "data_dir", false, "%s", err.msg);
		return;
	}
	if (access(dir, F_OK) != 0) {
		report(d, "data_dir", true, "%s does not exist yet; the daemon will make it", dir);
		return;
	}
	bool writable = access(dir, W_OK | X_OK) == 0;
	uint64_t free_mb = statvfs(dir, &fs) == 0 ? (uint64_t)fs.f_bavail * fs.f_frsize >> 20 : 0;
	report(d, "data_dir", writable && free_mb >= 100, "%s: %s, %" PRIu64 " MiB free%s", dir,
		   writable ? "writable" : "NOT writable by this user", free_mb,
		   free_mb < 100 ? "; make room, the journal needs it" : "");
}

static void check_plugin(doctor *d, const char *file, const asy_options *o)
{
	char path[4096], worker[4096];
	asy_plugin *p = NULL;
	assay_err err = {0};
	assay_status st = asy_front_config_path(file, o->plugin.path, path, sizeof path, &err);
	if (st == ASSAY_OK)
		st = o->worker_path != NULL
				 ? asy_front_config_path(file, o->worker_path, worker, sizeof worker, &err)
				 : asy_front_find_program("assay-worker", worker, sizeof worker, &err);
	if (st == ASSAY_OK) {
		asy_plugin_opts po = {
			.path = path,
			.config = asy_span_str(o->plugin.config),
			.worker_path = worker,
			.grant = o->plugin.needs_granted | ASY_PLUGIN_GRANT_DEFAULT,
			.clock = asy_sys_clock(),
		};
		st = asy_plugin_open(&po, &p, &err);
	}
	if (st == ASSAY_OK)
		report(d, "plugin", true, "%s %s opens in a worker", asy_plugin_info(p)->id,
			   asy_plugin_info(p)->version);
	else
		report(d, "plugin", false, "%s: %s", path, err.msg);
	asy_plugin_close(p);
}

static void check_wallet(doctor *d, const char *file, const asy_options *o, asy_account *hotkey,
						 bool *known)
{
	assay_err err = {0};
	asy_key *key = NULL;
	char ss58[ASY_SS58_LEN];
	*known = asy_front_load_key(file, o, &key, &err) == ASSAY_OK;
	if (*known) {
		asy_key_public(key, hotkey->b);
		asy_ss58_encode(hotkey->b, ss58);
	}
	report(d, "wallet", *known, "%s", *known ? ss58 : err.msg);
	asy_key_free(key);
}

static void check_dataset(doctor *d, const char *file, const asy_options *o)
{
	char path[4096];
	assay_err err = {0};
	asy_buf text = {0};
	asy_dataset *set = NULL;
	if (o->dataset.path == NULL)
		return;
	assay_status st = asy_front_config_path(file, o->dataset.path, path, sizeof path, &err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(path, ASY_DATASET_MAX, &text, &err);
	if (st == ASSAY_OK)
		st = asy_dataset_parse(asy_buf_span(&text), path, &set, &err);
	if (st == ASSAY_OK)
		report(d, "dataset", true, "%s: %zu challenges", path, asy_dataset_size(set));
	else
		report(d, "dataset", false, "%s", err.msg);
	asy_dataset_free(set);
	asy_buf_fini(&text);
}

/* May this hotkey set weights? By the rules that the chain will apply. */
static void check_standing(doctor *d, asy_chain *c, const asy_options *o, const asy_block_ref *head,
						   const asy_account *hotkey)
{
	assay_snapshot *s = NULL;
	assay_err err = {0};
	if (asy_chain_snapshot(c, o->netuid, o->mecid, head, &s, &err) != ASSAY_OK) {
		report(d, "subnet", false, "%s", err.msg);
		return;
	}
	long uid = asy_snapshot_find(s, hotkey);
	report(d, "subnet", s->epoch.tempo != 0, "%u: %zu neurons, tempo %u, %s", o->netuid, s->n,
		   s->epoch.tempo,
		   s->hyper.commit_reveal_enabled ? "weights by commit and reveal"
										  : "weights set directly");
	if (uid < 0) {
		report(d, "registration", false, "the hotkey is not registered in subnet %u: register it",
			   o->netuid);
	} else {
		const asy_neuron *n = &s->neuron[uid];
		bool stake = n->total_stake >= s->hyper.stake_threshold;
		report(d, "registration", n->permit && stake,
			   "uid %ld, %s, stake weight %" PRIu64 " of %" PRIu64 " needed%s", uid,
			   n->permit ? "validator permit" : "NO validator permit", n->total_stake,
			   s->hyper.stake_threshold,
			   n->permit && stake ? "" : ": weights will be refused, add stake");
	}
	asy_snapshot_free(s);
}

/* hotkey NULL: unknown. */
static void check_chain(doctor *d, const asy_options *o, const asy_account *hotkey)
{
	asy_front_net w = {0};
	assay_err err = {0};
	asy_chain_info info;
	asy_block_ref head = {0};
	asy_front_net_opts wo = {.endpoints = o->chain.endpoints.at,
							 .endpoints_n = o->chain.endpoints.n,
							 .call_timeout_ms = o->chain.deadline_ms};
	assay_status st = asy_front_net_loop(&w, &err);
	if (st == ASSAY_OK)
		st = asy_front_net_open(&w, &wo, &err);
	if (st == ASSAY_OK)
		st = asy_chain_head(w.chain, &head, &err);
	if (st == ASSAY_OK) {
		asy_chain_get_info(w.chain, &info);
		report(d, "chain", true, "%s %s spec %u, block %" PRIu64, info.endpoint, info.spec_name,
			   info.spec_version, head.number);
		if (hotkey != NULL)
			check_standing(d, w.chain, o, &head, hotkey);
	} else {
		report(d, "chain", false, "%s", err.msg);
	}
	asy_front_net_close(&w);
}

static void check_config(doctor *d, const char *file, const asy_options *o)
{
	asy_account hotkey;
	bool known = false;
	check_data_dir(d, file, o);
	check_wallet(d, file, o, &hotkey, &known);
	check_plugin(d, file, o);
	check_dataset(d, file, o);
	check_chain(d, o, known ? &hotkey : NULL);
}

int cmd_doctor(int argc, char **argv)
{
	const char *file = NULL;
	doctor d = {0};
	const asy_front_opt opts[] = {
		{"config", ASY_FRONT_STR, &file, "FILE",
		 "also check this configuration: data, key, plugin, challenges, chain"},
		{"json", ASY_FRONT_FLAG, &d.json, NULL, "machine-readable"},
	};
	const asy_front_usage usage = {
		"assay doctor [--config FILE] [--json]",
		"Checks this machine and, with --config, everything the daemon needs to\n"
		"start. Changes nothing. Exits 1 if a check is bad.",
		opts, ASY_COUNT(opts)};
	size_t n;
	int code;
	assay_err err = {0};
	asy_buf out = {0};
	asy_config *c = NULL;
	if (!asy_front_parse(&usage, argc, argv, NULL, 0, &n, &code))
		return code;
	asy_jw w = asy_jw_out(&out, 0);
	d.w = &w;
	asy_jw_array(&w);
	check_machine(&d);
	if (file != NULL) {
		assay_status st = asy_front_load_config(file, NULL, 0, &c, &err);
		report(&d, "config", st == ASSAY_OK, "%s", st == ASSAY_OK ? file : err.msg);
		if (st == ASSAY_OK) {
			check_config(&d, file, asy_config_get(c));
		}
		asy_config_free(c);
	}
	asy_jw_end_array(&w);
	assay_status st = asy_jw_end(&w, &err);
	if (st == ASSAY_OK && d.json)
		st = asy_front_print(&out, &err);
	asy_buf_fini(&out);
	if (st != ASSAY_OK)
		return asy_front_fail("doctor", st, &err);
	return d.bad == 0 ? 0 : 1;
}
