/* What the host knows of a worker's cage: from the worker's first message, sent before
 * any byte of a plugin ran. A worker that only says it and is sent home tells what this
 * machine has to offer. */
#include <stdlib.h>
#include <unistd.h>
#include "plugin/host.h"

#define TRY_NS ((uint64_t)5000000000)

static void take(const asy_msg *hello, asy_cage *out)
{
	*out = (asy_cage){.parts = (uint32_t)hello->off, .landlock = (uint32_t)hello->len};
	(void)asy_str_copy(out->why, sizeof out->why, hello->text);
}

void asy_plugin_caged(asy_plugin *p, const asy_msg *hello)
{
	asy_cage c;
	char text[ASY_CAGE_TEXT];
	take(hello, &c);
	asy_cage_describe(&c, text, sizeof text);
	if (strcmp(text, p->cage) == 0)
		return;
	(void)asy_str_copy(p->cage, sizeof p->cage, text);
	asy_plugin_emit(p, &(asy_plugin_event){.kind = ASY_PLUGIN_EV_CAGED,
										   .rows = c.parts != ASY_CAGE_WHOLE,
										   .text = text});
}

const char *asy_plugin_cage(const asy_plugin *p)
{
	return p->o.isolation == ASY_ISOLATION_NONE ? "none: the plugin is in this process" : p->cage;
}

assay_status asy_plugin_try_cage(const char *worker_path, asy_clock *clock, char *text, size_t cap,
								 bool *is_whole, assay_err *err)
{
	asy_plugin p = {.o = {.worker_path = worker_path,
						  .clock = clock,
						  .open_ns = TRY_NS,
						  .memory_max = (uint64_t)2 << 30,
						  .threads = 1}};
	asy_session *s = NULL;
	asy_cage c = {0};
	int fd[2]; /* no plugin: a file that is no library, and is never loaded */
	if (pipe(fd) != 0)
		return ASSAY_FAIL(err, E_IO, "pipe for a worker without a plugin");
	p.so_fd = fd[0];
	(void)asy_str_copy(p.where, sizeof p.where, "a worker without a plugin");
	assay_status st = asy_loop_new(&p.loop, err);
	if (st == ASSAY_OK)
		st = asy_spawn(&p, 2 * ASY_RING_HEAD, 2 * ASY_RING_HEAD, &s, err);
	if (st == ASSAY_OK)
		st = asy_session_greet(&p, s, asy_plugin_now(&p) + TRY_NS, err);
	if (st == ASSAY_OK)
		take(&s->msg, &c);
	if (s != NULL)
		asy_session_discard(s);
	asy_loop_free(p.loop);
	(void)close(fd[0]);
	(void)close(fd[1]);
	if (st != ASSAY_OK)
		return st;
	asy_cage_describe(&c, text, cap);
	*is_whole = c.parts == ASY_CAGE_WHOLE;
	return ASSAY_OK;
}
