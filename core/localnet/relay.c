/* Relay: a copier's own request to the miner it copies: signed with the copier's
 * hotkey for the other's, over HTTP, like any validator's. The two connections can
 * end in any order, so the relay belongs to neither: it is freed when the client
 * connection is done, and only then.
 * Reason to change: how copiers obtain what they copy. */
#include <libwebsockets.h>
#include <stdlib.h>
#include "localnet/server.h"

enum { ANSWER_MAX = 8 << 20 };

struct lnet_relay {
	lnet_session *session; /* NULL once the asking connection is gone */
	lnet_server *server;
	const lnet_miner *from, *to;
	struct lws *wsi;
	asy_buf body, answer;
	char hotkey[ASY_SS58_LEN], receiver[ASY_SS58_LEN], nonce[24], signature[132];
	bool done, connecting, destroyed; /* connecting: the starter still holds it */
};

static void relay_free(lnet_relay *r)
{
	asy_buf_fini(&r->body);
	asy_buf_fini(&r->answer);
	free(r);
}

void asy_lnet_relay_detach(lnet_relay *r)
{
	r->session = NULL;
	if (r->wsi != NULL)
		lws_set_timeout(r->wsi, PENDING_TIMEOUT_USER_OK, LWS_TO_KILL_ASYNC);
}

static assay_status sign(lnet_relay *r, lnet_miner *from, const char *target, assay_err *err)
{
	lnet_server *sv = r->server;
	asy_buf payload = {0};
	uint8_t sig[64];
	uint64_t nonce = asy_nonce_next(&from->nonce, sv->clock->real_ns(sv->clock));
	asy_ss58_encode(from->hotkey.b, r->hotkey);
	asy_ss58_encode(r->to->hotkey.b, r->receiver);
	(void)snprintf(r->nonce, sizeof r->nonce, "%" PRIu64, nonce);
	assay_status st = asy_btauth1_payload(ASY_KEY_SR25519, "POST", target, asy_buf_span(&r->body),
										  nonce, r->hotkey, r->receiver, &payload, err);
	if (st == ASSAY_OK)
		st = asy_key_sign(from->key, payload.ptr, payload.len, sv->rng, sig, err);
	if (st == ASSAY_OK) {
		r->signature[0] = '0';
		r->signature[1] = 'x';
		asy_hex_encode(r->signature + 2, sig, sizeof sig);
	}
	asy_buf_fini(&payload);
	return st;
}

/* Hands the outcome to the asking session, once. */
static void finish(lnet_relay *r, int status)
{
	lnet_session *s = r->session;
	if (r->done)
		return;
	r->done = true;
	if (s == NULL)
		return;
	s->relay = NULL;
	r->session = NULL;
	if (status == 200 && asy_buf_add(&s->out, r->answer.ptr, r->answer.len, NULL) == ASSAY_OK)
		asy_lnet_reply(s, 200, "application/json", 0);
	else
		asy_lnet_reply_error(s, 502, "the copied miner gave no answer");
}

assay_status asy_lnet_relay_start(lnet_session *s, lnet_miner *to, assay_err *err)
{
	lnet_relay *r = asy_calloc(1, sizeof *r);
	struct lws_client_connect_info info = {0};
	char host[32];
	if (r == NULL)
		return ASSAY_FAIL(err, E_NOMEM, "relay");
	r->server = s->site->server;
	r->from = s->miner;
	r->to = to;
	r->answer.max = ANSWER_MAX;
	assay_status st = asy_buf_add(&r->body, s->body.ptr, s->body.len, err);
	if (st == ASSAY_OK)
		st = sign(r, s->miner, s->target, err);
	if (st != ASSAY_OK) {
		relay_free(r);
		return st;
	}
	(void)snprintf(host, sizeof host, "127.0.0.1:%u", to->port);
	info.context = r->server->context;
	info.vhost = s->site->vhost;
	info.address = "127.0.0.1";
	info.port = to->port;
	info.path = s->target;
	info.host = host;
	info.origin = host;
	info.method = "POST";
	info.protocol = "localnet";
	info.local_protocol_name = "localnet";
	info.opaque_user_data = r;
	info.pwsi = &r->wsi;
	r->session = s;
	s->relay = r;
	lws_set_timeout(s->wsi, NO_PENDING_TIMEOUT, 0);
	/* A failure may be reported through the callback before the call returns, or only
	 * by its result: r must outlive the call in both cases. */
	r->connecting = true;
	bool connected = lws_client_connect_via_info(&info) != NULL;
	r->connecting = false;
	if (!connected || r->destroyed) {
		finish(r, 0);
		relay_free(r);
	}
	return ASSAY_OK;
}

