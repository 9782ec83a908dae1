/* Building a configuration: defaults, then a file, then the environment, then flags,
 * each checked as it comes, and at the end the rules that join several options of one task;
 * tasks.c has the list of tasks. It reads no file and no environment itself. An unknown key is an error: a typo that is
 * skipped in silence becomes a setting that was never made. */
#include <ctype.h>
#include <stdlib.h>
#include "config/impl.h"
#include "crypto/crypto.h"

#define ARENA_MAX ((size_t)16 << 20)

assay_status asy_config_new(asy_config **out, assay_err *err)
{
	asy_config *c = asy_calloc(1, sizeof *c);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "configuration: out of memory");
	c->arena = asy_arena_new(ARENA_MAX);
	c->shared.state = asy_calloc(asy_config_table_n, sizeof *c->shared.state);
	assay_status st = ASSAY_OK;
	if (c->arena == NULL || c->shared.state == NULL)
		st = ASSAY_FAIL(err, E_NOMEM, "configuration: out of memory");
	for (size_t i = 0; i < asy_config_table_n && st == ASSAY_OK; i++) {
		const opt *o = &asy_config_table[i];
		opt_value v;
		if (o->fallback == NULL)
			continue;
		st = asy_config_from_text(o, o->fallback, c->arena, &v, err);
		if (st == ASSAY_OK)
			asy_config_store(&c->shared.values, o, &v);
	}
	if (st != ASSAY_OK) {
		asy_config_free(c);
		return st;
	}
	*out = c;
	return ASSAY_OK;
}

void asy_config_free(asy_config *c)
{
	if (c == NULL)
		return;
	asy_arena_free(c->arena);
	free(c->shared.state);
	free(c);
}

const asy_options *asy_config_get(const asy_config *c)
{
	return &c->shared.values;
}

/* ---- unknown keys ---- */

/* The names one level below prefix: "query." gives "route", "dialect", ... */
static size_t children(const char *prefix, char names[][48], const char **list, size_t cap)
{
	size_t n = 0, skip = strlen(prefix);
	for (size_t i = 0; i < asy_config_table_n && n < cap; i++) {
		const char *path = asy_config_table[i].path;
		if (strncmp(path, prefix, skip) != 0)
			continue;
		size_t len = strcspn(path + skip, ".");
		if (n > 0 && strlen(names[n - 1]) == len && strncmp(names[n - 1], path + skip, len) == 0)
			continue; /* the same group again */
		(void)snprintf(names[n], sizeof names[n], "%.*s", (int)len, path + skip);
		list[n] = names[n];
		n++;
	}
	return n;
}

/* A path where a file wants nested objects. */
static assay_status is_flat(const char *where, const char *path, assay_err *err)
{
	size_t group = strcspn(path, ".");
	return ASSAY_FAIL(err, E_CONFIG, "%s%s: groups are objects; write {\"%.*s\": {\"%s\": ...}}",
					  where, path, (int)group, path, path + group + 1);
}

/* The option that was meant, or NULL: the right name in the wrong place, or one nearly so. */
static const char *meant(const char *key)
{
	const char *paths[128];
	size_t n = 0;
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const char *path = asy_config_table[i].path, *dot = strrchr(path, '.');
		if (strcmp(dot == NULL ? path : dot + 1, key) == 0)
			return path;
	}
	for (; n < asy_config_table_n && n < ASY_COUNT(paths); n++)
		paths[n] = asy_config_table[n].path;
	size_t near = asy_str_nearest(key, paths, n);
	return near < n ? paths[near] : NULL;
}

