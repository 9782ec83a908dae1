/* The connection: endpoints, genesis, runtime version, metadata. Metadata is
 * loaded once and again whenever the runtime's version changes; everything resolved from
 * the old one goes with it.
 * Reason to change: what has to be known before anything else can be asked. */
#include <stdlib.h>
#include "chain/impl.h"

/* ---- metadata ---- */

/* The value of state_call, or its error in reply. */
static assay_status state_call(asy_chain *c, const char *name, assay_span args, asy_buf *out,
							   assay_err *err)
{
	asy_buf params = {0};
	asy_rpc_reply reply = {.doc = NULL};
	bool some = false;
	asy_jw w = asy_jw_out(&params, 0);
	char hex[16] = "0x";
	ASSERT(2 * args.len + 3 <= sizeof hex);
	asy_hex_encode(hex + 2, args.ptr, args.len);
	asy_jw_array(&w);
	asy_jw_str(&w, name);
	asy_jw_str(&w, hex);
	asy_jw_end_array(&w);
	assay_status st = asy_jw_end(&w, err);
	if (st == ASSAY_OK)
		st = asy_rpc_call(c, "state_call", asy_buf_span(&params), &reply, err);
	if (st == ASSAY_OK)
		st = asy_rpc_hex(reply.result, out, &some, err);
	if (st == ASSAY_OK && !some)
		st = ASSAY_FAIL(err, E_FORMAT, "%s: the node sent null", name);
	asy_rpc_reply_fini(&reply);
	asy_buf_fini(&params);
	return st;
}

/* The newest version that both sides know; 0 when the node does not say. */
static uint32_t best_version(asy_chain *c)
{
	asy_buf bytes = {0};
	uint32_t best = 0, v = 0;
	size_t n = 0;
	if (state_call(c, "Metadata_metadata_versions", asy_span("", 0), &bytes, NULL) == ASSAY_OK) {
		asy_scale in = asy_scale_in(asy_buf_span(&bytes));
		if (asy_scale_count(&in, 4, 64, &n, NULL) == ASSAY_OK)
			while (n-- > 0 && asy_scale_u32(&in, &v, NULL) == ASSAY_OK)
				best = v >= 14 && v <= 16 && v > best ? v : best;
	}
	asy_buf_fini(&bytes);
	return best;
}

static assay_status fetch_at_version(asy_chain *c, uint32_t version, asy_metadata **out,
									 assay_err *err)
{
	asy_buf bytes = {0};
	uint8_t arg[4];
	assay_span blob;
	bool some = false;
	asy_put_u32le(arg, version);
	assay_status st =
		state_call(c, "Metadata_metadata_at_version", asy_span(arg, sizeof arg), &bytes, err);
	asy_scale in = asy_scale_in(asy_buf_span(&bytes));
	if (st == ASSAY_OK)
		st = asy_scale_option(&in, &some, err);
	if (st == ASSAY_OK && !some)
		st = ASSAY_FAIL(err, E_NOTFOUND, "the node withholds metadata version %" PRIu32, version);
	if (st == ASSAY_OK)
		st = asy_scale_bytes(&in, ASY_METADATA_MAX_BYTES, &blob, err);
	if (st == ASSAY_OK)
		st = asy_metadata_parse(blob, out, err);
	asy_buf_fini(&bytes);
	return st;
}

static assay_status fetch_plain(asy_chain *c, asy_metadata **out, assay_err *err)
{
	asy_buf bytes = {0};
	asy_rpc_reply reply = {.doc = NULL};
	bool some = false;
	assay_status st = asy_rpc_call(c, "state_getMetadata", asy_span(NULL, 0), &reply, err);
	if (st == ASSAY_OK)
		st = asy_rpc_hex(reply.result, &bytes, &some, err);
	asy_rpc_reply_fini(&reply); /* large */
	if (st == ASSAY_OK && !some)
		st = ASSAY_FAIL(err, E_FORMAT, "state_getMetadata: the node sent null");
	if (st == ASSAY_OK)
		st = asy_metadata_parse(asy_buf_span(&bytes), out, err);
	asy_buf_fini(&bytes);
	return st;
}

