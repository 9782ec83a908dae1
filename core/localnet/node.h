/* Node: the chain as JSON-RPC sees it: ledger, pool, the bytes that never change, and
 * the test controls. No socket is known here: a request goes in as text and a reply
 * comes out as text with instructions for the wire.
 * Reason to change: a method or a control. */
#ifndef ASY_LOCALNET_NODE_H
#define ASY_LOCALNET_NODE_H
#include "localnet/pool.h"

enum { LNET_REQUEST_MAX = 8 << 20, LNET_BATCH_REQUESTS_MAX = 256, LNET_PRODUCE_MAX = 20000 };

/* What the next requests shall suffer instead of, or besides, being answered. */
typedef enum {
	LNET_FAULT_NONE,
	LNET_FAULT_ERROR,     /* a JSON-RPC error with code and message */
	LNET_FAULT_HTTP,      /* an HTTP status */
	LNET_FAULT_TRUNCATED, /* half of the body, then the end */
	LNET_FAULT_WRONG_ID,
	LNET_FAULT_STALL, /* answered, but late */
	LNET_FAULT_DROP   /* the connection is closed without an answer */
} lnet_fault_kind;
typedef struct {
	lnet_fault_kind kind;
	uint64_t skip, count; /* leave `skip` requests alone, then hit `count` */
	int code;             /* error code or HTTP status */
	uint64_t ms;
	char method[64], message[160]; /* method "" = any */
} lnet_fault;

typedef struct lnet_subscriber lnet_subscriber; /* subscribe.h */
typedef struct {
	lnet_ledger *ledger;
	lnet_subscriber *subscriber; /* of the request that is being answered; NULL = over HTTP */
	lnet_pool pool;
	asy_buf metadata;  /* V14 */
	uint64_t block_ms; /* 0 = only on request */
	lnet_fault fault;
	uint64_t requests;
	char name[64];
} lnet_node;

/* The ledger has its genesis. Takes it, also on failure. */
assay_status asy_lnet_node_new(lnet_ledger *ledger, const char *name, uint64_t block_ms,
							   lnet_node **out, assay_err *err) ASSAY_CHECKED;
void asy_lnet_node_free(lnet_node *n);

typedef struct {
	int status; /* HTTP */
	uint64_t delay_ms;
	bool drop;
	size_t cut; /* send only so many bytes; SIZE_MAX = all */
} lnet_wire;
/* Answers one body: a request or a batch. Fails only for lack of memory; a bad request
 * is answered with a JSON-RPC error. */
assay_status asy_lnet_rpc(lnet_node *n, assay_span body, asy_buf *out, lnet_wire *wire,
						  assay_err *err) ASSAY_CHECKED;

/* ---- shared by the files of methods ---- */

typedef struct {
	lnet_node *node;
	asy_jv params; /* an array, or absent */
	asy_jw *out;
	lnet_rpc_error *error;
} lnet_rpc_call;
typedef void lnet_method(lnet_rpc_call *c);
typedef struct {
	const char *name;
	lnet_method *run;
} lnet_method_row;
extern const lnet_method_row asy_lnet_chain_methods[], asy_lnet_state_methods[],
	asy_lnet_sub_methods[], asy_lnet_test_methods[];
extern const size_t asy_lnet_chain_methods_n, asy_lnet_state_methods_n, asy_lnet_sub_methods_n,
	asy_lnet_test_methods_n;

void asy_lnet_fail(lnet_rpc_call *c, int code, const char *fmt, ...) ASSAY_PRINTF(3, 4);
void asy_lnet_put_hex(asy_jw *w, assay_span bytes);
void asy_lnet_put_header(asy_jw *w, const lnet_block *b);
void asy_lnet_put_runtime_version(const lnet_node *n, asy_jw *w);
/* Parameter i as hex bytes, owned; error -32602 and false otherwise. */
bool asy_lnet_param_bytes(lnet_rpc_call *c, size_t i, asy_buf *out);
/* Parameter i as a block hash, absent or null = head. Unknown: error 4003, NULL. */
const lnet_block *asy_lnet_param_block(lnet_rpc_call *c, size_t i);

/* ---- api.c: runtime APIs ---- */
/* SCALE result of name(args) at a block. ASSAY_E_NOTFOUND: no such function;
 * E_FORMAT: arguments that do not decode. */
assay_status asy_lnet_api_call(lnet_node *n, const lnet_block *at, const char *name,
							   assay_span args, asy_buf *out, assay_err *err) ASSAY_CHECKED;
#endif
