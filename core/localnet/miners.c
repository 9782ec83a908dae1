/* Miners: the server's side of btauth/1, then one behaviour. A caller that does not
 * prove who it is gets 401, one that is not registered in the subnet 403, whatever the
 * miner's character.
 * Reason to change: a behaviour. */
#include <libwebsockets.h>
#include "localnet/server.h"

enum { DEEP_LEVELS = 10000, GARBAGE_BYTES = 2048, PADDED_BYTES = 65536 };
#define OVERSIZED_BYTES (UINT64_C(1) << 30)

static const char *const header_names[6] = {
	"x-bittensor-version:", "x-bittensor-hotkey:", "x-bittensor-receiver:",
	"x-bittensor-nonce:",   "x-bittensor-crypto:", "x-bittensor-signature:"};

/* One that no miner of the site is addressed by goes to the first, who refuses it. */
static lnet_miner *receiver_of(const lnet_session *s)
{
	const lnet_site *site = s->site;
	uint8_t id[32];
	if (site->miners_n > 1 && asy_ss58_decode(s->header[2], id, NULL) == ASSAY_OK) {
		for (size_t i = 0; i < site->miners_n; i++)
			if (memcmp(site->miner[i].hotkey.b, id, 32) == 0)
				return &site->miner[i];
	}
	return site->miner;
}

void asy_lnet_miner_headers(lnet_session *s)
{
	for (size_t i = 0; i < ASY_COUNT(header_names); i++) {
		int n = (int)strlen(header_names[i]);
		s->header[i][0] = '\0';
		if (lws_hdr_custom_copy(s->wsi, s->header[i], LNET_HEADER_MAX, header_names[i], n) <= 0)
			s->header[i][0] = '\0';
	}
	s->miner = receiver_of(s);
}

static const char *header(const lnet_session *s, size_t i)
{
	return s->header[i][0] != '\0' ? s->header[i] : NULL;
}

/* 0, or the HTTP status that refuses. */
static int authenticate(lnet_session *s, assay_err *err)
{
	lnet_miner *m = s->miner;
	lnet_server *sv = s->site->server;
	const asy_btauth1_request req = {.version = header(s, 0),
									 .hotkey = header(s, 1),
									 .receiver = header(s, 2),
									 .nonce = header(s, 3),
									 .crypto = header(s, 4),
									 .signature = header(s, 5),
									 .method = "POST",
									 .target = s->target,
									 .body = asy_buf_span(&s->body)};
	const asy_btauth1_rules rules = {.scheme = ASY_KEY_SR25519};
	asy_account sender;
	uint16_t uid;
	if (asy_btauth1_verify(&req, m->hotkey.b, sv->clock->real_ns(sv->clock), &rules, m->replay,
						   sender.b, err) != ASSAY_OK)
		return 401;
	if (!asy_lnet_uid(sv->node->ledger->rt.state, m->subnet->netuid, &sender, &uid)) {
		(void)ASSAY_FAIL(err, E_REFUSED, "the caller is not registered in subnet %u",
						 m->subnet->netuid);
		return 403;
	}
	return 0;
}

bool asy_lnet_needs_answers(lnet_behaviour b)
{
	switch (b) {
	case LNET_HONEST:
	case LNET_SLOW:
	case LNET_LAZY:
	case LNET_TRUNCATED:
	case LNET_PADDED:
	case LNET_TWISTED:
		return true;
	case LNET_COPIER:
	case LNET_GARBAGE:
	case LNET_OVERSIZED:
	case LNET_SILENT:
	case LNET_DEEP:
		return false;
	}
	return false;
}

