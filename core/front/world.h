/* front/world.h - the network side of a main: loop, HTTP client, chain. */
#ifndef ASY_FRONT_WORLD_H
#define ASY_FRONT_WORLD_H
#include "chain/chain.h"
#include "http/http.h"
#include "loop/loop.h"

typedef struct {
	asy_loop *loop;
	asy_http *http;
	asy_rpc_http transport;
	asy_chain *chain;
} cli_world;

typedef struct {
	const char *const *endpoints;
	size_t endpoints_n;
	const asy_key *key; /* NULL: read only */
	asy_logger *log;
	uint32_t call_timeout_ms, http_total, http_per_host;
	bool wait_for_node; /* keep trying until the node answers or the user stops it */
} cli_world_opts;

/* The loop alone, with Ctrl-C watched. */
assay_status cli_world_loop(cli_world *w, assay_err *err) ASSAY_CHECKED;
/* HTTP and chain on it. A partly built world is closed by cli_world_close. */
assay_status cli_world_open(cli_world *w, const cli_world_opts *o, assay_err *err) ASSAY_CHECKED;
void cli_world_close(cli_world *w);
#endif
