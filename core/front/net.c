/* Builds the network side in the one order that works, and waits for a node that is
 * not up yet instead of failing the whole start; and deals out sockets. */
#include <sys/resource.h>
#include "front/front.h"
#include "front/net.h"

assay_status asy_front_net_loop(asy_front_net *w, assay_err *err)
{
	assay_status st = asy_loop_new(&w->loop, err);
	return st == ASSAY_OK ? asy_loop_watch_signals(w->loop, err) : st;
}

#define CA_FILE_MAX ((size_t)4 << 20)

assay_status asy_front_ca_file(const char *config_file, const asy_options *o, char *out, size_t cap,
							   assay_err *err)
{
	static const char mark[] = "-----BEGIN CERTIFICATE-----";
	asy_buf text = {0};
	out[0] = '\0';
	if (o->chain.ca_file == NULL)
		return ASSAY_OK;
	assay_status st = asy_front_config_path(config_file, o->chain.ca_file, out, cap, err);
	if (st == ASSAY_OK)
		st = asy_front_read_file(out, CA_FILE_MAX, &text, err);
	if (st == ASSAY_OK && memmem(text.ptr, text.len, mark, sizeof mark - 1) == NULL)
		st = ASSAY_FAIL(err, E_CONFIG, "%s holds no certificate in PEM form", out);
	asy_buf_fini(&text);
	return st == ASSAY_OK ? st : assay_err_at(err, ASSAY_E_CONFIG, "chain.ca_file");
}

assay_status asy_front_open_chain(asy_front_net *w, const asy_front_net_opts *o, asy_chain **out,
								  assay_err *err)
{
	asy_complaint trouble = {0}, sick[ASY_ENDPOINTS_MAX] = {{0}};
	asy_chain_config cc = {
		.sick = sick,
		.endpoints = o->endpoints,
		.endpoints_n = o->endpoints_n,
		.transport = &w->transport.iface,
		.loop = w->loop,
		.clock = asy_sys_clock(),
		.rng = asy_sys_rng(),
		.log = o->log,
		.key = o->key,
		.call_timeout_ms = o->call_timeout_ms,
	};
	uint64_t pause_ms = 100;
	for (;;) {
		assay_status st = asy_chain_open(&cc, out, err);
		if (st == ASSAY_OK || !o->wait_for_node || !asy_may_mend(st))
			return st;
		asy_complain(&trouble, o->log, "chain.trouble",
					 ASY_STR("error", err != NULL ? err->msg : ""),
					 ASY_STR("remedy", "is the node up, and chain.endpoints right? still trying"));
		if (asy_loop_sleep(w->loop, pause_ms) != ASSAY_OK)
			return ASSAY_FAIL(err, E_CANCELLED, "interrupted while waiting for the node");
		pause_ms = pause_ms < 5000 ? pause_ms * 2 : pause_ms;
	}
}

assay_status asy_front_net_http(asy_front_net *w, const asy_front_net_opts *o, assay_err *err)
{
	const asy_http_limits limits = {.total = o->http_total, .per_host = o->http_per_host};
	const asy_http_limits chain_limits = {.total = 64, .per_host = 16};
	assay_status st = asy_http_new(w->loop, &limits, &w->http, err);
	if (st == ASSAY_OK)
		st = asy_http_new(w->loop, &chain_limits, &w->chain_http, err);
	if (st == ASSAY_OK)
		st = asy_rpc_net_init(&w->transport, w->chain_http, asy_sys_clock(), o->ca_file, err);
	return st;
}

assay_status asy_front_net_open(asy_front_net *w, const asy_front_net_opts *o, assay_err *err)
{
	assay_status st = asy_front_net_http(w, o, err);
	return st == ASSAY_OK ? asy_front_open_chain(w, o, &w->chain, err) : st;
}

assay_status asy_front_net_retry(asy_front_net *w, const asy_front_net_opts *o, assay_err *err)
{
	return asy_front_open_chain(w, o, &w->chain, err);
}

void asy_front_net_close(asy_front_net *w)
{
	asy_chain_close(w->chain);
	asy_rpc_net_fini(&w->transport);
	asy_http_free(w->chain_http);
	asy_http_free(w->http);
	asy_loop_free(w->loop);
	*w = (asy_front_net){0};
}

/* ---- sockets ---- */

#define DESCRIPTORS_MOST 65536u

uint32_t asy_front_descriptors(void)
{
	struct rlimit files;
	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return 1024;
	rlim_t most = files.rlim_max < DESCRIPTORS_MOST ? files.rlim_max : DESCRIPTORS_MOST;
	if (files.rlim_cur < most) {
		const struct rlimit more = {most, files.rlim_max};
		if (setrlimit(RLIMIT_NOFILE, &more) == 0)
			files.rlim_cur = most;
	}
	return files.rlim_cur < DESCRIPTORS_MOST ? (uint32_t)files.rlim_cur : DESCRIPTORS_MOST;
}

/* Whom an equal share of what is left satisfies gets it all; then the shares have grown. */
void asy_front_share(const uint32_t *wanted, size_t n, uint32_t room, uint32_t *out)
{
	size_t open = n;
	bool changed = true;
	memset(out, 0, n * sizeof *out);
	while (open > 0 && changed) {
		uint32_t share = room / (uint32_t)open;
		changed = false;
		for (size_t i = 0; i < n; i++) {
			if (out[i] != 0 || wanted[i] == 0 || wanted[i] > share)
				continue;
			out[i] = wanted[i];
			room -= wanted[i];
			open--;
			changed = true;
		}
	}
	for (size_t i = 0; i < n; i++) {
		if (out[i] == 0)
			out[i] = room / (uint32_t)open > 0 ? room / (uint32_t)open : 1;
	}
}
