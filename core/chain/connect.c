/* The connection: endpoints, genesis, runtime version, metadata, blocks. Metadata is
 * loaded once and again whenever the runtime's version changes; everything resolved from
 * the old one goes with it.
 * Reason to change: what has to be known before anything else can be asked. */
#include <stdlib.h>
#include "chain/impl.h"

/* An endpoint this far behind the best head seen is not worth asking. */
#define BEHIND_BLOCKS 20u

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
	if (st == ASSAY_OK && !some)
		st = ASSAY_FAIL(err, E_FORMAT, "state_getMetadata: the node sent null");
	if (st == ASSAY_OK)
		st = asy_metadata_parse(asy_buf_span(&bytes), out, err);
	asy_rpc_reply_fini(&reply);
	asy_buf_fini(&bytes);
	return st;
}

/* Leaves c untouched on failure, so that the old metadata stays in use. */
static assay_status load_metadata(asy_chain *c, assay_err *err)
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
		st = asy_items_resolve(m, &items, err);
	if (st != ASSAY_OK) {
		asy_metadata_free(m);
		return assay_err_at(err, st, "the runtime's metadata");
	}
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
		st = load_metadata(c, err);
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

static assay_status header_of(asy_chain *c, const asy_hash *at, asy_block_ref *out, assay_err *err)
{
	char params[80] = "[]";
	asy_rpc_reply reply = {.doc = NULL};
	if (at != NULL) {
		char hex[65];
		asy_hex_encode(hex, at->b, sizeof at->b);
		(void)snprintf(params, sizeof params, "[\"0x%s\"]", hex);
	}
	assay_status st = asy_rpc_call(c, "chain_getHeader", asy_span_str(params), &reply, err);
	if (st == ASSAY_OK && asy_jv_is_null(reply.result))
		st = ASSAY_FAIL(err, E_GONE, "the node has no such block");
	uint64_t number = 0;
	if (st == ASSAY_OK)
		st = asy_rpc_number(asy_jv_get(reply.result, "number"), &number, err);
	asy_rpc_reply_fini(&reply);
	if (st != ASSAY_OK)
		return assay_err_at(err, st, "the header of a block");
	out->number = number;
	if (at != NULL)
		out->hash = *at;
	return ASSAY_OK;
}

assay_status asy_chain_header(asy_chain *c, const asy_hash *at, asy_block_ref *out, assay_err *err)
{
	return ASY_ASK(c, err, header_of(c, at, out, err));
}

/* The header does not carry its own hash, so the number is asked for it. */
static assay_status read_head(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	asy_block_ref head = {0};
	assay_status st = asy_chain_header(c, NULL, &head, err);
	if (st == ASSAY_OK)
		st = asy_chain_block_hash(c, head.number, &head.hash, err);
	if (st == ASSAY_OK)
		*out = head;
	return st;
}

static assay_status find_head(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	asy_block_ref head = {0};
	assay_status st = read_head(c, &head, err);
	/*~ Nodes behind one name may be hundreds of blocks apart. One that lags is left for
	 * the next endpoint, once; if all lag, the chain itself went back. */
	if (st == ASSAY_OK && head.number + BEHIND_BLOCKS < c->highest && c->urls_n > 1) {
		asy_log(c->cfg.log, ASY_UNUSUAL, "chain.endpoint_behind", ASY_STR("url", c->urls[c->at]),
				ASY_U64("head", head.number), ASY_U64("highest", c->highest));
		c->at = (c->at + 1) % c->urls_n;
		c->verified = false;
		c->failovers++;
		st = read_head(c, &head, err);
	}
	if (st != ASSAY_OK)
		return st;
	c->highest = head.number;
	*out = head;
	return ASSAY_OK;
}

assay_status asy_chain_head(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	return ASY_ASK(c, err, find_head(c, out, err));
}

static assay_status finalized(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	asy_rpc_reply reply = {.doc = NULL};
	asy_hash hash;
	assay_status st = asy_rpc_call(c, "chain_getFinalizedHead", asy_span(NULL, 0), &reply, err);
	if (st == ASSAY_OK)
		st = asy_rpc_hash(reply.result, &hash, err);
	asy_rpc_reply_fini(&reply);
	if (st == ASSAY_OK)
		st = asy_chain_header(c, &hash, out, err);
	return st;
}