assay_status asy_config_unknown(const char *where, const char *prefix, const char *key,
								assay_err *err)
{
	enum { CAP = 64 };
	char names[CAP][48], shown[80];
	const char *list[CAP];
	asy_str_escape(shown, sizeof shown, asy_span_str(key));
	if (prefix[0] == '\0' && asy_config_find(key) != NULL)
		return is_flat(where, key, err);
	size_t n = children(prefix, names, list, CAP - 1);
	if (prefix[0] == '\0' && where[0] == '\0')
		list[n++] = "tasks";
	size_t near = asy_str_nearest(key, list, n);
	if (near < n)
		return ASSAY_FAIL(err, E_CONFIG, "%s%s%s: no such option; did you mean %s%s?", where,
						  prefix, shown, prefix, list[near]);
	const char *other = meant(key);
	if (other != NULL)
		return ASSAY_FAIL(err, E_CONFIG, "%s%s%s: no such option; did you mean %s?", where, prefix,
						  shown, other);
	return ASSAY_FAIL(err, E_CONFIG,
					  "%s%s%s: no such option; `assay config explain` lists those there are", where,
					  prefix, shown);
}

/* ---- sources ---- */

assay_status asy_config_keep(asy_config *c, opt_level *at, const opt *o, const opt_value *v,
							 asy_source source, const char *origin, assay_err *err)
{
	const char *kept = asy_arena_strdup(c->arena, origin);
	if (kept == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%s: the configuration is too large", o->path);
	asy_config_store(&at->values, o, v);
	at->state[asy_config_index(o)] = (opt_state){source, kept};
	return ASSAY_OK;
}

static bool is_group(const char *path)
{
	size_t len = strlen(path);
	for (size_t i = 0; i < asy_config_table_n; i++) {
		if (strncmp(asy_config_table[i].path, path, len) == 0 &&
			asy_config_table[i].path[len] == '.')
			return true;
	}
	return false;
}

static assay_status load_option(const opt_place *p, const opt *o, asy_jv value, assay_err *err)
{
	char path[128];
	opt named = *o;
	opt_value v;
	(void)snprintf(path, sizeof path, "%s%s", p->where, o->path);
	named.path = path;
	assay_status st = asy_config_from_json(&named, value, p->c->arena, &v, err);
	if (st != ASSAY_OK)
		return st;
	return asy_config_keep(p->c, p->task != NULL ? &p->task->own : &p->c->shared, o, &v,
						   ASY_FROM_FILE, p->name, err);
}

static assay_status load_key(const opt_place *p, const char *key, asy_jv value, const char *prefix,
							 assay_err *err)
{
	char path[96];
	bool fits = (size_t)snprintf(path, sizeof path, "%s%s", prefix, key) < sizeof path - 1 &&
				strchr(key, '.') == NULL;
	const opt *o = fits ? asy_config_find(path) : NULL;
	bool group = fits && prefix[0] == '\0' && is_group(path);
	if (p->task != NULL && (o != NULL || group) && !asy_config_is_of_a_task(path))
		return ASSAY_FAIL(err, E_CONFIG, "%s%s: holds for all tasks; write it beside \"tasks\"",
						  p->where, path);
	if (o != NULL)
		return load_option(p, o, value, err);
	if (!group)
		return asy_config_unknown(p->where, prefix, key, err);
	if (asy_jv_kind(value) != ASY_J_OBJECT)
		return ASSAY_FAIL(err, E_CONFIG, "%s%s: expected an object with options", p->where, path);
	(void)snprintf(path, sizeof path, "%s.", key);
	return asy_config_load_object(p, value, path, err);
}

assay_status asy_config_load_object(const opt_place *p, asy_jv object, const char *prefix,
									assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < asy_jv_size(object) && st == ASSAY_OK; i++) {
		const char *key = asy_jv_key(object, i);
		asy_jv value = asy_jv_value(object, i);
		bool top = prefix[0] == '\0';
		if (top && p->task == NULL && strcmp(key, "$schema") == 0)
			continue; /* for editors */
		if (top && p->task == NULL && strcmp(key, "tasks") == 0)
			st = asy_config_load_tasks(p->c, value, p->name, err);
		else if (!top || p->task == NULL || strcmp(key, "name") != 0)
			st = load_key(p, key, value, prefix, err);
	}
	return st;
}

