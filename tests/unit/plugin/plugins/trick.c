/* A plugin that misbehaves on command: the first bytes of a body say how. Rows that
 * give no command are scored by a hash of their bytes, so that two runs can be
 * compared bit for bit. Built twice: row by row, and (TRICK_WHOLE) as a plugin whose
 * scores depend on the neighbours and their order. */
#include <assay/plugin.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

/* A leak check at exit would put its own code in the place of the plugin's. */
#ifdef ASSAY_ASAN
#define LEAVE _exit
#else
#define LEAVE exit
#endif

struct assay_plugin {
	const assay_host_api *host;
	char mark[512]; /* a file: "!once" does harm only while it does not exist */
	int seen;       /* rows seen by this instance */
};

static int has(assay_bytes b, const char *command)
{
	uint64_t n = strlen(command);
	return b.len >= n && memcmp(b.ptr, command, (size_t)n) == 0;
}

static void say(const assay_host_api *h, const char *text)
{
	h->log(h->h, 3, text, strlen(text));
}

static double hash(assay_bytes b)
{
	uint64_t h = 0xcbf29ce484222325u;
	for (uint64_t i = 0; i < b.len; i++)
		h = (h ^ b.ptr[i]) * 0x100000001b3u;
	return (double)(h >> 11) / 9007199254740992.0;
}

static void nap(long ms)
{
	struct timespec ts = {ms / 1000, ms % 1000 * 1000000};
	(void)nanosleep(&ts, NULL);
}

static int is_first_time(const assay_plugin *p)
{
	int fd = open(p->mark, O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 0600);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

/* A mark of that name breaks everything once it is there. */
static int is_broken(const assay_plugin *p)
{
	const char *name = strrchr(p->mark, '/');
	if (name == NULL || strcmp(name, "/break") != 0)
		return 0;
	int fd = open(p->mark, O_RDONLY | O_CLOEXEC);
	if (fd >= 0)
		(void)close(fd);
	return fd >= 0;
}

static void crash(void)
{
	volatile int *volatile nowhere = NULL;
	*nowhere = 1;
}

static void hang(void)
{
	for (volatile int forever = 1; forever;)
		;
}

/* Maps the output file once more, by the number that every worker has it under, and lies
 * about what is done. */
static void lie(void)
{
	void *out = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, 6, 0);
	if (out != MAP_FAILED)
		memset(out, 0x7f, 64);
}

static void flood(const assay_host_api *h)
{
	char line[2000];
	memset(line, 'x', sizeof line);
	memcpy(line, "\x1b[2J evil\n", 10);
	for (int i = 0; i < 1000; i++)
		h->log(h->h, i % 7, line, i == 0 ? 10 : sizeof line);
	h->log(h->h, 1, NULL, 5);
	h->fail(h->h, NULL, 5);
}

/* Everything that came with a row, as one number. */
static double evidence(const assay_response *r, const assay_challenge *c)
{
	double d = hash(r->content_type) + r->http_status / 7.0 + r->first_byte_ms / 11.0;
	for (uint32_t i = 0; i < r->header_n; i++)
		d = d / 2 + hash(r->header[i].name) + hash(r->header[i].bytes) * 3;
	for (uint32_t i = 0; i < r->part_n; i++)
		d = d / 2 + hash(r->part[i].name) + hash(r->part[i].type) + hash(r->part[i].bytes) * 5;
	for (uint32_t i = 0; i < r->chunk_n; i++)
		d = d / 2 + (double)r->chunk[i].at_us / 13.0 + (double)r->chunk[i].end / 17.0;
	for (uint32_t i = 0; i < c->part_n; i++)
		d = d / 2 + hash(c->part[i].name) + hash(c->part[i].type) + hash(c->part[i].bytes) * 5;
	return d / 1000;
}

static int is_command(assay_plugin *p, assay_bytes b)
{
	const assay_host_api *h = p->host;
	if (has(b, "!crash") || (has(b, "!once") && is_first_time(p)) || (has(b, "!used") && p->seen))
		crash();
	if (has(b, "!break"))
		(void)is_first_time(p);
	if (is_broken(p))
		crash();
	if (has(b, "!hang"))
		hang();
	if (has(b, "!exit"))
		LEAVE(3);
	if (has(b, "!lie"))
		lie();
	if (has(b, "!close"))
		for (int fd = 3; fd < 9; fd++)
			(void)close(fd);
	if (has(b, "!slow"))
		nap(30);
	if (has(b, "!log"))
		say(h, "hello\x1b[31m from\nthe plugin");
	if (has(b, "!flood"))
		flood(h);
	if (has(b, "!print")) {
		(void)fprintf(stderr, "printed\n");
		(void)printf("also\n");
		(void)fflush(stdout);
	}
	while (has(b, "!wait") && !h->cancelled(h->h))
		nap(1);
	return has(b, "!wait");
}

static assay_rc trick_open(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	static const char key[] = "{\"mark\":\"";
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	p->host = host;
	uint64_t skip = sizeof key - 1;
	if (config.len > skip + 2 && config.len < sizeof p->mark)
		memcpy(p->mark, config.ptr + skip, (size_t)(config.len - skip - 2));
	*out = p;
	return ASSAY_RC_OK;
}

