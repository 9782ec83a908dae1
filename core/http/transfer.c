/* One transfer: what we ask libcurl to do, and the callbacks through which it
 * may put bytes into our memory or open a socket. Everything that a stranger
 * could stretch has its limit here. This file is an edge: it opens sockets.
 * Reason to change: another limit, another option of a request. */
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/socket.h>
#include "http/transfer.h"

uint32_t asy_req_timeout_ms(const asy_http_req *r)
{
	return r->timeout_ms != 0 ? r->timeout_ms : 30000;
}

size_t asy_req_max_bytes(const asy_http_req *r)
{
	return r->max_response_bytes != 0 ? r->max_response_bytes : ASY_HTTP_BODY_MAX;
}

const char *asy_req_method(const asy_http_req *r)
{
	return r->method != NULL ? r->method : r->body.len != 0 ? "POST" : "GET";
}

/* ---- headers ---- */

assay_status asy_header_check(const char *name, const char *value, assay_err *err)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
								"ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	if (*name == '\0' || name[strspn(name, token)] != '\0')
		return ASSAY_FAIL(err, E_INPUT, "not a header name");
	for (const char *p = value; *p != '\0'; p++)
		if ((uint8_t)*p < 0x20 || *p == 0x7f)
			return ASSAY_FAIL(err, E_INPUT, "header %s: control character in its value", name);
	return ASSAY_OK;
}

assay_status asy_http_headers_add(asy_http_headers *h, const char *name, const char *value,
								  assay_err *err)
{
	assay_status st = asy_header_check(name, value, err);
	return st == ASSAY_OK ? h->add(h, name, value, err) : st;
}

typedef struct {
	asy_http_headers iface;
	transfer *t;
} slist_headers;

static bool slist_add(struct curl_slist **list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(*list, line);
	if (longer == NULL)
		return false;
	*list = longer;
	return true;
}

static assay_status add_header(transfer *t, const char *name, const char *value, assay_err *err)
{
	asy_buf line = {0};
	assay_status st = asy_header_check(name, value, err);
	/* "name;" is libcurl's way to say: this header, empty */
	if (st == ASSAY_OK)
		st = *value != '\0' ? asy_buf_printf(&line, err, "%s: %s", name, value)
							: asy_buf_printf(&line, err, "%s;", name);
	if (st == ASSAY_OK && !slist_add(&t->headers, asy_buf_cstr(&line)))
		st = ASSAY_FAIL(err, E_NOMEM, "request headers");
	asy_buf_fini(&line);
	return st;
}

static assay_status add_prepared(asy_http_headers *h, const char *name, const char *value,
								 assay_err *err)
{
	return add_header(((slist_headers *)h)->t, name, value, err);
}

static bool has_header(const transfer *t, const char *name)
{
	size_t n = strlen(name);
	for (const struct curl_slist *s = t->headers; s != NULL; s = s->next)
		if (strncasecmp(s->data, name, n) == 0 && (s->data[n] == ':' || s->data[n] == ';'))
			return true;
	return false;
}

/* libcurl would add these two by itself; a request carries what was asked for. */
static bool silence_defaults(transfer *t)
{
	return slist_add(&t->headers, "Expect:") &&
		   (has_header(t, "Content-Type") || slist_add(&t->headers, "Content-Type:"));
}

/* ---- callbacks ---- */

static size_t on_header(char *data, size_t size, size_t n, void *arg)
{
	transfer *t = arg;
	(void)data;
	t->header_bytes += size * n;
	if (t->header_bytes > ASY_HTTP_HEADER_MAX) {
		t->header_over = true;
		return 0;
	}
	return size * n;
}

/* What one turn of the loop brings is one chunk. */
static assay_status note_chunk(transfer *t)
{
	asy_buf *b = &t->call.res.chunks;
	asy_http_chunk *v = (void *)b->ptr;
	size_t n = b->len / sizeof *v;
	uint64_t now = asy_loop_polled_ns(t->call.http->loop);
	asy_http_chunk x = {asy_sat_sub_u64(now, t->polled_start_ns) / 1000u, t->call.res.body.len};
	if (n > 0 && v[n - 1].at_us == x.at_us) {
		v[n - 1] = x;
		return ASSAY_OK;
	}
	if (n == ASY_HTTP_CHUNKS_MAX) {
		for (size_t i = 0; i < n / 2; i++)
			v[i] = v[2 * i + 1];
		b->len /= 2;
	}
	return asy_buf_add(b, &x, sizeof x, NULL);
}