/* A runtime's metadata names its own version. */
static assay_status check_version(const asy_metadata *m, uint32_t spec, assay_err *err)
{
	const asy_constant *k = asy_metadata_constant(m, "System", "Version");
	assay_span name;
	uint32_t authoring = 0, own = 0;
	if (k == NULL)
		return ASSAY_OK;
	asy_scale in = asy_scale_in(k->value);
	assay_status st = asy_scale_bytes(&in, 256, &name, err);
	if (st == ASSAY_OK)
		st = asy_scale_bytes(&in, 256, &name, err);
	if (st == ASSAY_OK)
		st = asy_scale_u32(&in, &authoring, err);
	if (st == ASSAY_OK)
		st = asy_scale_u32(&in, &own, err);
	if (st == ASSAY_OK && own != spec)
		st = ASSAY_FAIL(err, E_FORMAT,
						"the node says it runs spec %" PRIu32 ", its metadata is of %" PRIu32, spec,
						own);
	return st;
}

static void say_strange(asy_chain *c, const asy_items *items)
{
	for (size_t i = 0; i < ITEM_N; i++)
		if (items->strange[i][0] != '\0')
			asy_log(c->cfg.log, ASY_UNUSUAL, "chain.item_unknown",
					ASY_STR("item", asy_item_name((asy_item)i)), ASY_STR("why", items->strange[i]),
					ASY_STR("costs", asy_item_cost((asy_item)i)));
}

/* Leaves c untouched on failure, so that the old metadata stays in use. */
static assay_status load_metadata(asy_chain *c, uint32_t spec, assay_err *err)
{
	asy_metadata *m = NULL;
	asy_items items;
	uint32_t version = best_version(c);
	assay_status st = ASSAY_E_NOTFOUND;
	if (version > 14)
		st = fetch_at_version(c, version, &m, err);
	if (st != ASSAY_OK && st != ASSAY_E_CANCELLED && st != ASSAY_E_TIMEOUT)
		st = fetch_plain(c, &m, err);
	if (st == ASSAY_OK)
		st = check_version(m, spec, err);
	if (st != ASSAY_OK) {
		asy_metadata_free(m);
		return assay_err_at(err, st, "the runtime's metadata");
	}
	asy_items_resolve(m, &items);
	say_strange(c, &items);
	asy_metadata_free(c->meta);
	c->meta = m;
	c->items = items;
	return ASSAY_OK;
}

/* ---- runtime version ---- */

static assay_status runtime_version(asy_chain *c, uint32_t *spec, uint32_t *tx, char name[64],
									assay_err *err)
{
	asy_rpc_reply reply = {.doc = NULL};
	uint64_t s = 0, t = 0;
	const char *text;
	size_t len;
	assay_status st = asy_rpc_call(c, "state_getRuntimeVersion", asy_span(NULL, 0), &reply, err);
	if (st == ASSAY_OK)
		st = asy_jv_u64(asy_jv_get(reply.result, "specVersion"), &s, err);
	if (st == ASSAY_OK)
		st = asy_jv_u64(asy_jv_get(reply.result, "transactionVersion"), &t, err);
	if (st == ASSAY_OK)
		st = asy_jv_str(asy_jv_get(reply.result, "specName"), &text, &len, err);
	if (st == ASSAY_OK && (s > UINT32_MAX || t > UINT32_MAX))
		st = ASSAY_FAIL(err, E_FORMAT, "runtime version %" PRIu64 "/%" PRIu64, s, t);
	if (st == ASSAY_OK) {
		*spec = (uint32_t)s;
		*tx = (uint32_t)t;
		asy_str_escape(name, 64, asy_span(text, len));
	}
	asy_rpc_reply_fini(&reply);
	return st;
}

