/* A plugin with one defect, chosen by DEFECT: what `assay plugin check` must find. Without one
 * it is fit: a byte of the answer counts where the reference has the same. */
#include <assay/plugin_kit.h>
#include <pthread.h>
#include <sys/personality.h>
#include <time.h>

/* Numbers for the preprocessor. */
#define NONE 0
#define TWO_EXPORTS 1
#define HOST_SYMBOL 2
#define RAND 3
#define LICENCE 4
#define ENTRY 5
#define MAXIMUM 6
#define SHARED 7
#define LEAK 8
#define NO_ROWS 9
#define NOMEM 10
#define SYSCALL 11
#define RANGE 12
#define OVERREAD 13
#define STRIDE 14
#define NULL_BODY 15
#define COUNTER 16
#define POSITION 17
#define NEIGHBOURS 18
#define SEED 19
#define ZONE 20
#define SPIN 21
#define FLAT 22
#define LENGTH 23
#define CAPS 24
#define SCHEMA 25
#define OPEN 26

struct assay_plugin {
	int option;
	uint64_t calls;
	unsigned char *table;
};
#if DEFECT == SHARED
static uint64_t total;
#endif

#if DEFECT == TWO_EXPORTS
ASSAY_EXPORT int another_export(void);
int another_export(void)
{
	return 1;
}
#endif
#if DEFECT == HOST_SYMBOL
int assay_of_another(void);
#endif

static void *volatile lost;

static double share(assay_bytes a, assay_bytes b)
{
	uint64_t same = 0, n = a.len > b.len ? a.len : b.len;
	for (uint64_t i = 0; i < a.len && i < b.len; i++)
		same += a.ptr[i] == b.ptr[i];
	return n == 0 ? 0 : (double)same / (double)n;
}

static double judge(assay_plugin *p, const assay_round_info *round, const assay_batch *batch,
					uint64_t i, const assay_response *r)
{
	double d = share(r->body, assay_kit_challenge(batch, r)->reference);
	(void)p;
	(void)round;
	(void)i;
	switch (DEFECT) {
#if DEFECT == HOST_SYMBOL
	case HOST_SYMBOL:
		return assay_of_another();
#endif
	case RAND:
		return d + 0 * rand();
#if DEFECT == SHARED
	case SHARED:
		return d / (double)(1 + total++);
#endif
	case SYSCALL:
		return d + 0 * personality(0xffffffff);
	case RANGE:
		return d + 0.5;
	case OVERREAD:
		return d + 0 * ((volatile const uint8_t *)r->body.ptr)[r->body.len];
	case NULL_BODY:
		return d + 0 * ((volatile const uint8_t *)r->body.ptr)[0];
	case COUNTER:
		return d / (double)(1 + p->calls++);
	case POSITION:
		return d / (double)(2 + i);
	case NEIGHBOURS:
		return d / (double)batch->response_n;
	case SEED:
		return d * (0.99 + round->seed[0] / 25600.0);
	case ZONE: {
		time_t noon = 43200;
		return d / (1 + localtime(&noon)->tm_hour);
	}
	case FLAT:
		return 0.5;
	case LENGTH:
		return r->body.len > 1000 ? 1 : (double)r->body.len / 1000;
	default:
		return d;
	}
}

static assay_rc score_batch(assay_plugin *p, const assay_round_info *round,
							const assay_batch *batch, assay_scores *out)
{
	if (DEFECT == NO_ROWS && batch->response_n == 0)
		return ASSAY_RC_INTERNAL;
	for (uint64_t i = 0; i < batch->response_n; i++) {
		const assay_response *r =
			DEFECT == STRIDE ? &batch->response[i] : assay_kit_response(batch, i);
		if (r->status == ASSAY_RESP_OK)
			assay_kit_score(out, i, judge(p, round, batch, i, r));
	}
	return ASSAY_RC_OK;
}

static void *spin(void *arg)
{
	(void)arg;
	for (;;)
		__asm__ volatile("");
	return NULL;
}

static assay_rc open_one(const assay_host_api *host, assay_bytes config, assay_plugin **out)
{
	pthread_t thread;
	assay_plugin *p = calloc(1, sizeof *p);
	if (p == NULL)
		return ASSAY_RC_NOMEM;
	p->option = (int)assay_kit_number(config, "option", 3);
	if (DEFECT == OPEN)
		return assay_kit_fail(host, ASSAY_RC_RESOURCE, "no model");
	if (DEFECT == MAXIMUM && p->option == 9)
		abort();
	if (DEFECT == LEAK)
		lost = malloc(100);
	if (DEFECT == NOMEM) {
		p->table = malloc(64);
		memset(p->table, 0, 64);
	}
	if (DEFECT == SPIN)
		(void)pthread_create(&thread, NULL, spin, NULL);
	*out = p;
	return ASSAY_RC_OK;
}

static void close_one(assay_plugin *p)
{
	free(p->table);
	free(p);
}

static const assay_plugin_info info = {
	.size = sizeof info,
	.abi = ASSAY_ABI,
	.id = "org.example.unfit",
	.version = "1.0.0",
	.name = "Unfit",
	.summary = "Has a defect",
	.licence = DEFECT == LICENCE ? "do what you want, really!" : "Apache-2.0",
	.vendor = "tests",
	.task_kind = "text",
	.caps = DEFECT == CAPS ? ASSAY_CAP_CHALLENGES : 0,
	.score_max = 1,
	.higher_is_better = 1,
	.config_schema =
		DEFECT == SCHEMA
			? "{\"type\":\"object\",\"oneOf\":[]}"
			: "{\"type\":\"object\",\"additionalProperties\":false,\"properties\":{"
			  "\"option\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":9,\"default\":3}}}",
};

static const assay_plugin_api api = {
	.size = sizeof api,
	.open = open_one,
	.close = close_one,
	.score_batch = score_batch,
};

#if DEFECT == ENTRY
const assay_plugin_desc *assay_plugin_entry_v1(void)
{
	assay_plugin_desc *d = malloc(sizeof *d);
	*d = (assay_plugin_desc){ASSAY_PLUGIN_MAGIC, sizeof *d, ASSAY_ABI, 0, &info, &api};
	return d;
}
#else
ASSAY_PLUGIN(info, api);
#endif
