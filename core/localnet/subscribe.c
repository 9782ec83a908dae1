/* Subscriptions: the methods that begin and end them, and what they tell. The same names,
 * shapes and order as a substrate node: the reply with the id first, then the first message.
 * Reason to change: as subscribe.h. */
#include <stdlib.h>
#include "localnet/subscribe.h"

/* A client that was away is told no more than so many blocks at once. */
enum { BLOCKS_AT_ONCE = 64 };

static const char *const told_as[] = {
	[LNET_SUB_HEADS] = "chain_newHead",          [LNET_SUB_ALL_HEADS] = "chain_allHead",
	[LNET_SUB_FINAL] = "chain_finalizedHead",    [LNET_SUB_STORAGE] = "state_storage",
	[LNET_SUB_VERSION] = "state_runtimeVersion", [LNET_SUB_EXTRINSIC] = "author_extrinsicUpdate",
};

void asy_lnet_subscriber_init(lnet_subscriber *s, lnet_node *n,
							  void (*emit)(void *arg, assay_span message), void *arg)
{
	*s = (lnet_subscriber){.node = n, .emit = emit, .arg = arg};
}

static void end(lnet_sub *b)
{
	asy_buf_fini(&b->keys);
	*b = (lnet_sub){.id = 0};
}

void asy_lnet_subscriber_fini(lnet_subscriber *s)
{
	for (size_t i = 0; i < ASY_COUNT(s->sub); i++)
		end(&s->sub[i]);
}

/* ---- beginning and ending ---- */

static lnet_sub *begin(lnet_rpc_call *c, lnet_sub_kind kind)
{
	lnet_subscriber *s = c->node->subscriber;
	char id[24];
	if (s == NULL) {
		asy_lnet_fail(c, -32601, "Method not found: subscriptions need a WebSocket");
		return NULL;
	}
	for (size_t i = 0; i < ASY_COUNT(s->sub); i++) {
		lnet_sub *b = &s->sub[i];
		if (b->id != 0)
			continue;
		*b = (lnet_sub){.id = ++s->next_id, .kind = kind};
		(void)snprintf(id, sizeof id, "assay%" PRIu64, b->id);
		asy_jw_str(c->out, id);
		return b;
	}
	asy_lnet_fail(c, -32006, "Too many subscriptions on the connection");
	return NULL;
}

static void subscribe_heads(lnet_rpc_call *c)
{
	(void)begin(c, LNET_SUB_HEADS);
}
static void subscribe_all_heads(lnet_rpc_call *c)
{
	(void)begin(c, LNET_SUB_ALL_HEADS);
}
static void subscribe_final(lnet_rpc_call *c)
{
	(void)begin(c, LNET_SUB_FINAL);
}
static void subscribe_version(lnet_rpc_call *c)
{
	(void)begin(c, LNET_SUB_VERSION);
}

static void subscribe_storage(lnet_rpc_call *c)
{
	asy_jv keys = asy_jv_at(c->params, 0);
	asy_buf all = {0}, key = {0};
	uint8_t len[4];
	if (asy_jv_kind(keys) != ASY_J_ARRAY || asy_jv_size(keys) > LNET_SUBSCRIBED_KEYS_MAX) {
		asy_lnet_fail(c, -32602, "Invalid params: parameter 0 is not an array of at most %d keys",
					  LNET_SUBSCRIBED_KEYS_MAX);
		return;
	}
	lnet_rpc_call inner = {c->node, keys, c->out, c->error};
	for (size_t i = 0; i < asy_jv_size(keys) && c->error->code == 0; i++) {
		if (!asy_lnet_param_bytes(&inner, i, &key))
			break;
		asy_put_u32le(len, (uint32_t)key.len);
		if (asy_buf_add(&all, len, sizeof len, NULL) != ASSAY_OK ||
			asy_buf_add(&all, key.ptr, key.len, NULL) != ASSAY_OK)
			asy_lnet_fail(c, -32603, "Internal error: out of memory");
	}
	lnet_sub *b = c->error->code == 0 ? begin(c, LNET_SUB_STORAGE) : NULL;
	if (b != NULL) {
		b->keys = all;
		all = (asy_buf){0};
	}
	asy_buf_fini(&key);
	asy_buf_fini(&all);
}

