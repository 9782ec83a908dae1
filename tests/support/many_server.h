/* Many miners in one forked child: a port each on loopback, every complete request answered
 * after a delay. Sizes and delays are per miner. It dies with the test that started it. */
#ifndef ASSAY_TESTS_SUPPORT_MANY_SERVER_H
#define ASSAY_TESTS_SUPPORT_MANY_SERVER_H
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define MANY_MAX 512u

typedef struct {
	size_t bytes; /* of the body */
	unsigned delay_ms;
} many_answer;

typedef struct {
	pid_t pid;
	size_t n;
	uint16_t port[MANY_MAX];
} many_server;

/* Ends the test on failure. */
many_server many_server_start(const many_answer *answers, size_t n);
void many_server_stop(many_server *s);
#endif
