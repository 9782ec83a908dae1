/* What the two clients, real and scripted, have in common; private to http. */
#ifndef ASY_HTTP_IMPL_H
#define ASY_HTTP_IMPL_H
#include "http/http.h"

struct asy_http {
	asy_loop *loop;
	assay_status (*start)(asy_http *h, const asy_http_req *req, asy_http_done_fn *done, void *arg,
						  asy_http_call **call, assay_err *err);
	void (*cancel)(asy_http_call *call, asy_http_class as);
	void (*set_total)(asy_http *h, uint32_t total); /* NULL: it has no such limit */
	void (*free)(asy_http *h);
};

struct asy_http_call {
	asy_http *http;
	asy_http_call *prev, *next; /* in one of the client's lists */
	asy_http_done_fn *done;
	void *arg;
	asy_http_result res; /* start_ns != 0: it has actually started */
	uint64_t queued_ns;
};

/* A list with a head that both clients use. */
typedef struct {
	asy_http_call *first, *last;
	size_t n;
} call_list;
void asy_call_append(call_list *l, asy_http_call *c);
void asy_call_unlink(call_list *l, asy_http_call *c);

/* Tells the owner and clears the result; the call's memory stays the client's. */
void asy_call_tell(asy_http_call *c, asy_http_class cls, const char *detail);

/* Defaults of a request, in one place. */
uint32_t asy_req_timeout_ms(const asy_http_req *r);
size_t asy_req_max_bytes(const asy_http_req *r);
const char *asy_req_method(const asy_http_req *r);

/* Names and values are checked: nothing in them may start another line. */
assay_status asy_header_check(const char *name, const char *value, assay_err *err);
struct asy_http_headers {
	assay_status (*add)(asy_http_headers *h, const char *name, const char *value, assay_err *err);
};
#endif