static size_t on_body(char *data, size_t size, size_t n, void *arg)
{
	transfer *t = arg;
	size_t len = size * n;
	assay_status st = asy_buf_add(&t->call.res.body, data, len, NULL);
	if (st == ASSAY_OK)
		st = note_chunk(t);
	if (st == ASSAY_OK)
		return len;
	if (st == ASSAY_E_LIMIT)
		t->body_over = true;
	else
		t->out_of_memory = true;
	return 0; /* never len: libcurl then stops */
}

/* The last place before bytes leave, and the only one that sees the address that
 * a name really led to. */
static bool may_connect(const transfer *t, const struct sockaddr *sa)
{
	uint8_t ip[16] = {0};
	bool is_v4 = sa->sa_family == AF_INET;
	if (is_v4)
		memcpy(ip + 12, &((const struct sockaddr_in *)(const void *)sa)->sin_addr, 4);
	else if (sa->sa_family == AF_INET6)
		memcpy(ip, &((const struct sockaddr_in6 *)(const void *)sa)->sin6_addr, 16);
	else
		return false;
	switch (asy_addr_classify(ip, is_v4)) {
	case ASY_ADDR_PUBLIC:
		return true;
	case ASY_ADDR_PRIVATE:
		return t->req.allow_private;
	case ASY_ADDR_FORBIDDEN:
		return false;
	}
	return false;
}

static curl_socket_t open_socket(void *arg, curlsocktype purpose, struct curl_sockaddr *addr)
{
	transfer *t = arg;
	if (purpose != CURLSOCKTYPE_IPCXN || !may_connect(t, &addr->addr)) {
		t->address_refused = true;
		return CURL_SOCKET_BAD;
	}
	int type = addr->socktype | SOCK_CLOEXEC;
	int fd = socket(addr->family, type, addr->protocol); /* edge: after may_connect only */
	if (fd < 0) {
		/* without IPv6 the address is unreachable; a lack of descriptors is our fault */
		t->socket_failed = t->socket_failed || (errno != EAFNOSUPPORT && errno != EPROTONOSUPPORT);
		return CURL_SOCKET_BAD;
	}
	return fd;
}

/* ---- life ---- */

/* "name:port" of the URL for the per-host cap; a URL with a user in it would make
 * libcurl authenticate, so it counts as malformed. */
static char *host_of(const char *url)
{
	char *host = NULL, *port = NULL, *user = NULL, *out = NULL;
	CURLU *u = curl_url();
	if (u != NULL && curl_url_set(u, CURLUPART_URL, url, CURLU_PATH_AS_IS) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_USER, &user, 0) == CURLUE_NO_USER &&
		curl_url_get(u, CURLUPART_HOST, &host, 0) == CURLUE_OK &&
		curl_url_get(u, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT) == CURLUE_OK) {
		size_t cap = strlen(host) + strlen(port) + 2;
		out = malloc(cap);
		if (out != NULL)
			(void)snprintf(out, cap, "%s:%s", host, port);
	}
	curl_free(host);
	curl_free(port);
	curl_free(user);
	curl_url_cleanup(u);
	return out;
}

transfer *asy_transfer_new(const asy_http_req *req)
{
	transfer *t = calloc(1, sizeof *t);
	if (t == NULL)
		return NULL;
	t->req = *req;
	t->req.headers = NULL;
	t->url = strdup(req->url);
	t->method = strdup(asy_req_method(req));
	t->host = host_of(req->url); /* NULL: malformed, found when started */
	t->call.res.body.max = asy_req_max_bytes(req);
	bool good = t->url != NULL && t->method != NULL;
	for (size_t i = 0; i < req->headers_n && good; i++) {
		assay_status st = add_header(t, req->headers[i].name, req->headers[i].value, NULL);
		t->bad_header = t->bad_header || st == ASSAY_E_INPUT;
		good = st != ASSAY_E_NOMEM;
	}
	if (!good) {
		asy_transfer_free(t);
		return NULL;
	}
	return t;
}

void asy_transfer_free(transfer *t)
{
	if (t == NULL)
		return;
	curl_easy_cleanup(t->easy);
	curl_slist_free_all(t->headers);
	asy_http_result_fini(&t->call.res);
	free(t->url);
	free(t->method);
	free(t->host);
	free(t);
}

#define SET(option, value) (ok = ok && curl_easy_setopt(t->easy, option, value) == CURLE_OK)

/* A numeric address, so that there is only one to try. */
static bool is_numeric(const char *host)
{
	char text[INET_ADDRSTRLEN];
	struct in_addr ip;
	size_t n = strcspn(host, ":");
	if (host[0] == '[')
		return true;
	if (n >= sizeof text)
		return false;
	memcpy(text, host, n);
	text[n] = '\0';
	return inet_pton(AF_INET, text, &ip) == 1;
}