/* The same miner spoils the same challenge the same way. */
static assay_status seed_rng(const lnet_miner *m, asy_jv prompt, asy_seeded_rng *rng,
							 assay_err *err)
{
	asy_blake2b_state h;
	uint8_t digest[32], stream[32];
	assay_status st = asy_lnet_prompt_digest(prompt, digest, err);
	if (st != ASSAY_OK)
		return st;
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, m->seed, 32);
	asy_blake2b_update(&h, digest, 32);
	asy_blake2b_final(&h, stream, 32);
	asy_seeded_rng_init(rng, stream);
	return ASSAY_OK;
}

/* From the right answer to what this miner sends. */
static assay_status make_body(const lnet_miner *m, const lnet_right *right, asy_jv prompt,
							  asy_buf *out, assay_err *err)
{
	const lnet_neuron *spec = m->spec;
	bool spoils = spec->behaviour == LNET_HONEST || spec->behaviour == LNET_SLOW;
	asy_seeded_rng rng;
	asy_buf good = {0};
	assay_status st = seed_rng(m, prompt, &rng, err);
	if (st == ASSAY_OK)
		st = asy_lnet_answer_body(m->subnet->task, right, spoils ? spec->skill : 1, &rng.iface,
								  &good, err);
	if (st == ASSAY_OK && spec->behaviour == LNET_PADDED)
		st = asy_lnet_pad_body(asy_buf_span(&good), PADDED_BYTES, out, err);
	else if (st == ASSAY_OK && spec->behaviour == LNET_TWISTED)
		st = asy_lnet_twist_body(asy_buf_span(&good), &rng.iface, out, err);
	else if (st == ASSAY_OK)
		st = asy_buf_add(out, good.ptr, spec->behaviour == LNET_TRUNCATED ? good.len / 2 : good.len,
						 err);
	asy_buf_fini(&good);
	return st;
}

static assay_status answer(lnet_session *s, asy_jv prompt, bool *later, assay_err *err)
{
	const lnet_miner *m = s->miner;
	lnet_right right;
	assay_status st = m->spec->behaviour == LNET_LAZY
						  ? asy_lnet_source_first(m->source, s, prompt, &right, later, err)
						  : asy_lnet_source_right(m->source, s, prompt, &right, later, err);
	if (st == ASSAY_OK && !*later)
		st = make_body(m, &right, prompt, &s->out, err);
	return st;
}

static void reply_from_source(lnet_session *s, uint64_t delay_ms)
{
	const asy_json_limits limits = {.max_bytes = LNET_REQUEST_MAX, .max_depth = 32};
	asy_json *doc = NULL;
	assay_err err = {0};
	bool later = false;
	assay_status st = asy_json_parse(asy_buf_span(&s->body), &limits, &doc, &err);
	if (st == ASSAY_OK)
		st = answer(s, asy_jv_get(asy_json_root(doc), "prompt"), &later, &err);
	asy_json_free(doc);
	if (st != ASSAY_OK)
		asy_lnet_reply_error(s, st == ASSAY_E_NOTFOUND ? 404 : 400, err.msg);
	else if (later)
		asy_lnet_reply_never(s); /* until it is resumed */
	else
		asy_lnet_reply(s, 200, "application/json", delay_ms);
}

static void reply_deep(lnet_session *s)
{
	assay_status st = asy_buf_add_str(&s->out, "{\"completion\":", NULL);
	for (size_t i = 0; st == ASSAY_OK && i < 2 * DEEP_LEVELS; i++)
		st = asy_buf_add_str(&s->out, i < DEEP_LEVELS ? "[" : "]", NULL);
	if (st == ASSAY_OK)
		st = asy_buf_add_str(&s->out, "}", NULL);
	asy_lnet_reply(s, st == ASSAY_OK ? 200 : 500, "application/json", 0);
}

