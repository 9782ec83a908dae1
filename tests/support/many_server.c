/* One process, one epoll: 200 forked children would measure the scheduler. */
#include "support/many_server.h"
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "support/test.h"

typedef struct conn conn;
struct conn {
	int fd;
	const many_answer *answer;
	char in[4096];
	size_t in_len, sent, head_len, total;
	char head[128];
	uint64_t due_ms;
	conn *prev, *next; /* of those that wait for their time */
};

static struct {
	int epoll;
	int listener[MANY_MAX];
	const many_answer *answers;
	size_t n;
	conn *waiting;
	char *filler;
} srv;

static uint64_t now_ms(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000u + (uint64_t)t.tv_nsec / 1000000u;
}

static void watch(int fd, uint32_t events, void *arg, int op)
{
	struct epoll_event e = {.events = events, .data = {.ptr = arg}};
	(void)epoll_ctl(srv.epoll, op, fd, &e);
}

static void leave(conn *c)
{
	if (c->prev != NULL)
		c->prev->next = c->next;
	else if (srv.waiting == c)
		srv.waiting = c->next;
	if (c->next != NULL)
		c->next->prev = c->prev;
	c->prev = c->next = NULL;
}

static void conn_close(conn *c)
{
	leave(c);
	(void)close(c->fd);
	free(c);
}

static void on_listener(size_t i)
{
	int fd = accept4(srv.listener[i], NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	conn *c = fd >= 0 ? calloc(1, sizeof *c) : NULL;
	if (c == NULL)
		return;
	c->fd = fd;
	c->answer = &srv.answers[i];
	watch(fd, EPOLLIN, c, EPOLL_CTL_ADD);
}

/* Is the request whole? Its body's length is believed. */
static int is_whole(conn *c)
{
	c->in[c->in_len] = '\0';
	const char *body = strstr(c->in, "\r\n\r\n"), *len = strcasestr(c->in, "content-length:");
	size_t want = len != NULL ? strtoul(len + 15, NULL, 10) : 0;
	return body != NULL && (size_t)(c->in + c->in_len - (body + 4)) >= want;
}

static void on_request(conn *c)
{
	ssize_t got = recv(c->fd, c->in + c->in_len, sizeof c->in - 1 - c->in_len, 0);
	if (got <= 0) {
		if (got == 0 || errno != EAGAIN)
			conn_close(c);
		return;
	}
	c->in_len += (size_t)got;
	if (c->due_ms != 0 || !is_whole(c))
		return;
	int n = snprintf(c->head, sizeof c->head, "HTTP/1.1 200 OK\r\nContent-Length: %zu\r\n\r\n",
					 c->answer->bytes);
	c->head_len = (size_t)n;
	c->total = c->head_len + c->answer->bytes;
	c->due_ms = now_ms() + c->answer->delay_ms;
	c->next = srv.waiting;
	if (c->next != NULL)
		c->next->prev = c;
	srv.waiting = c;
}

static void on_writable(conn *c)
{
	while (c->sent < c->total) {
		const char *from =
			c->sent < c->head_len ? c->head + c->sent : srv.filler + (c->sent - c->head_len);
		size_t left = c->sent < c->head_len ? c->head_len - c->sent : c->total - c->sent;
		ssize_t put = send(c->fd, from, left, MSG_NOSIGNAL);
		if (put < 0 && errno == EAGAIN)
			return;
		if (put <= 0)
			break;
		c->sent += (size_t)put;
	}
	conn_close(c);
}

static void start_due(void)
{
	uint64_t now = now_ms();
	for (conn *c = srv.waiting, *next; c != NULL; c = next) {
		next = c->next;
		if (c->due_ms > now)
			continue;
		leave(c);
		watch(c->fd, EPOLLOUT, c, EPOLL_CTL_MOD);
	}
}

static void serve(void)
{
	struct epoll_event e[256];
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;) {
		int n = epoll_wait(srv.epoll, e, 256, 5);
		for (int i = 0; i < n; i++) {
			int *l = e[i].data.ptr;
			if (l >= srv.listener && l < srv.listener + srv.n)
				on_listener((size_t)(l - srv.listener));
			else if ((e[i].events & EPOLLOUT) != 0)
				on_writable(e[i].data.ptr);
			else
				on_request(e[i].data.ptr);
		}
		start_due();
	}
}

static void open_port(size_t i, uint16_t *port)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t len = sizeof at;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq(bind(fd, (struct sockaddr *)&at, sizeof at), 0);
	ck_assert_int_eq(listen(fd, 64), 0);
	ck_assert_int_eq(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	*port = ntohs(at.sin_port);
	srv.listener[i] = fd;
	watch(fd, EPOLLIN, &srv.listener[i], EPOLL_CTL_ADD);
}

many_server many_server_start(const many_answer *answers, size_t n)
{
	many_server s = {.n = n};
	size_t most = 1;
	ck_assert_uint_le(n, MANY_MAX);
	srv.answers = answers;
	srv.n = n;
	srv.epoll = epoll_create1(EPOLL_CLOEXEC);
	for (size_t i = 0; i < n; i++) {
		open_port(i, &s.port[i]);
		most = answers[i].bytes > most ? answers[i].bytes : most;
	}
	srv.filler = malloc(most);
	ck_assert_ptr_nonnull(srv.filler);
	memset(srv.filler, 'a', most);
	(void)fflush(stdout);
	s.pid = fork();
	ck_assert_int_ge(s.pid, 0);
	if (s.pid == 0)
		serve();
	for (size_t i = 0; i < n; i++)
		(void)close(srv.listener[i]);
	(void)close(srv.epoll);
	free(srv.filler);
	return s;
}

void many_server_stop(many_server *s)
{
	if (s->pid <= 0)
		return;
	(void)kill(s->pid, SIGKILL);
	(void)waitpid(s->pid, NULL, 0);
	s->pid = 0;
}
