/* A hostile HTTP server for tests: plain sockets in a forked child, on loopback.
 * What it does is chosen by the request's path; see http_server.c. It dies with
 * the test that started it. */
#ifndef ASSAY_TESTS_SUPPORT_HTTP_SERVER_H
#define ASSAY_TESTS_SUPPORT_HTTP_SERVER_H
#include <stdint.h>
#include <sys/types.h>

typedef struct {
	pid_t pid;
	uint16_t port;
	volatile uint32_t *requests; /* complete requests seen, shared with the server */
	volatile uint32_t *connections;
} http_server;

/* Ends the test on failure. */
http_server http_server_start(void);
void http_server_stop(http_server *s);

/* An extra handler for a test's own paths: gets the whole request (head and body,
 * NUL-terminated) and writes the answer to fd. Return 0 when it is not yours. */
typedef int http_handler(int fd, const char *request, size_t len);
http_server http_server_start_with(http_handler *handler);
/* Writes all of it, or gives up when the peer is gone. */
int http_write(int fd, const void *data, size_t len);
#endif
