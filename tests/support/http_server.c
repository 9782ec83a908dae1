/* Behaviours, by path:
 *   /ok            200 with {"answer":"ok"}         /empty      200 without a body
 *   /status/NNN    that status                      /redirect   302 to /ok
 *   /echo          200 with the request as body     /slow/MS    /ok after MS milliseconds
 *   /trickle       a byte every 50 ms, for ever     /silent     reads, never answers
 *   /huge          1 GiB with its length            /stream     1 GiB, chunked
 *   /unlength      1 GiB, neither                   /garbage    bytes that are not HTTP
 *   /deep          JSON 10,000 levels deep          /short      fewer bytes than promised
 *   /reset         RST after the request            /close      closed after the request
 *   /headers       headers without end              /headerline one header without end
 *   /bomb          1 GiB of zeros, gzipped          /badgzip    says gzip, is not
 *   /badchunk      a broken chunk size              /continue   100, 100, ..., 100
 *   /http09        a body without a head            /halfhead   half a head, then silence
 * A process a connection: a slow one holds up nobody. */
#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>
#include "support/http_server.h"

#define GIB ((size_t)1 << 30)

static void die(const char *what)
{
	perror(what);
	abort();
}

static void sleep_ms(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&ts, NULL);
}

int http_write(int fd, const void *data, size_t len)
{
	const char *p = data;
	while (len > 0) {
		ssize_t n = send(fd, p, len, MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static int text(int fd, const char *s)
{
	return http_write(fd, s, strlen(s));
}

static void flood(int fd, size_t total, int chunked)
{
	static char block[65536 + 16];
	size_t head = chunked ? (size_t)sprintf(block, "%x\r\n", 65536) : 0;
	memset(block + head, 'x', 65536);
	size_t n = head + 65536;
	if (chunked) {
		memcpy(block + n, "\r\n", 2);
		n += 2;
	}
	for (size_t sent = 0; sent < total; sent += 65536)
		if (http_write(fd, block, n) != 0)
			return;
	if (chunked)
		(void)text(fd, "0\r\n\r\n");
}

static void gzip_bomb(int fd)
{
	static unsigned char zeros[65536], out[65536];
	z_stream z = {0};
	if (deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY) != Z_OK)
		return;
	(void)text(fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n");
	for (size_t in = 0; in < GIB; in += sizeof zeros) {
		z.next_in = zeros;
		z.avail_in = sizeof zeros;
		do {
			z.next_out = out;
			z.avail_out = sizeof out;
			(void)deflate(&z, in + sizeof zeros >= GIB ? Z_FINISH : Z_NO_FLUSH);
			if (http_write(fd, out, sizeof out - z.avail_out) != 0)
				goto done;
		} while (z.avail_out == 0);
	}
done:
	(void)deflateEnd(&z);
}

static void deep_json(int fd)
{
	static char body[20001];
	char head[80];
	memset(body, '[', 10000);
	memset(body + 10000, ']', 10000);
	(void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n", 20000);
	(void)text(fd, head);
	(void)http_write(fd, body, 20000);
}

static void linger_reset(int fd)
{
	struct linger l = {1, 0};
	(void)setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof l);
}

static void echo(int fd, const char *request, size_t len)
{
	char head[128];
	(void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n", len);
	(void)text(fd, head);
	(void)http_write(fd, request, len);
}

static int is(const char *path, const char *name)
{
	size_t n = strlen(name);
	return strncmp(path, name, n) == 0 && (path[n] == ' ' || path[n] == '/' || path[n] == '?');
}

static void answer(int fd, const char *path, const char *request, size_t len)
{
	static const char ok[] = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
							 "Content-Length: 15\r\n\r\n{\"answer\":\"ok\"}";
	if (is(path, "/ok")) {
		(void)text(fd, ok);
	} else if (is(path, "/slow")) {
		sleep_ms(atol(path + 6));
		(void)text(fd, ok);
	} else if (is(path, "/empty")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
	} else if (is(path, "/status")) {
		char head[96];
		(void)snprintf(head, sizeof head, "HTTP/1.1 %d Some\r\nContent-Length: 2\r\n\r\nno",
					   atoi(path + 8));
		(void)text(fd, head);
	} else if (is(path, "/redirect")) {
		(void)text(fd, "HTTP/1.1 302 Found\r\nLocation: /ok\r\nContent-Length: 0\r\n\r\n");
	} else if (is(path, "/echo")) {
		echo(fd, request, len);
	} else if (is(path, "/trickle")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\n\r\n");
		while (text(fd, "x") == 0)
			sleep_ms(50);
	} else if (is(path, "/silent")) {
		sleep_ms(3600000);
	} else if (is(path, "/huge")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 1073741824\r\n\r\n");
		flood(fd, GIB, 0);
	} else if (is(path, "/stream")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
		flood(fd, GIB, 1);
	} else if (is(path, "/unlength")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\n\r\n");
		flood(fd, GIB, 0);
	} else if (is(path, "/garbage")) {
		(void)http_write(fd, "\x16\x03\x01\x00garbage\r\n\r\n\xff\xfe", 16);
	} else if (is(path, "/http09")) {
		(void)text(fd, "just some text\n");
	} else if (is(path, "/deep")) {
		deep_json(fd);
	} else if (is(path, "/short")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nshort");
	} else if (is(path, "/reset")) {
		linger_reset(fd);
	} else if (is(path, "/headers")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\n");
		while (text(fd, "X-Filler: 0123456789012345678901234567890123456789\r\n") == 0)
			;
	} else if (is(path, "/headerline")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\nX-Long: ");
		flood(fd, GIB, 0);
	} else if (is(path, "/halfhead")) {
		(void)text(fd, "HTTP/1.1 200 OK\r\nContent-Le");
		sleep_ms(3600000);
	} else if (is(path, "/continue")) {
		while (text(fd, "HTTP/1.1 100 Continue\r\n\r\n") == 0)
			;
	} else if (is(path, "/bomb")) {
		gzip_bomb(fd);
	} else if (is(path, "/badgzip")) {
		(void)text(
			fd, "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip");
	} else if (is(path, "/badchunk")) {
		(void)text(fd,
				   "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n");
	}
	/* anything else, /close too: closed without a word */
}

/* Reads head and body; the length or -1. */
static long read_request(int fd, char *buf, size_t cap)
{
	size_t len = 0, want = 0;
	for (;;) {
		ssize_t n = recv(fd, buf + len, cap - 1 - len, 0);
		if (n <= 0)
			return -1;
		len += (size_t)n;
		buf[len] = '\0';
		const char *end = strstr(buf, "\r\n\r\n");
		if (end == NULL) {
			if (len == cap - 1)
				return -1;
			continue;
		}
		if (want == 0) {
			const char *length = strcasestr(buf, "\r\ncontent-length:");
			want = (size_t)(end - buf) + 4;
			if (length != NULL && length < end)
				want += strtoul(length + 17, NULL, 10);
		}
		if (len >= want || len == cap - 1)
			return (long)len;
	}
}

static void serve(int fd, http_server *s, http_handler *handler)
{
	static char request[1 << 20];
	long len = read_request(fd, request, sizeof request);
	if (len > 0) {
		(void)__atomic_add_fetch(s->requests, 1, __ATOMIC_SEQ_CST);
		const char *path = strchr(request, ' ');
		if (path != NULL && (handler == NULL || handler(fd, request, (size_t)len) == 0))
			answer(fd, path + 1, request, (size_t)len);
	}
	(void)close(fd);
}

static void serve_all(int listener, http_server *s, http_handler *handler)
{
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGCHLD, SIG_IGN);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		(void)__atomic_add_fetch(s->connections, 1, __ATOMIC_SEQ_CST);
		pid_t pid = fork();
		if (pid == 0) {
			(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
			(void)close(listener);
			serve(fd, s, handler);
			_exit(0);
		}
		(void)close(fd);
	}
}

http_server http_server_start_with(http_handler *handler)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t at_len = sizeof at;
	http_server s = {0};
	volatile uint32_t *shared =
		mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	if (shared == MAP_FAILED || fd < 0)
		die("test server");
	if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 || listen(fd, 512) != 0 ||
		getsockname(fd, (struct sockaddr *)&at, &at_len) != 0)
		die("test server");
	s.requests = shared;
	s.connections = shared + 1;
	s.port = ntohs(at.sin_port);
	s.pid = fork();
	if (s.pid < 0)
		die("test server");
	if (s.pid == 0) {
		serve_all(fd, &s, handler);
		_exit(0);
	}
	(void)close(fd);
	return s;
}

http_server http_server_start(void)
{
	return http_server_start_with(NULL);
}

void http_server_stop(http_server *s)
{
	if (s->pid > 0) {
		(void)kill(s->pid, SIGKILL);
		(void)waitpid(s->pid, NULL, 0);
	}
	(void)munmap((void *)(uintptr_t)s->requests, 4096);
	s->pid = 0;
}
