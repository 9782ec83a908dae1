/* What it costs to write a round's answers down: one JSON object on stdout.
 *
 *   bench_answers [--answers N] [--bytes B] [--dir DIR]
 *
 * N answers (200) of B bytes (1,048,576), one for each miner, arrive at once and go through the
 * round's intake into a store under DIR (the present folder). Processor time is this process's
 * and includes SQLite and the kernel; disk_bytes are the database and its log afterwards;
 * longest_ms is the longest time for which the loop was kept from its sockets. Then the
 * bodies are read back as after a restart, and the round is pruned. */
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include "crypto/crypto.h"
#include "round/intake.h"

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	(void)fprintf(stderr, "bench_answers: %s\n", what);
	exit(EXIT_FAILURE);
}

#define OK(call) need((call) == ASSAY_OK, err.msg)

static double ms_of(clockid_t clock)
{
	struct timespec t;
	need(clock_gettime(clock, &t) == 0, "no clock");
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static asy_round *round_of(asy_store *store, size_t miners)
{
	assay_err err = {0};
	asy_buf begin = {0}, challenge = {0};
	asy_round *r = NULL;
	uint64_t id = 0;
	asy_begin_record b = {.plugin_id = "org.assay.bench", .plugin_version = "1.0.0"};
	asy_question q = {.id = "q", .prompt = asy_span_str("1")};
	asy_asked *t = asy_calloc(miners, sizeof *t);
	need(t != NULL, "out of memory");
	for (size_t i = 0; i < miners; i++) {
		t[i].uid = (uint16_t)i;
		asy_put_u32le(t[i].hotkey.b, (uint32_t)i + 1);
	}
	OK(asy_record_put_begin(&b, &begin, &err));
	OK(asy_record_put_challenge(&(asy_challenge_record){&q, 1, t, miners}, &challenge, &err));
	OK(asy_store_round_begin(store, 1, asy_buf_span(&begin), &id, &err));
	const asy_rec_in rec = {ASY_REC_CHALLENGE, asy_buf_span(&challenge)};
	OK(asy_store_append(store, id, 1, &rec, 1, NULL, &err));
	OK(asy_round_new(id, &r, &err));
	OK(asy_round_fold(r, ASY_REC_BEGIN, asy_buf_span(&begin), &err));
	OK(asy_round_fold(r, ASY_REC_CHALLENGE, asy_buf_span(&challenge), &err));
	asy_buf_fini(&begin);
	asy_buf_fini(&challenge);
	free(t);
	return r;
}

/* As the HTTP client gives it: grown by doubling, not compressible. */
static asy_buf body_of(asy_rng *rng, size_t bytes)
{
	assay_err err = {0};
	asy_buf b = {0};
	uint8_t some[4096];
	while (b.len < bytes) {
		size_t n = bytes - b.len < sizeof some ? bytes - b.len : sizeof some;
		rng->fill(rng, some, n);
		OK(asy_buf_add(&b, some, n, &err));
	}
	return b;
}

static double bytes_of(const char *dir)
{
	static const char *const names[] = {"assay.db", "assay.db-wal"};
	double sum = 0;
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		char path[512];
		struct stat st;
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		if (stat(path, &st) == 0)
			sum += (double)st.st_size;
	}
	return sum;
}

static assay_status on_record(void *arg, const asy_rec *rec, assay_err *err)
{
	return asy_round_fold(arg, rec->type, rec->payload, err);
}