static assay_status refresh(asy_chain *c, bool *changed, assay_err *err)
{
	uint32_t spec = 0, tx = 0;
	char name[64];
	assay_status st = runtime_version(c, &spec, &tx, name, err);
	if (st != ASSAY_OK)
		return st;
	bool differs = c->meta == NULL || c->stale || spec != c->spec_version || tx != c->tx_version;
	if (differs) {
		st = load_metadata(c, spec, err);
		if (st != ASSAY_OK)
			return st;
		c->stale = false;
		if (c->spec_version != 0) {
			c->reloads++;
			asy_log(c->cfg.log, ASY_INFO, "chain.runtime_changed", ASY_U64("from", c->spec_version),
					ASY_U64("to", spec));
		}
		c->spec_version = spec;
		c->tx_version = tx;
		(void)asy_str_copy(c->spec_name, sizeof c->spec_name, name);
	}
	if (changed != NULL)
		*changed = differs;
	return ASSAY_OK;
}

assay_status asy_chain_refresh(asy_chain *c, bool *changed, assay_err *err)
{
	return ASY_ASK(c, err, refresh(c, changed, err));
}

/* ---- blocks ---- */

static assay_status block_hash(asy_chain *c, uint64_t number, asy_hash *out, assay_err *err)
{
	char params[32];
	asy_rpc_reply reply = {.doc = NULL};
	(void)snprintf(params, sizeof params, "[%" PRIu64 "]", number);
	assay_status st = asy_rpc_call(c, "chain_getBlockHash", asy_span_str(params), &reply, err);
	if (st == ASSAY_OK)
		st = asy_rpc_hash(reply.result, out, err);
	asy_rpc_reply_fini(&reply);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "block %" PRIu64, number);
	return ASSAY_OK;
}

assay_status asy_chain_block_hash(asy_chain *c, uint64_t number, asy_hash *out, assay_err *err)
{
	return ASY_ASK(c, err, block_hash(c, number, out, err));
}

/* ---- open and close ---- */

static assay_status copy_urls(asy_chain *c, const asy_chain_config *cfg, assay_err *err)
{
	if (cfg->endpoints_n > ASY_ENDPOINTS_MAX)
		return ASSAY_FAIL(err, E_CONFIG, "%zu chain endpoints, at most %u", cfg->endpoints_n,
						  ASY_ENDPOINTS_MAX);
	for (size_t i = 0; i < cfg->endpoints_n; i++) {
		const char *url = cfg->endpoints[i];
		if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0 &&
			strncmp(url, "ws://", 5) != 0 && strncmp(url, "wss://", 6) != 0)
			return ASSAY_FAIL(err, E_CONFIG,
							  "chain endpoint \"%.100s\" is not an http(s):// or ws(s):// URL",
							  url);
		c->ep[i].url = strdup(url);
		if (c->ep[i].url == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "an endpoint");
		c->ep_n++;
	}
	return ASSAY_OK;
}

static asy_chain *new_chain(const asy_chain_config *cfg)
{
	asy_chain *c = asy_calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->cfg = *cfg;
	c->cfg.endpoints = NULL; /* c->ep has the copies */
	c->cfg.sick = NULL;
	if (c->cfg.call_timeout_ms == 0)
		c->cfg.call_timeout_ms = CALL_TIMEOUT_MS_DEFAULT;
	if (c->cfg.max_reply_bytes == 0)
		c->cfg.max_reply_bytes = REPLY_BYTES_DEFAULT;
	if (c->cfg.era_period == 0)
		c->cfg.era_period = ERA_PERIOD_DEFAULT;
	return c;
}

static assay_status check_genesis(const asy_chain *c, const asy_hash *want, assay_err *err)
{
	char has[65], wants[65];
	if (want == NULL || asy_hash_eq(want, &c->genesis))
		return ASSAY_OK;
	asy_hex_encode(has, c->genesis.b, 32);
	asy_hex_encode(wants, want->b, 32);
	return ASSAY_FAIL(err, E_CONFIG, "%s serves chain 0x%s, the configuration wants 0x%s",
					  c->ep[c->at].url, has, wants);
}