assay_status asy_config_load_json(asy_config *c, assay_span text, const char *name, assay_err *err)
{
	asy_json *doc = NULL;
	const asy_json_limits limits = {.max_bytes = ASY_CONFIG_MAX, .max_depth = 36};
	assay_status st = asy_json_parse(text, &limits, &doc, err);
	if (st == ASSAY_OK && asy_jv_kind(asy_json_root(doc)) != ASY_J_OBJECT)
		st = ASSAY_FAIL(err, E_CONFIG, "the configuration must be one JSON object");
	const opt_place top = {.c = c, .where = "", .name = name};
	if (st == ASSAY_OK)
		st = asy_config_load_object(&top, asy_json_root(doc), "", err);
	if (st == ASSAY_OK)
		st = asy_config_resolve(c, err);
	asy_json_free(doc);
	if (st == ASSAY_OK)
		return ASSAY_OK;
	return assay_err_at(err, st == ASSAY_E_NOMEM ? st : ASSAY_E_CONFIG, "%s", name);
}

assay_status asy_config_set(asy_config *c, const char *path, const char *text, asy_source source,
							assay_err *err)
{
	char origin[128];
	opt_value v;
	if (strncmp(path, "tasks.", 6) == 0)
		return asy_config_set_task(c, path, text, source, err);
	const opt *o = asy_config_find(path);
	if (o == NULL)
		return asy_config_unknown("", "", path, err);
	assay_status st = asy_config_from_text(o, text, c->arena, &v, err);
	if (st != ASSAY_OK)
		return st;
	(void)snprintf(origin, sizeof origin, "%s%s", source == ASY_FROM_FLAG ? "--" : "", path);
	return asy_config_keep(c, &c->shared, o, &v, source, origin, err);
}

#define PREFIX "ASSAY_"
#define PREFIX_LEN (sizeof PREFIX - 1)

/* query.deadline_ms -> ASSAY_QUERY_DEADLINE_MS */
static void env_name(const char *path, char *dst, size_t cap)
{
	size_t at = (size_t)snprintf(dst, cap, PREFIX);
	for (; *path != '\0' && at + 1 < cap; path++)
		dst[at++] = *path == '.' ? '_' : (char)toupper((unsigned char)*path);
	dst[at] = '\0';
}

/* Names with our prefix that are not options: the file itself, a secret, and what tests
 * and scripts use. */
static bool is_other_name(const char *name)
{
	static const char *const others[] = {
		"ASSAY_CONFIG",  "ASSAY_WALLET_PASSWORD=",
		"ASSAY_MODEL",   "ASSAY_WORDLIST=",
		"ASSAY_TEST_",   "ASSAY_VECTORS",
		"ASSAY_CASES",   "ASSAY_GAMING_",
		"ASSAY_GOLDEN_", "ASSAY_DEMO_",
		"ASSAY_BENCH_",
	};
	for (size_t i = 0; i < ASY_COUNT(others); i++) {
		if (strncmp(name, others[i], strlen(others[i])) == 0)
			return true;
	}
	return false;
}

static assay_status load_variable(asy_config *c, const char *name, const char *text, assay_err *err)
{
	char names[128][64];
	const char *list[128];
	size_t n = 0;
	for (; n < asy_config_table_n && n < ASY_COUNT(names); n++) {
		env_name(asy_config_table[n].path, names[n], sizeof names[n]);
		list[n] = names[n];
		if (strcmp(names[n], name) != 0)
			continue;
		const opt *o = &asy_config_table[n];
		opt_value v;
		assay_status st = asy_config_from_text(o, text, c->arena, &v, err);
		if (st == ASSAY_OK)
			st = asy_config_keep(c, &c->shared, o, &v, ASY_FROM_ENV, name, err);
		return st == ASSAY_OK ? st : assay_err_at(err, st, "environment %s", name);
	}
	char shown[80];
	asy_str_escape(shown, sizeof shown, asy_span_str(name));
	for (size_t i = 0; i < n; i++)
		list[i] += PREFIX_LEN; /* what all have alike is no likeness */
	size_t near = asy_str_nearest(name + PREFIX_LEN, list, n);
	if (near < n)
		return ASSAY_FAIL(err, E_CONFIG, "environment %s: no such option; did you mean %s?", shown,
						  names[near]);
	return ASSAY_FAIL(err, E_CONFIG,
					  "environment %s: no such option; unset it, or see `assay config explain`",
					  shown);
}