static void reply_garbage(lnet_session *s)
{
	asy_seeded_rng rng;
	uint8_t seed[32], bytes[GARBAGE_BYTES];
	asy_blake2b_state h;
	asy_blake2b_init(&h, 32);
	asy_blake2b_update(&h, s->miner->seed, 32);
	asy_blake2b_update(&h, s->body.ptr, s->body.len);
	asy_blake2b_final(&h, seed, 32);
	asy_seeded_rng_init(&rng, seed);
	rng.iface.fill(&rng.iface, bytes, sizeof bytes);
	assay_status st = asy_buf_add(&s->out, bytes, sizeof bytes, NULL);
	asy_lnet_reply(s, st == ASSAY_OK ? 200 : 500, "application/json", 0);
}

/* What a lazy miner says where answers are made from references. */
static const char *lazy_answer(const char *task)
{
	if (strcmp(task, "stt") == 0)
		return "{\"transcript\":\"thank you\"}";
	if (strcmp(task, "ranking") == 0)
		return "{\"ranking\":[\"d001\"]}";
	if (strcmp(task, "image") == 0)
		return "{\"labels\":[\"unknown\"]}";
	return "{\"completion\":\"I do not know.\"}";
}

static void reply_lazy(lnet_session *s)
{
	const lnet_miner *m = s->miner;
	bool scripted = m->spec->answers == NULL && m->subnet->answers == NULL &&
					asy_lnet_task_is_known(m->subnet->task);
	if (!scripted) {
		reply_from_source(s, 0);
		return;
	}
	assay_status st = asy_buf_add_str(&s->out, lazy_answer(m->subnet->task), NULL);
	asy_lnet_reply(s, st == ASSAY_OK ? 200 : 500, "application/json", 0);
}

static void reply_copied(lnet_session *s)
{
	lnet_server *sv = s->site->server;
	const lnet_miner *m = s->miner;
	uint16_t want = (uint16_t)(m->subnet->miners_at + m->spec->copies);
	assay_err err = {0};
	for (size_t i = 0; i < sv->miners_n; i++) {
		if (sv->miner[i].subnet != m->subnet || sv->miner[i].uid != want)
			continue;
		if (asy_lnet_relay_start(s, &sv->miner[i], &err) != ASSAY_OK)
			asy_lnet_reply_error(s, 502, err.msg);
		return;
	}
	asy_lnet_reply_error(s, 502, "the miner to copy is gone");
}

static void behave(lnet_session *s)
{
	const lnet_neuron *spec = s->miner->spec;
	switch (spec->behaviour) {
	case LNET_HONEST:
	case LNET_TRUNCATED:
	case LNET_PADDED:
	case LNET_TWISTED:
		reply_from_source(s, 0);
		return;
	case LNET_SLOW:
		reply_from_source(s, spec->delay_ms);
		return;
	case LNET_LAZY:
		reply_lazy(s);
		return;
	case LNET_COPIER:
		reply_copied(s);
		return;
	case LNET_GARBAGE:
		reply_garbage(s);
		return;
	case LNET_OVERSIZED:
		s->stream_left = OVERSIZED_BYTES;
		if (asy_buf_add_str(&s->out, "{\"completion\":\"", NULL) == ASSAY_OK)
			asy_lnet_reply(s, 200, "application/json", 0);
		return;
	case LNET_SILENT:
		asy_lnet_reply_never(s);
		return;
	case LNET_DEEP:
		reply_deep(s);
		return;
	}
}

void asy_lnet_miner_resume(lnet_session *s)
{
	behave(s);
}

void asy_lnet_miner_request(lnet_session *s)
{
	lnet_miner *m = s->miner;
	assay_err err = {0};
	char route[LNET_TASK_MAX + 1];
	int status = authenticate(s, &err);
	(void)snprintf(route, sizeof route, "/%s", m->subnet->task);
	if (status == 0 && strcmp(s->target, route) != 0) {
		status = 404;
		(void)ASSAY_FAIL(&err, E_NOTFOUND, "this miner serves %s", route);
	}
	if (status != 0) {
		m->refused++;
		asy_lnet_reply_error(s, status, err.msg);
		return;
	}
	m->served++;
	behave(s);
}