/* The genesis and the runtime, of one endpoint or of the next that is better. */
static assay_status get_to_know(asy_chain *c, const asy_hash *genesis, assay_err *err)
{
	c->has_genesis = false;
	assay_status st = asy_chain_block_hash(c, 0, &c->genesis, err);
	if (st == ASSAY_OK)
		st = check_genesis(c, genesis, err);
	asy_block_ref first;
	if (st == ASSAY_OK) /* it must be able to show the block of that name */
		st = asy_chain_header(c, &c->genesis, &first, err);
	if (st != ASSAY_OK)
		return st;
	c->has_genesis = true;
	asy_endpoint_in_use(c)->verified = true;
	return asy_chain_refresh(c, NULL, err);
}

/* An endpoint of another chain than the configured one is left for the next; only when all
 * serve another one, the configuration is wrong. */
static assay_status find_endpoint(asy_chain *c, const asy_hash *genesis, assay_err *err)
{
	unsigned strange = 0;
	assay_status st = ASSAY_OK;
	for (size_t i = 0; i < c->ep_n; i++) {
		st = get_to_know(c, genesis, err);
		if (st != ASSAY_E_CONFIG)
			return st;
		strange |= 1u << c->at;
		asy_endpoint_failed(c, "chain_getBlockHash", err != NULL ? err->msg : "another chain");
	}
	return strange == (1u << c->ep_n) - 1 ? st : assay_err_at(err, ASSAY_E_AGAIN, "one endpoint");
}

static void remember(asy_chain *c, asy_complaint *sick, bool back)
{
	for (size_t i = 0; sick != NULL && i < c->ep_n; i++) {
		if (back)
			sick[i] = c->ep[i].sick;
		else
			c->ep[i].sick = sick[i];
	}
}

assay_status asy_chain_open(const asy_chain_config *cfg, asy_chain **out, assay_err *err)
{
	if (cfg->endpoints_n == 0)
		return ASSAY_FAIL(err, E_CONFIG, "no chain endpoint is configured");
	asy_chain *c = new_chain(cfg);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a chain connection");
	assay_status st = copy_urls(c, cfg, err);
	remember(c, cfg->sick, false);
	if (st == ASSAY_OK)
		st = ASY_ASK(c, err, find_endpoint(c, cfg->genesis, err));
	if (st == ASSAY_E_GONE) /* they will have a genesis when they are up */
		st = assay_err_at(err, ASSAY_E_AGAIN, "no endpoint is ready");
	remember(c, cfg->sick, true);
	if (st != ASSAY_OK) {
		asy_chain_close(c);
		return assay_err_at(err, st, "connecting to the chain");
	}
	*out = c;
	return ASSAY_OK;
}

void asy_chain_close(asy_chain *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->ep_n; i++)
		free(c->ep[i].url);
	asy_metadata_free(c->meta);
	free(c);
}

void asy_chain_get_info(const asy_chain *c, asy_chain_info *out)
{
	*out = (asy_chain_info){.genesis = c->genesis,
							.spec_version = c->spec_version,
							.tx_version = c->tx_version,
							.metadata_version = c->meta->version,
							.endpoint = c->ep[c->at].url,
							.requests = c->requests,
							.failures = c->failures,
							.failovers = c->failovers,
							.reloads = c->reloads};
	(void)asy_str_copy(out->spec_name, sizeof out->spec_name, c->spec_name);
}

bool asy_chain_doubt(asy_chain *c)
{
	if (c->depth == 0)
		asy_endpoint_leave(c);
	return c->ep_n > 1;
}

const asy_metadata *asy_chain_metadata(const asy_chain *c)
{
	return c->meta;
}