/* Time is the client's business (client.c): libcurl would let it run out before it looks for
 * data, and on a clock that knows nothing of our pauses. For a name libcurl must know it,
 * because it divides the time for connecting among the addresses. */
static bool set_time(transfer *t)
{
	bool ok = true;
	long timeout = (long)asy_req_timeout_ms(&t->req);
	long connect = t->req.connect_timeout_ms != 0 ? (long)t->req.connect_timeout_ms : timeout;
	SET(CURLOPT_TIMEOUT_MS, 0L);
	SET(CURLOPT_CONNECTTIMEOUT_MS, is_numeric(t->host) ? (long)INT_MAX
								   : connect < timeout ? connect
													   : timeout);
	return ok;
}

static bool set_limits(transfer *t)
{
	bool ok = set_time(t);
	SET(CURLOPT_MAXFILESIZE_LARGE, (curl_off_t)asy_req_max_bytes(&t->req));
	SET(CURLOPT_FOLLOWLOCATION, 0L);
	SET(CURLOPT_PROXY, ""); /* also not from the environment */
	SET(CURLOPT_PROTOCOLS_STR, "http,https");
	SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
	SET(CURLOPT_HTTP09_ALLOWED, 0L);
	SET(CURLOPT_NOSIGNAL, 1L);
	SET(CURLOPT_QUICK_EXIT, 1L); /* never wait for a slow name server when ending */
	if (!t->req.reuse) {
		SET(CURLOPT_FRESH_CONNECT, 1L);
		SET(CURLOPT_FORBID_REUSE, 1L);
	}
	return ok;
}

/* Verification is libcurl's default. Its folder of the system's certificates stays in use. */
static bool set_trust(transfer *t)
{
	bool ok = true;
	if (t->req.ca_file != NULL)
		SET(CURLOPT_CAINFO, t->req.ca_file);
	return ok;
}

static bool set_callbacks(transfer *t)
{
	bool ok = true;
	SET(CURLOPT_PRIVATE, (char *)t);
	SET(CURLOPT_ERRORBUFFER, t->error);
	SET(CURLOPT_HEADERFUNCTION, on_header);
	SET(CURLOPT_HEADERDATA, t);
	SET(CURLOPT_WRITEFUNCTION, on_body);
	SET(CURLOPT_WRITEDATA, t);
	SET(CURLOPT_OPENSOCKETFUNCTION, open_socket);
	SET(CURLOPT_OPENSOCKETDATA, t);
	return ok;
}

static bool set_request(transfer *t)
{
	bool ok = true, is_get = strcmp(t->method, "GET") == 0,
		 is_head = strcmp(t->method, "HEAD") == 0;
	SET(CURLOPT_URL, t->url);
	SET(CURLOPT_PATH_AS_IS, 1L); /* what was signed is what is sent */
	SET(CURLOPT_ACCEPT_ENCODING, "gzip, deflate");
	SET(CURLOPT_USERAGENT, "assay");
	if (is_head) {
		SET(CURLOPT_NOBODY, 1L);
	} else if (!is_get || t->req.body.len != 0) {
		SET(CURLOPT_POST, 1L);
		SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)t->req.body.len);
		SET(CURLOPT_POSTFIELDS, t->req.body.len != 0 ? (const char *)t->req.body.ptr : "");
		SET(CURLOPT_CUSTOMREQUEST, t->method);
	}
	SET(CURLOPT_HTTPHEADER, t->headers);
	return ok;
}

assay_status asy_transfer_open(transfer *t, assay_err *err)
{
	if (t->host == NULL)
		return ASSAY_FAIL(err, E_INPUT, "not a plain http or https URL");
	if (t->bad_header)
		return ASSAY_FAIL(err, E_INPUT, "a header of the request is malformed");
	if (t->req.prepare != NULL) {
		slist_headers add = {{add_prepared}, t};
		assay_status st = t->req.prepare(t->call.arg, &add.iface, err);
		if (st != ASSAY_OK)
			return st;
	}
	t->easy = curl_easy_init();
	if (t->easy == NULL || !silence_defaults(t))
		return ASSAY_FAIL(err, E_NOMEM, "HTTP request");
	if (!set_limits(t) || !set_trust(t) || !set_callbacks(t) || !set_request(t))
		return ASSAY_FAIL(err, E_INTERNAL, "libcurl refuses an option of the request");
	return ASSAY_OK;
}
