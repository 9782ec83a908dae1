/* One transfer of the real client: a libcurl easy handle with our limits on it.
 * Private to http; client.c queues transfers, transfer.c is one of them. */
#ifndef ASY_HTTP_TRANSFER_H
#define ASY_HTTP_TRANSFER_H
#include <curl/curl.h>
#include "http/impl.h"

typedef struct {
	asy_http_call call; /* first: a call is a transfer */
	CURL *easy;         /* NULL until started */
	struct curl_slist *headers;
	char *url, *method, *host;  /* host: "name:port", for the cap */
	struct asy_host_line *line; /* where it waited (queue.c) */
	asy_http_req req;           /* its pointers point to our copies, or are unused */
	uint64_t polled_start_ns;   /* as start_ns, on the polled clock */
	asy_watch *limit;           /* runs out with connect_timeout_ms, then with timeout_ms */
	bool finished, bad_header;

	/* why libcurl will say "write error" or "could not connect" */
	bool header_over, body_over, out_of_memory, address_refused, socket_failed;
	size_t header_bytes;
	char error[CURL_ERROR_SIZE];
} transfer;

static inline transfer *transfer_of(asy_http_call *c)
{
	return (transfer *)c;
}

/* Copies the request; NULL when out of memory. */
transfer *asy_transfer_new(const asy_http_req *req);
void asy_transfer_free(transfer *t);
/* Prepares the easy handle; called once, when the transfer really starts. */
assay_status asy_transfer_open(transfer *t, assay_err *err) ASSAY_CHECKED;
/* How long after its start the next of its limits runs out. */
uint64_t asy_transfer_limit_ns(const transfer *t);
/* Fills timings and says what libcurl's code means here (outcome.c). */
asy_http_class asy_transfer_outcome(transfer *t, CURLcode code);
void asy_transfer_timings(transfer *t, uint64_t polled_ns);
#endif