static void measure(size_t n, size_t bytes, const char *dir)
{
	assay_err err = {0};
	asy_loop *loop = NULL;
	asy_store *store = NULL;
	asy_intake *in = NULL;
	asy_seeded_rng rng;
	const uint8_t seed[32] = {5};
	asy_buf *body = asy_calloc(n, sizeof *body);
	need(body != NULL, "out of memory");
	asy_seeded_rng_init(&rng, seed);
	OK(asy_store_open(&(asy_store_options){.dir = dir}, &store, &err));
	OK(asy_loop_new(&loop, &err));
	asy_round *r = round_of(store, n);
	for (size_t i = 0; i < n; i++)
		body[i] = body_of(&rng.iface, bytes);

	double cpu = ms_of(CLOCK_PROCESS_CPUTIME_ID), wall = ms_of(CLOCK_MONOTONIC);
	const asy_intake_opts o = {store, loop, asy_loop_clock(loop), (size_t)1 << 30};
	OK(asy_intake_new(r, &o, &in, &err));
	for (size_t i = 0; i < n; i++)
		OK(asy_intake_add(in, i, &(asy_answer){.cause = ""}, &body[i], &err));
	OK(asy_intake_end(in, &err));
	asy_intake_stats stats = asy_intake_get_stats(in);
	asy_intake_free(in);
	cpu = ms_of(CLOCK_PROCESS_CPUTIME_ID) - cpu;
	wall = ms_of(CLOCK_MONOTONIC) - wall;
	double disk = bytes_of(dir);

	asy_round *again = NULL;
	double load = ms_of(CLOCK_PROCESS_CPUTIME_ID);
	OK(asy_round_new(r->id, &again, &err));
	OK(asy_store_records(store, r->id, 0, on_record, again, &err));
	for (size_t i = 0; i < n; i++) {
		OK(asy_round_load_body(again, i, store, &err));
		need(asy_span_eq(again->answer[i]->body, r->answer[i]->body), "a body reads differently");
	}
	load = ms_of(CLOCK_PROCESS_CPUTIME_ID) - load;
	asy_round_free(again);

	const asy_rec_in end = {ASY_REC_END, asy_span_str("{}")};
	OK(asy_store_append(store, r->id, 2, &end, 1, NULL, &err));
	double prune = ms_of(CLOCK_MONOTONIC);
	OK(asy_store_prune(store, 0, 1, NULL, &err));
	prune = ms_of(CLOCK_MONOTONIC) - prune;

	(void)printf("{\"answers\":%zu,\"bytes\":%zu,\"cpu_ms\":%.1f,\"wall_ms\":%.1f,"
				 "\"disk_bytes\":%.0f,\"disk_share\":%.4f,\"slices\":%llu,\"longest_ms\":%.2f,"
				 "\"load_cpu_ms\":%.1f,\"prune_ms\":%.1f}\n",
				 n, bytes, cpu, wall, disk, disk / ((double)n * (double)bytes),
				 (unsigned long long)stats.slices, (double)stats.longest_ns / 1e6, load, prune);
	asy_round_free(r);
	asy_store_close(store);
	asy_loop_free(loop);
	free(body);
}

static void remove_dir(const char *dir)
{
	static const char *const names[] = {"assay.db", "assay.db-wal", "assay.db-shm", "lock"};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		char path[512];
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		(void)unlink(path);
	}
	(void)rmdir(dir);
}

int main(int argc, char **argv)
{
	uint64_t answers = 200, bytes = 1u << 20;
	const char *where = ".";
	char dir[400];
	assay_err err = {0};
	for (int i = 1; i < argc; i += 2) {
		bool ok = i + 1 < argc;
		if (ok && strcmp(argv[i], "--answers") == 0)
			ok = asy_str_u64(argv[i + 1], &answers) && answers >= 1 && answers <= 4096;
		else if (ok && strcmp(argv[i], "--bytes") == 0)
			ok = asy_str_u64(argv[i + 1], &bytes) && bytes >= 1 && bytes <= (64u << 20);
		else if (ok && strcmp(argv[i], "--dir") == 0)
			where = argv[i + 1];
		else
			ok = false;
		need(ok, "wrong usage; see the head of bench_answers.c");
	}
	need((size_t)snprintf(dir, sizeof dir, "%s/bench-answers-XXXXXX", where) < sizeof dir &&
			 mkdtemp(dir) != NULL,
		 "cannot make a folder there");
	OK(asy_crypto_init(&err));
	measure(answers, bytes, dir);
	remove_dir(dir);
	return EXIT_SUCCESS;
}