assay_status asy_config_load_env(asy_config *c, const char *const *env, assay_err *err)
{
	assay_status st = ASSAY_OK;
	for (; *env != NULL && st == ASSAY_OK; env++) {
		const char *eq = strchr(*env, '=');
		char name[128];
		if (eq == NULL || strncmp(*env, PREFIX, PREFIX_LEN) != 0 || is_other_name(*env))
			continue;
		(void)snprintf(name, sizeof name, "%.*s", (int)(eq - *env < 127 ? eq - *env : 127), *env);
		st = load_variable(c, name, eq + 1, err);
	}
	return st;
}

/* ---- the rules that join options ---- */

static bool was_set(const opt_level *l, const char *path)
{
	return l->state[asy_config_index(asy_config_find(path))].source != ASY_FROM_DEFAULT;
}

/* wide: of the options that hold for all tasks alone. */
static assay_status check_required(const opt_level *l, bool wide, assay_err *err)
{
	char all[200] = "";
	size_t at = 0, n = 0;
	const opt *first = NULL;
	for (size_t i = 0; i < asy_config_table_n; i++) {
		const opt *o = &asy_config_table[i];
		if (!o->required || l->state[i].source != ASY_FROM_DEFAULT ||
			(wide && asy_config_is_of_a_task(o->path)))
			continue;
		int w = snprintf(all + at, sizeof all - at, "%s%s", n++ > 0 ? ", " : "", o->path);
		at += w > 0 && at + (size_t)w < sizeof all ? (size_t)w : 0;
		first = first != NULL ? first : o;
	}
	if (n == 1)
		return ASSAY_FAIL(err, E_CONFIG, "%s is not set. %s", first->path, first->doc);
	if (n > 1)
		return ASSAY_FAIL(err, E_CONFIG, "%s are not set; `assay config explain` says what each is",
						  all);
	return ASSAY_OK;
}

static bool is_loopback(const char *host, size_t len)
{
	return (len == 9 && strncmp(host, "localhost", 9) == 0) ||
		   (len > 4 && strncmp(host, "127.", 4) == 0 && strspn(host, "0123456789.") >= len) ||
		   (len == 5 && strncmp(host, "[::1]", 5) == 0);
}

static assay_status check_endpoint(const asy_options *o, size_t i, assay_err *err)
{
	const char *url = o->chain.endpoints.at[i], *host = strstr(url, "://");
	bool tls = strncmp(url, "https://", 8) == 0 || strncmp(url, "wss://", 6) == 0;
	if (!tls && strncmp(url, "http://", 7) != 0 && strncmp(url, "ws://", 5) != 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "chain.endpoints[%zu]: an address begins with wss://, https://, ws:// or "
						  "http://",
						  i);
	host += 3;
	size_t len = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":/?#");
	if (len == 0 || strpbrk(url, " \"\\") != NULL)
		return ASSAY_FAIL(err, E_CONFIG, "chain.endpoints[%zu]: no host in the address", i);
	if (memchr(host, '@', strcspn(host, "/?#")) != NULL)
		return ASSAY_FAIL(err, E_CONFIG,
						  "chain.endpoints[%zu]: a name or password in an address would be logged; "
						  "leave it out",
						  i);
	if (!tls && !o->development && !is_loopback(host, len))
		return ASSAY_FAIL(
			err, E_CONFIG,
			"chain.endpoints[%zu]: plain http:// or ws:// to another machine can be altered on "
			"the way; use https://, wss:// or a node on this machine",
			i);
	return ASSAY_OK;
}

