/* A stranger's whole HTTP answer through the real client: the input is what a
 * loopback listener in the same process sends, and what comes out must be
 * classified within the limits. Slow by nature: each input is one connection. */
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>
#include "miner/miner.h"

#define MAX_BYTES 65536u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

typedef struct {
	asy_loop *loop;
	asy_http *http;
	asy_watch *accepting;
	int listener;
	uint16_t port;
	assay_span answer;
} world;

/* Takes the connection, sends the answer and closes. What does not fit the socket's
 * buffer is cut. */
static void on_connection(void *arg, int events)
{
	world *w = arg;
	(void)events;
	int fd = accept4(w->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0)
		return;
	if (w->answer.len > 0)
		(void)!send(fd, w->answer.ptr, w->answer.len, MSG_NOSIGNAL);
	(void)shutdown(fd, SHUT_WR);
	/* closing with unread input would send a reset and eat the answer */
	struct pollfd p = {.fd = fd, .events = POLLIN};
	char sink[4096];
	while (poll(&p, 1, 20) > 0 && recv(fd, sink, sizeof sink, 0) > 0)
		if (memmem(sink, sizeof sink, "\r\n\r\n", 4) != NULL)
			break;
	(void)close(fd);
}

static world *world_new(void)
{
	static world w;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof at;
	if (w.loop != NULL)
		return &w;
	w.listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (w.listener < 0 || bind(w.listener, (struct sockaddr *)&at, sizeof at) != 0 ||
		listen(w.listener, 16) != 0 || getsockname(w.listener, (struct sockaddr *)&at, &len) != 0 ||
		asy_loop_new(&w.loop, NULL) != ASSAY_OK ||
		asy_http_new(w.loop, NULL, &w.http, NULL) != ASSAY_OK ||
		asy_loop_fd(w.loop, w.listener, ASY_READABLE, on_connection, &w, &w.accepting, NULL) !=
			ASSAY_OK)
		abort();
	w.port = ntohs(at.sin_port);
	return &w;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	world *w = world_new();
	char url[64];
	asy_http_result r;
	asy_why why;
	w->answer = asy_span(data, size);
	(void)snprintf(url, sizeof url, "http://127.0.0.1:%u/", w->port);
	asy_http_req req = {
		.url = url, .timeout_ms = 500, .max_response_bytes = MAX_BYTES, .allow_private = true};
	if (asy_http_run(w->http, &req, NULL, 1, ASY_NEVER, &r, NULL) != ASSAY_OK)
		abort();
	asy_reply cls = asy_response_classify(&r, true, &why);
	ASSERT(r.body.len <= MAX_BYTES);
	ASSERT((r.cls == ASY_HTTP_ANSWERED) == (r.detail[0] == '\0'));
	ASSERT(r.cls != ASY_HTTP_INTERNAL && r.cls != ASY_HTTP_FORBIDDEN &&
		   r.cls != ASY_HTTP_CANCELLED);
	ASSERT(cls != ASY_REPLY_OK || (r.status >= 200 && r.status < 300));
	asy_http_result_fini(&r);
	return 0;
}