static int add(struct lws *wsi, const char *name, const char *value, uint8_t **p, uint8_t *end)
{
	return lws_add_http_header_by_name(wsi, (const uint8_t *)name, (const uint8_t *)value,
									   (int)strlen(value), p, end);
}

static int add_headers(struct lws *wsi, const lnet_relay *r, void *in, size_t len)
{
	uint8_t **p = in, *end = *p + len;
	char length[24];
	(void)snprintf(length, sizeof length, "%zu", r->body.len);
	if (add(wsi, "content-type:", "application/json", p, end) != 0 ||
		add(wsi, "content-length:", length, p, end) != 0 ||
		add(wsi, "x-bittensor-version:", "1", p, end) != 0 ||
		add(wsi, "x-bittensor-hotkey:", r->hotkey, p, end) != 0 ||
		add(wsi, "x-bittensor-receiver:", r->receiver, p, end) != 0 ||
		add(wsi, "x-bittensor-nonce:", r->nonce, p, end) != 0 ||
		add(wsi, "x-bittensor-signature:", r->signature, p, end) != 0)
		return -1;
	lws_client_http_body_pending(wsi, 1);
	(void)lws_callback_on_writable(wsi);
	return 0;
}

static int write_request(struct lws *wsi, lnet_relay *r)
{
	uint8_t *block = malloc(LWS_PRE + r->body.len + 1);
	if (block == NULL)
		return -1;
	memcpy(block + LWS_PRE, r->body.ptr, r->body.len);
	lws_client_http_body_pending(wsi, 0);
	int n = lws_write(wsi, block + LWS_PRE, r->body.len, LWS_WRITE_HTTP_FINAL);
	free(block);
	return n == (int)r->body.len ? 0 : -1;
}

static int read_some(struct lws *wsi)
{
	char block[LWS_PRE + 4096], *p = block + LWS_PRE;
	int len = 4096;
	return lws_http_client_read(wsi, &p, &len) < 0 ? -1 : 0;
}

int asy_lnet_relay_callback(struct lws *wsi, int reason, lnet_relay *r, void *in, size_t len)
{
	switch (reason) {
	case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
		return add_headers(wsi, r, in, len);
	case LWS_CALLBACK_CLIENT_HTTP_WRITEABLE:
		return r->done ? 0 : write_request(wsi, r);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP:
		return read_some(wsi);
	case LWS_CALLBACK_RECEIVE_CLIENT_HTTP_READ:
		return asy_buf_add(&r->answer, in, len, NULL) == ASSAY_OK ? 0 : -1;
	case LWS_CALLBACK_COMPLETED_CLIENT_HTTP:
		finish(r, (int)lws_http_client_http_response(wsi));
		return -1;
	case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
	case LWS_CALLBACK_CLOSED_CLIENT_HTTP:
		finish(r, 0);
		return 0;
	case LWS_CALLBACK_WSI_DESTROY:
		finish(r, 0);
		lws_set_opaque_user_data(wsi, NULL);
		r->wsi = NULL;
		r->destroyed = true;
		if (!r->connecting)
			relay_free(r);
		return 0;
	default: /* reasons that do not concern a client */
		return 0;
	}
}