static void trick_close(assay_plugin *p)
{
	free(p);
}

static void score_row(assay_scores *s, uint64_t i, const assay_response *r, double d)
{
	s->score[i] = has(r->body, "!nan") ? NAN : has(r->body, "!inf") ? INFINITY : d;
	if (has(r->body, "!big"))
		s->score[i] = 10.5;
	s->flag[i] = ASSAY_ROW_SCORED;
	if (has(r->body, "!unflag"))
		s->flag[i] = 0;
	if (has(r->body, "!oddflag"))
		s->flag[i] = 77;
	if (has(r->body, "!abstain"))
		s->flag[i] = ASSAY_ROW_ABSTAIN;
	if (s->component != NULL) {
		s->component[i * s->component_n] = (double)r->body.len;
		s->component[i * s->component_n + 1] = (double)r->miner;
	}
}

static assay_rc trick_score(assay_plugin *p, const assay_round_info *round, const assay_batch *b,
							assay_scores *s)
{
	assay_rc rc = ASSAY_RC_OK;
	for (uint64_t i = 0; i < b->response_n; i++) {
		const assay_response *r =
			(const void *)((const char *)b->response + i * b->response_stride);
		const assay_challenge *c =
			(const void *)((const char *)b->challenge + r->challenge * b->challenge_stride);
		if (r->status != ASSAY_RESP_OK)
			continue;
		if (is_command(p, r->body))
			return ASSAY_RC_CANCELLED;
		if (has(r->body, "!fail")) {
			p->host->fail(p->host->h, "a bad\nanswer", 12);
			rc = ASSAY_RC_INPUT;
			continue;
		}
		double d = -1.0 + 2.0 * hash(r->body) + 0.5 * hash(c->prompt);
		if (has(r->body, "!seed"))
			d = (double)round->seed[0] / 256.0;
		if (has(r->body, "!identity"))
			d = (double)(r->hotkey + r->coldkey + r->address) / 100.0;
		if (has(r->body, "!row-seed"))
			d = (double)(r->seed >> 11) / 9007199254740992.0;
		if (has(r->body, "!evidence"))
			d = evidence(r, c);
		if (has(r->body, "!random")) {
			uint8_t byte;
			p->host->random(p->host->h, &byte, 1);
			d = (double)byte / 256.0;
		}
#ifdef TRICK_WHOLE
		d = 2.0 * (double)i / (double)b->response_n - 1.0;
#endif
		score_row(s, i, r, d);
		p->seen++;
	}
	return rc;
}

static assay_rc trick_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	static char text[64][32];
	static const uint8_t meta[] = "{\"k\":5}";
	static const assay_part part = {{(const uint8_t *)"tone", 4},
									{(const uint8_t *)"audio/wav", 9},
									{(const uint8_t *)"RI\0F", 4}};
	if (strcmp(p->mark, "!make") == 0 || (p->mark[0] != '\0' && is_first_time(p)))
		crash();
	for (; out->made < out->want && out->made < 64; out->made++) {
		uint32_t draw;
		char *to = text[out->made];
		assay_challenge *c = (void *)((char *)out->challenge + out->made * out->challenge_stride);
		p->host->random(p->host->h, &draw, sizeof draw);
		int n = snprintf(to, sizeof text[0], "q%u %08x", out->made, draw);
		c->prompt = (assay_bytes){(const uint8_t *)to, (uint64_t)n};
		c->meta_json = (assay_bytes){meta, sizeof meta - 1};
		c->part = &part;
		c->part_n = out->made % 2;
	}
	(void)round;
	return ASSAY_RC_OK;
}

static const char *const components[] = {"length", "miner"};
static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.version = "1.2.3-rc.1+b",
	.name = "Trick",
	.summary = "Misbehaves on command",
	.licence = "Apache-2.0",
	.vendor = "tests",
	.task_kind = "test",
	.caps = ASSAY_CAP_COMPONENTS | ASSAY_CAP_CHALLENGES | 1u << 30,
#ifdef TRICK_WHOLE
	.id = "test.assay.trick-whole",
	.needs = ASSAY_NEED_WHOLE_BATCH,
#elif defined TRICK_IDENTITY
	.id = "test.assay.trick-identity",
	.needs = ASSAY_NEED_IDENTITY,
#else
	.id = "test.assay.trick",
#endif
	.score_min = -1,
	.score_max = 3,
	.higher_is_better = 1,
	.component_n = 2,
	.component_name = components,
	.config_schema = "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":"
					 "{\"mark\":{\"type\":\"string\",\"maxLength\":400,\"default\":\"\"}}}",
};
static const assay_plugin_api api = {
	.size = sizeof api,
	.open = trick_open,
	.close = trick_close,
	.score_batch = trick_score,
	.make_challenges = trick_make,
};
const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	static const assay_plugin_desc desc = {.magic = ASSAY_PLUGIN_MAGIC,
										   .size = sizeof desc,
										   .abi = ASSAY_ABI,
										   .info = &info,
										   .api = &api};
	return &desc;
}