/* A name becomes one part of a path: nothing that climbs out of its folder. */
static assay_status check_name(const char *option, const char *name, assay_err *err)
{
	if (strchr(name, '/') != NULL || strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "%s is a name, not a path, where wallet.name or wallet.path is set",
						  option);
	return ASSAY_OK;
}

static assay_status check_wallet(const asy_options *o, assay_err *err)
{
	bool layout = o->wallet.name != NULL || o->wallet.path != NULL;
	if ((o->wallet.hotkey != NULL || layout) && o->wallet.dev_uri != NULL)
		return ASSAY_FAIL(err, E_CONFIG, "wallet.%s and wallet.dev_uri are both set; keep one",
						  o->wallet.hotkey != NULL ? "hotkey"
						  : o->wallet.name != NULL ? "name"
												   : "path");
	if (o->wallet.hotkey == NULL && !layout && o->wallet.dev_uri == NULL)
		return ASSAY_FAIL(err, E_CONFIG,
						  "wallet.hotkey is not set: the path of the hotkey's key file, or set "
						  "wallet.name and wallet.hotkey to the two names that btcli shows");
	if (o->wallet.dev_uri != NULL && !o->development)
		return ASSAY_FAIL(err, E_CONFIG,
						  "wallet.dev_uri is a key that everybody knows; it needs "
						  "\"development\": true");
	if (o->wallet.dev_uri != NULL && strncmp(o->wallet.dev_uri, "//", 2) != 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "wallet.dev_uri: only development keys such as //Alice may stand in a "
						  "configuration; put real keys into a key file");
	assay_status st = ASSAY_OK;
	if (o->wallet.name != NULL)
		st = check_name("wallet.name", o->wallet.name, err);
	if (st == ASSAY_OK && layout && o->wallet.hotkey != NULL)
		st = check_name("wallet.hotkey", o->wallet.hotkey, err);
	return st;
}

static assay_status check_query(const asy_options *o, assay_err *err)
{
	if (o->query.connect_timeout_ms > o->query.deadline_ms)
		return ASSAY_FAIL(err, E_CONFIG,
						  "query.connect_timeout_ms (%" PRIu32
						  ") is longer than query.deadline_ms (%" PRIu32 ")",
						  o->query.connect_timeout_ms, o->query.deadline_ms);
	if (o->query.per_host > o->query.concurrency)
		return ASSAY_FAIL(err, E_CONFIG,
						  "query.per_host (%" PRIu32 ") is more than query.concurrency (%" PRIu32
						  ")",
						  o->query.per_host, o->query.concurrency);
	if (o->query.max_response_bytes > o->query.max_round_bytes)
		return ASSAY_FAIL(err, E_CONFIG,
						  "query.max_response_bytes (%" PRIu32
						  ") is more than query.max_round_bytes (%" PRIu32 ")",
						  o->query.max_response_bytes, o->query.max_round_bytes);
	if (o->query.route[0] != '/' || strpbrk(o->query.route, " #") != NULL)
		return ASSAY_FAIL(err, E_CONFIG,
						  "query.route: a request target begins with / and has no space or #");
	return ASSAY_OK;
}

static assay_status check_plugin(const asy_options *o, assay_err *err)
{
	if (o->plugin.soft_ms > o->plugin.hard_ms || o->plugin.stall_ms > o->plugin.hard_ms)
		return ASSAY_FAIL(err, E_CONFIG,
						  "plugin.hard_ms (%" PRIu32
						  ") must be the longest of the three plugin deadlines",
						  o->plugin.hard_ms);
	if (o->plugin.isolation == ASY_CFG_IN_PROCESS && !o->development)
		return ASSAY_FAIL(err, E_CONFIG,
						  "plugin.isolation none puts the plugin beside the hotkey; it needs "
						  "\"development\": true");
	return ASSAY_OK;
}