static void submit_and_watch(lnet_rpc_call *c)
{
	asy_buf bytes = {0};
	asy_hash hash = {{0}};
	if (c->node->subscriber == NULL) {
		asy_lnet_fail(c, -32601, "Method not found: subscriptions need a WebSocket");
		return;
	}
	if (asy_lnet_param_bytes(c, 0, &bytes))
		asy_lnet_pool_submit(&c->node->pool, c->node->ledger, asy_buf_span(&bytes), &hash,
							 c->error);
	lnet_sub *b = c->error->code == 0 ? begin(c, LNET_SUB_EXTRINSIC) : NULL;
	if (b != NULL) {
		b->value = hash;
		b->seen = c->node->ledger->head;
	}
	asy_buf_fini(&bytes);
}

/* true when there was such a subscription. */
static void unsubscribe(lnet_rpc_call *c)
{
	lnet_subscriber *s = c->node->subscriber;
	const char *text;
	size_t len;
	bool found = false;
	if (s == NULL) {
		asy_lnet_fail(c, -32601, "Method not found: subscriptions need a WebSocket");
		return;
	}
	if (asy_jv_str(asy_jv_at(c->params, 0), &text, &len, NULL) == ASSAY_OK &&
		strncmp(text, "assay", 5) == 0) {
		uint64_t id = strtoull(text + 5, NULL, 10);
		for (size_t i = 0; i < ASY_COUNT(s->sub) && id != 0; i++) {
			if (s->sub[i].id == id) {
				end(&s->sub[i]);
				found = true;
			}
		}
	}
	asy_jw_bool(c->out, found);
}

const lnet_method_row asy_lnet_sub_methods[] = {
	{"author_submitAndWatchExtrinsic", submit_and_watch},
	{"author_unwatchExtrinsic", unsubscribe},
	{"chain_subscribeAllHeads", subscribe_all_heads},
	{"chain_subscribeFinalizedHeads", subscribe_final},
	{"chain_subscribeNewHead", subscribe_heads},
	{"chain_subscribeNewHeads", subscribe_heads},
	{"chain_unsubscribeAllHeads", unsubscribe},
	{"chain_unsubscribeFinalizedHeads", unsubscribe},
	{"chain_unsubscribeNewHead", unsubscribe},
	{"chain_unsubscribeNewHeads", unsubscribe},
	{"state_subscribeRuntimeVersion", subscribe_version},
	{"state_subscribeStorage", subscribe_storage},
	{"state_unsubscribeRuntimeVersion", unsubscribe},
	{"state_unsubscribeStorage", unsubscribe},
};
const size_t asy_lnet_sub_methods_n = ASY_COUNT(asy_lnet_sub_methods);

/* ---- telling ---- */

typedef struct {
	lnet_subscriber *s;
	asy_buf text;
	asy_jw w;
} message;

static message open_message(lnet_subscriber *s)
{
	return (message){.s = s};
}

static asy_jw *begin_message(message *m, const lnet_sub *b)
{
	char id[24];
	m->w = asy_jw_out(&m->text, 0);
	(void)snprintf(id, sizeof id, "assay%" PRIu64, b->id);
	asy_jw_object(&m->w);
	asy_jw_kstr(&m->w, "jsonrpc", "2.0");
	asy_jw_kstr(&m->w, "method", told_as[b->kind]);
	asy_jw_key(&m->w, "params");
	asy_jw_object(&m->w);
	asy_jw_kstr(&m->w, "subscription", id);
	asy_jw_key(&m->w, "result");
	return &m->w;
}

static void end_message(message *m)
{
	asy_jw_end_object(&m->w);
	asy_jw_end_object(&m->w);
	if (asy_jw_end(&m->w, NULL) == ASSAY_OK)
		m->s->emit(m->s->arg, asy_buf_span(&m->text));
	asy_buf_fini(&m->text);
}

/* One message per block that has come, so that there are no gaps; first only the newest. */
static void tell_heads(lnet_subscriber *s, lnet_sub *b, uint64_t to)
{
	const lnet_ledger *l = s->node->ledger;
	uint64_t from = b->begun ? b->seen + 1 : to;
	if (from + BLOCKS_AT_ONCE < to)
		from = to - BLOCKS_AT_ONCE;
	for (uint64_t n = from; n <= to; n++) {
		const lnet_block *block = asy_lnet_block_at(l, n);
		message m = open_message(s);
		if (block == NULL)
			continue;
		asy_lnet_put_header(begin_message(&m, b), block);
		end_message(&m);
	}
	b->seen = to;
	b->begun = true;
}