assay_status asy_chain_finalized(asy_chain *c, asy_block_ref *out, assay_err *err)
{
	return ASY_ASK(c, err, finalized(c, out, err));
}

/* ---- open and close ---- */

static assay_status copy_urls(asy_chain *c, const asy_chain_config *cfg, assay_err *err)
{
	if (cfg->endpoints_n > ASY_ENDPOINTS_MAX)
		return ASSAY_FAIL(err, E_CONFIG, "%zu chain endpoints, at most %u", cfg->endpoints_n,
						  ASY_ENDPOINTS_MAX);
	c->urls = asy_calloc(cfg->endpoints_n, sizeof *c->urls);
	if (c->urls == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "%zu endpoints", cfg->endpoints_n);
	for (size_t i = 0; i < cfg->endpoints_n; i++) {
		const char *url = cfg->endpoints[i];
		if (strncmp(url, "http://", 7) != 0 && strncmp(url, "https://", 8) != 0)
			return ASSAY_FAIL(err, E_CONFIG,
							  "chain endpoint \"%.100s\" is not an http:// or https:// URL (a node "
							  "answers HTTP on the port of its WebSocket)",
							  url);
		c->urls[i] = strdup(url);
		if (c->urls[i] == NULL)
			return ASSAY_FAIL(err, E_NOMEM, "an endpoint");
		c->urls_n++;
	}
	return ASSAY_OK;
}

static asy_chain *new_chain(const asy_chain_config *cfg)
{
	asy_chain *c = asy_calloc(1, sizeof *c);
	if (c == NULL)
		return NULL;
	c->cfg = *cfg;
	c->cfg.endpoints = NULL; /* c->urls has the copies */
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
					  c->urls[c->at], has, wants);
}

static assay_status get_to_know(asy_chain *c, const asy_hash *genesis, assay_err *err)
{
	assay_status st = asy_chain_block_hash(c, 0, &c->genesis, err);
	if (st == ASSAY_E_GONE) /* it will have one when it is up */
		st = assay_err_at(err, ASSAY_E_AGAIN, "%s has no genesis", c->urls[c->at]);
	if (st == ASSAY_OK)
		st = check_genesis(c, genesis, err);
	return st == ASSAY_OK ? asy_chain_refresh(c, NULL, err) : st;
}

assay_status asy_chain_open(const asy_chain_config *cfg, asy_chain **out, assay_err *err)
{
	if (cfg->endpoints_n == 0)
		return ASSAY_FAIL(err, E_CONFIG, "no chain endpoint is configured");
	asy_chain *c = new_chain(cfg);
	if (c == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "a chain connection");
	assay_status st = copy_urls(c, cfg, err);
	if (st == ASSAY_OK && cfg->sick != NULL)
		memcpy(c->sick, cfg->sick, c->urls_n * sizeof *c->sick);
	if (st == ASSAY_OK)
		st = ASY_ASK(c, err, get_to_know(c, cfg->genesis, err));
	if (cfg->sick != NULL)
		memcpy(cfg->sick, c->sick, c->urls_n * sizeof *c->sick);
	if (st != ASSAY_OK) {
		asy_chain_close(c);
		return assay_err_at(err, st, "connecting to the chain");
	}
	c->verified = true;
	*out = c;
	return ASSAY_OK;
}

void asy_chain_close(asy_chain *c)
{
	if (c == NULL)
		return;
	for (size_t i = 0; i < c->urls_n; i++)
		free(c->urls[i]);
	free(c->urls);
	asy_metadata_free(c->meta);
	free(c);
}

void asy_chain_get_info(const asy_chain *c, asy_chain_info *out)
{
	*out = (asy_chain_info){.genesis = c->genesis,
							.spec_version = c->spec_version,
							.tx_version = c->tx_version,
							.metadata_version = c->meta->version,
							.endpoint = c->urls[c->at],
							.requests = c->requests,
							.failures = c->failures,
							.failovers = c->failovers,
							.reloads = c->reloads};
	(void)asy_str_copy(out->spec_name, sizeof out->spec_name, c->spec_name);
}

const asy_metadata *asy_chain_metadata(const asy_chain *c)
{
	return c->meta;
}