static assay_status check_weights(const opt_level *l, assay_err *err)
{
	const asy_options *o = &l->values;
	if (o->tracker.alpha_down > 0 && o->tracker.half_life_s > 0)
		return ASSAY_FAIL(err, E_CONFIG,
						  "tracker.alpha_down works with tracker.alpha; set tracker.half_life_s to "
						  "0 or leave it out");
	if (o->weights.max_count != 0 && o->weights.max_count < o->weights.min_count)
		return ASSAY_FAIL(err, E_CONFIG,
						  "weights.max_count (%" PRIu32 ") is less than weights.min_count (%" PRIu32
						  ")",
						  o->weights.max_count, o->weights.min_count);
	if (o->weights.floor >= o->weights.max_weight)
		return ASSAY_FAIL(err, E_CONFIG,
						  "weights.floor (%g) leaves nothing under "
						  "weights.max_weight (%g)",
						  o->weights.floor, o->weights.max_weight);
	if (o->weights.policy == ASY_CFG_OWNER && !was_set(l, "weights.owner_uid"))
		return ASSAY_FAIL(err, E_CONFIG, "weights.policy owner needs weights.owner_uid");
	if (o->weights.reserve_share > 0 && !was_set(l, "weights.reserve_uid"))
		return ASSAY_FAIL(err, E_CONFIG, "weights.reserve_share needs weights.reserve_uid");
	return ASSAY_OK;
}

static assay_status check_beacon(const asy_options *o, assay_err *err)
{
	uint8_t key[ASY_BLS_KEY_LEN];
	if (o->chain.beacon == NULL || (asy_hex_decode(o->chain.beacon, key, sizeof key) &&
									asy_bls_check_key(key, NULL) == ASSAY_OK))
		return ASSAY_OK;
	return ASSAY_FAIL(err, E_CONFIG, "chain.beacon: a public key of %d bytes in hex is wanted",
					  ASY_BLS_KEY_LEN);
}

static assay_status check_daemon(const asy_config *c, assay_err *err)
{
	const asy_options *o = &c->shared.values;
	assay_status st = check_required(&c->shared, asy_config_has_tasks(c), err);
	for (size_t i = 0; i < o->chain.endpoints.n && st == ASSAY_OK; i++)
		st = check_endpoint(o, i, err);
	return st == ASSAY_OK ? check_beacon(o, err) : st;
}

static assay_status check_task(const opt_level *l, assay_err *err)
{
	const asy_options *o = &l->values;
	assay_status st = check_required(l, false, err);
	if (st == ASSAY_OK)
		st = check_wallet(o, err);
	if (st == ASSAY_OK)
		st = check_plugin(o, err);
	if (st == ASSAY_OK)
		st = check_query(o, err);
	if (st == ASSAY_OK)
		st = check_weights(l, err);
	return st;
}

assay_status asy_config_finish(asy_config *c, assay_err *err)
{
	assay_status st = check_daemon(c, err);
	if (st == ASSAY_OK)
		st = asy_config_resolve(c, err);
	for (size_t i = 0; st == ASSAY_OK && i < asy_config_task_n(c); i++) {
		st = check_task(asy_config_level(c, i), err);
		if (st != ASSAY_OK && asy_config_has_tasks(c))
			return assay_err_at(err, st, "tasks[%zu]", i);
	}
	return st == ASSAY_OK ? asy_config_check_tasks(c, err) : st;
}

assay_status asy_config_digest(const asy_config *c, size_t task, uint8_t out[32], assay_err *err)
{
	asy_buf text = {0};
	assay_status st = asy_config_canonical(c, task, &text, err);
	if (st == ASSAY_OK)
		asy_blake2b(text.ptr, text.len, out, 32);
	asy_buf_fini(&text);
	return st;
}