/* The keys' values at the head when they differ from what was sent. */
static void tell_storage(lnet_subscriber *s, lnet_sub *b)
{
	const lnet_ledger *l = s->node->ledger;
	const lnet_block *head = asy_lnet_head(l);
	message m = open_message(s);
	asy_hash digest;
	asy_jw *w = begin_message(&m, b);
	if (b->begun && b->seen == l->head) {
		asy_buf_fini(&m.text);
		return;
	}
	asy_jw_object(w);
	asy_jw_khex(w, "block", head->hash.b, sizeof head->hash.b);
	asy_jw_key(w, "changes");
	const size_t from = m.text.len;
	asy_jw_array(w);
	for (size_t at = 0; at + 4 <= b->keys.len;) {
		uint32_t len = asy_get_u32le(b->keys.ptr + at);
		assay_span key = asy_span(b->keys.ptr + at + 4, len), value;
		asy_jw_array(w);
		asy_lnet_put_hex(w, key);
		if (asy_lnet_state_get_at(l->rt.state, head->number, key, &value))
			asy_lnet_put_hex(w, value);
		else
			asy_jw_null(w);
		asy_jw_end_array(w);
		at += 4 + len;
	}
	asy_jw_end_array(w);
	asy_blake2b(m.text.ptr + from, m.text.len - from, digest.b, sizeof digest.b);
	asy_jw_end_object(w);
	bool changed = !b->begun || !asy_hash_eq(&digest, &b->value);
	b->value = digest;
	b->seen = l->head;
	b->begun = true;
	if (changed)
		end_message(&m);
	else
		asy_buf_fini(&m.text);
}

static void tell_status(lnet_subscriber *s, const lnet_sub *b, const char *name,
						const asy_hash *block)
{
	message m = open_message(s);
	asy_jw *w = begin_message(&m, b);
	if (block == NULL) {
		asy_jw_str(w, name);
	} else {
		asy_jw_object(w);
		asy_jw_khex(w, name, block->b, sizeof block->b);
		asy_jw_end_object(w);
	}
	end_message(&m);
}

static bool holds(const lnet_block *block, const asy_hash *extrinsic)
{
	for (size_t i = 0; i < block->extrinsics_n; i++) {
		asy_hash h;
		asy_blake2b(block->extrinsic[i].ptr, block->extrinsic[i].len, h.b, sizeof h.b);
		if (asy_hash_eq(&h, extrinsic))
			return true;
	}
	return false;
}

/* ready, then inBlock, then finalized, which is the last. */
static void tell_extrinsic(lnet_subscriber *s, lnet_sub *b)
{
	const lnet_ledger *l = s->node->ledger;
	if (!b->begun)
		tell_status(s, b, "ready", NULL);
	b->begun = true;
	for (; b->in_block.number == 0 && b->seen < l->head; b->seen++) {
		const lnet_block *block = asy_lnet_block_at(l, b->seen + 1);
		if (block == NULL || !holds(block, &b->value))
			continue;
		b->in_block = (asy_block_ref){.number = block->number, .hash = block->hash};
		tell_status(s, b, "inBlock", &block->hash);
	}
	if (b->in_block.number == 0 || asy_lnet_finalized(l) < b->in_block.number)
		return;
	tell_status(s, b, "finalized", &b->in_block.hash);
	end(b);
}

static void tell(lnet_subscriber *s, lnet_sub *b)
{
	const lnet_ledger *l = s->node->ledger;
	switch (b->kind) {
	case LNET_SUB_HEADS:
	case LNET_SUB_ALL_HEADS:
		tell_heads(s, b, l->head);
		break;
	case LNET_SUB_FINAL:
		tell_heads(s, b, asy_lnet_finalized(l));
		break;
	case LNET_SUB_STORAGE:
		tell_storage(s, b);
		break;
	case LNET_SUB_VERSION:
		/* once at first, and again with every other runtime */
		if (!b->begun || b->seen != asy_lnet_state_generation(l->rt.state)->spec) {
			message m = open_message(s);
			asy_lnet_put_runtime_version(s->node, begin_message(&m, b));
			end_message(&m);
		}
		b->seen = asy_lnet_state_generation(l->rt.state)->spec;
		b->begun = true;
		break;
	case LNET_SUB_EXTRINSIC:
		tell_extrinsic(s, b);
		break;
	}
}

void asy_lnet_subscriber_news(lnet_subscriber *s)
{
	for (size_t i = 0; i < ASY_COUNT(s->sub); i++)
		if (s->sub[i].id != 0)
			tell(s, &s->sub[i]);
}
