/* front/net.h - the network side of a main: loop, HTTP client, chain. */
#ifndef ASY_FRONT_NET_H
#define ASY_FRONT_NET_H
#include "chain/chain.h"
#include "config/config.h"
#include "http/http.h"
#include "loop/loop.h"

typedef struct {
	asy_loop *loop;
	asy_http *http;       /* for miners */
	asy_http *chain_http; /* its own, so that a miner never stands before the chain */
	asy_rpc_net transport;
	asy_chain *chain;
} asy_front_net;

typedef struct {
	const char *const *endpoints;
	size_t endpoints_n;
	const asy_key *key; /* NULL: read only */
	asy_logger *log;
	uint32_t call_timeout_ms, http_total, http_per_host;
	const char *ca_file; /* PEM, for endpoints; NULL: the system's certificates alone */
	bool wait_for_node;  /* keep trying until the node answers or the user stops it */
} asy_front_net_opts;

/* The loop alone, with Ctrl-C watched. */
assay_status asy_front_net_loop(asy_front_net *w, assay_err *err) ASSAY_CHECKED;
/* The path of chain.ca_file, "" where there is none; ASSAY_E_CONFIG when it holds no certificate
 * that can be read. */
assay_status asy_front_ca_file(const char *config_file, const asy_options *o, char *out, size_t cap,
							   assay_err *err) ASSAY_CHECKED;
/* The HTTP client on it, without a chain. */
assay_status asy_front_net_http(asy_front_net *w, const asy_front_net_opts *o,
								assay_err *err) ASSAY_CHECKED;
/* A chain over that client, for the caller to close before w. */
assay_status asy_front_open_chain(asy_front_net *w, const asy_front_net_opts *o, asy_chain **out,
								  assay_err *err) ASSAY_CHECKED;
/* HTTP and chain on it. A partly built one is closed by asy_front_net_close. */
assay_status asy_front_net_open(asy_front_net *w, const asy_front_net_opts *o,
								assay_err *err) ASSAY_CHECKED;
/* After a failed open: the chain again, on the loop and client that are there. */
assay_status asy_front_net_retry(asy_front_net *w, const asy_front_net_opts *o,
								 assay_err *err) ASSAY_CHECKED;
void asy_front_net_close(asy_front_net *w);

/* How many of room each may have that asks for wanted[i]: nobody more than asked for, everybody
 * at least one, and who asks for more than an equal share shares what others leave. [pure] */
void asy_front_share(const uint32_t *wanted, size_t n, uint32_t room, uint32_t *out);
/* Descriptors that this process may have, after it has asked for as many as it can get. */
uint32_t asy_front_descriptors(void);
#endif
