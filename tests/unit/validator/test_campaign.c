/* Epochs with seeded faults, by hash and by timelock: kills at any request, downtime,
 * reorganisations, refusals, a runtime whose version moves, full disks, clock jumps, late
 * pulses, epochs that come later than planned. No vector is committed twice, none is lost that
 * the chain did not force, and whatever is lost says why in the store.
 * ASSAY_TEST_CAMPAIGN_EPOCHS: how many, default a few; ASSAY_TEST_CAMPAIGN_PROCESSES: at once;
 * ASSAY_TEST_CAMPAIGN_SECONDS: time limit; ASSAY_TEST_CAMPAIGN_SCHEME: only hash, or timelock.
 * Reason to change: another fault, or another property. */
#include <sys/mman.h>
#include <sys/wait.h>
#include "unit/validator/story.h"

#define EPOCHS_A_STORY 12u
#define EPOCHS_SHORT 96u
#define PROCESSES_SHORT 8u
#define LAG 3u
#define BLOCKS_MAX 4096u

typedef enum { DOWN, KILLS, FULL, REFUSED, UPGRADE, REORG, LIVES_N } life_kind;

typedef struct {
	uint64_t epochs, sealed, counted, missed, unsent, lives[LIVES_N];
	uint64_t by_window, by_reorg, by_pulse; /* of those missed */
	uint64_t twice, unforced, unexplained, alarms, mismatches;
	uint64_t compared, mispredicted, beyond, late_epochs, jumps, held, reorgs;
} tally;

typedef struct {
	uint64_t seed, calm_from; /* no more faults of the chain from this head on */
	asy_seeded_rng rng;
	life_kind life;
	uint64_t at;                 /* of the life's fault */
	uint64_t polls;              /* of the head */
	bool is_upgraded;            /* the node says another version than it checks */
	bool able[BLOCKS_MAX];       /* the validator could act before this block was made */
	uint64_t stored[BLOCKS_MAX]; /* the newest pulse that the chain had before this block */
	tally *t;
} campaign;

static campaign c;
static asy_store_faults *disk;

static uint64_t below(uint64_t n)
{
	return asy_rng_below(&c.rng.iface, n);
}

/* ---- faults of the chain: a function of seed and head, so that a reorganisation can repeat
 * them ---- */

static uint64_t lot(char what, uint64_t head)
{
	uint8_t text[17], digest[8];
	asy_put_u64le(text, c.seed);
	asy_put_u64le(text + 8, head);
	text[16] = (uint8_t)what;
	asy_blake2b(text, sizeof text, digest, sizeof digest);
	return asy_get_u64le(digest);
}

/* Pulses are late by some blocks now and then, and seldom by more than an epoch. */
static bool is_held(uint64_t head)
{
	for (uint64_t back = 0; back < 40 && back <= head; back++) {
		uint64_t x = lot('p', head - back);
		uint64_t len = x % 700 == 0 ? 40 : x % 25 == 0 ? 1 + x / 25 % 8 : 0;
		if (back < len && head - back < c.calm_from)
			return true;
	}
	return false;
}

static void turn(world *w, uint64_t head)
{
	lnet_state *st = w->node->ledger->rt.state;
	bool is_calm = head >= c.calm_from;
	uint64_t last = asy_lnet_read1(st, LNET_S_LAST_EPOCH, 1);
	w->node->ledger->rt.pulses_held = is_held(head);
	if (!is_calm && lot('c', head) % 40 == 0)
		asy_lnet_write0(st, LNET_S_NOW,
						asy_lnet_read0(st, LNET_S_NOW) + 1000 * (1 + lot('j', head) % 60));
	if (!is_calm && head + 1 == last + STORY_TEMPO && lot('d', head) % 4 == 0)
		asy_lnet_write1(st, LNET_S_LAST_EPOCH, 1, last + 1 + lot('n', head) % 2);
}

static void count_turn(const story *s, uint64_t head)
{
	uint64_t last = asy_lnet_read1(s->w.node->ledger->rt.state, LNET_S_LAST_EPOCH, 1);
	bool is_calm = head >= c.calm_from;
	c.t->held += is_held(head);
	c.t->jumps += !is_calm && lot('c', head) % 40 == 0;
	c.t->late_epochs += !is_calm && head + 1 == last + STORY_TEMPO && lot('d', head) % 4 == 0;
	c.stored[head + 1] = asy_lnet_read0(s->w.node->ledger->rt.state, LNET_S_LAST_ROUND);
}

/* As story_reorganise, with the chain's own faults. */
static void reorganise(story *s, uint64_t keep)
{
	world w = story_world(s->scenario);
	const lnet_ledger *old = s->w.node->ledger;
	for (uint64_t b = 1; b <= old->head; b++) {
		const lnet_block *from = asy_lnet_block_at(old, b);
		for (size_t i = 0; b <= keep && i < from->extrinsics_n; i++) {
			asy_hash hash;
			lnet_rpc_error why;
			asy_lnet_pool_submit(&w.node->pool, w.node->ledger, asy_buf_span(&from->extrinsic[i]),
								 &hash, &why);
		}
		turn(&w, b - 1); /* as it was: after they were taken into the pool */
		world_blocks(&w, 1);
		c.able[b] = c.able[b] && b <= keep;
	}
	ck_assert(asy_hash_eq(&asy_lnet_block_at(w.node->ledger, keep)->hash,
						  &asy_lnet_block_at(old, keep)->hash));
	world_free(&s->w);
	s->w = w;
	s->rebuilds++;
	c.t->reorgs++;
}

/* ---- faults of ours and of the node ---- */

static void script(story *s, uint64_t head)
{
	ck_assert_uint_lt(head + 1, BLOCKS_MAX);
	if (c.life == REORG && head == c.at && head > LAG) {
		reorganise(s, head - 1 - below(LAG - 1));
		head = s->w.node->ledger->head;
	}
	if (c.life == FULL && head >= c.at)
		disk->full = true;
	if (c.life == REFUSED && head == c.at) {
		s->refuse_method = "author_submitExtrinsic";
		s->refuse_error = "{\"code\":1016,\"message\":\"Immediately Dropped\"}";
	}
	if (head >= c.at + 3)
		s->refuse_method = NULL;
	c.is_upgraded = c.life == UPGRADE && head >= c.at && head < c.at + 3;
	c.able[head + 1] = !disk->full && s->refuse_method == NULL && !c.is_upgraded;
	count_turn(s, head);
	turn(&s->w, head);
}

/* 475 -> 474 wherever the node tells it; what is signed for that is refused by what it checks. */
static void tell_another_version(uint8_t *at, size_t n)
{
	static const char *const says[] = {"\"specVersion\":475", "db010000"}; /* JSON, metadata */
	for (size_t i = 0; i < ASY_COUNT(says); i++) {
		uint8_t *p = at;
		while ((p = memmem(p, n - (size_t)(p - at), says[i], strlen(says[i]))) != NULL) {
			if (i == 0)
				p[strlen(says[i]) - 1] = '4';
			else
				p[1] = 'a';
			p += strlen(says[i]);
		}
	}
}

static assay_status send_with_version(asy_rpc_transport *t, const char *url, assay_span body,
									  asy_buf *out, uint64_t deadline_ns, assay_err *err)
{
	story *s = (story *)t;
	size_t from = out->len;
	bool tells = story_says(body, "getRuntimeVersion") || story_says(body, "etadata");
	/* time goes on, also while every look fails */
	if (story_says(body, "\"chain_getHeader\",\"params\":[]") && ++c.polls % 8 == 0)
		s->busy = false;
	assay_status st = story_send(t, url, body, out, deadline_ns, err);
	if (st == ASSAY_OK && c.is_upgraded && tells)
		tell_another_version(out->ptr + from, out->len - from);
	return st;
}

/* ---- a story ---- */

static void be_down(story *s)
{
	uint64_t n = below(40) == 0 ? 10 + below(20) : below(5);
	for (uint64_t i = 0; i < n; i++) {
		uint64_t head = s->w.node->ledger->head;
		ck_assert_uint_lt(head + 1, BLOCKS_MAX);
		c.able[head + 1] = false;
		count_turn(s, head);
		turn(&s->w, head);
		world_blocks(&s->w, 1);
	}
}

static void one_life(story *s)
{
	assay_err e = {0};
	uint64_t head = s->w.node->ledger->head;
	c.life = (life_kind)below(LIVES_N);
	c.t->lives[c.life]++;
	c.at = head + 1 + below(14);
	s->stop_at = head + 6 + below(30);
	s->stop_every = c.life == KILLS ? 9 + below(60) : 0;
	assay_status st = ASSAY_OK;
	for (int i = 0; i < (c.life == KILLS ? 6 : 1); i++) {
		st = story_run(s, 0, &e);
		ck_assert_msg(st == ASSAY_E_CANCELLED || (st == ASSAY_E_IO && c.life == FULL), "%s: %s\n%s",
					  assay_status_name(st), e.msg, story_tail(s));
	}
	s->stop_every = 0;
	s->refuse_method = NULL;
	c.is_upgraded = false;
	*disk = (asy_store_faults){0};
	story_store(s, "assay-fault");
	if (c.life == DOWN)
		be_down(s);
}

/* ---- properties ---- */

static size_t on_chain(const story *s, assay_span what)
{
	const lnet_ledger *l = s->w.node->ledger;
	size_t n = 0;
	for (uint64_t b = 1; b <= l->head; b++) {
		const lnet_block *at = asy_lnet_block_at(l, b);
		for (size_t i = 0; at != NULL && i < at->extrinsics_n; i++)
			n += memmem(at->extrinsic[i].ptr, at->extrinsic[i].len, what.ptr, what.len) != NULL;
	}
	return n;
}

/* Blocks of the window's second half in which the validator could have acted. */
static unsigned chances(const asy_sub_row *row)
{
	unsigned n = 0;
	uint64_t half = row->reveal_first + (row->reveal_last - row->reveal_first) / 2;
	for (uint64_t b = half; b <= row->reveal_last && b < BLOCKS_MAX; b++)
		n += row->reveal_first != 0 && c.able[b];
	return n;
}

static assay_status on_seal(void *arg, const asy_rec *rec, assay_err *err)
{
	asy_json *doc = NULL;
	asy_seal_record x = {.planned = {.round = 0}};
	if (rec->type != ASY_REC_SEAL)
		return ASSAY_OK;
	asy_arena *a = asy_arena_new(0);
	ck_ok(asy_record_parse(rec->payload, &doc, err), *err);
	ck_ok(asy_record_get_seal(asy_json_root(doc), a, &x, err), *err);
	*(uint64_t *)arg = x.planned.round;
	asy_json_free(doc);
	asy_arena_free(a);
	return ASSAY_OK;
}

/* Did the chain have the pulse that it was sealed to, before the window's last block? */
static bool had_pulse(story *s, const asy_sub_row *row)
{
	uint64_t round = 0;
	assay_err e = {0};
	ck_ok(asy_store_records(s->store, row->id, 0, on_seal, &round, &e), e);
	return row->reveal_last < BLOCKS_MAX && c.stored[row->reveal_last] >= round;
}

static assay_status on_receipt(void *arg, const asy_receipt *r, assay_err *err)
{
	char *why = arg;
	(void)err;
	if (r->state == ASY_SUB_MISSED)
		(void)snprintf(why, 300, "%.*s", (int)r->bytes.len, (const char *)r->bytes.ptr);
	return ASSAY_OK;
}

static void show_lines_of(const story *s, uint64_t id)
{
	char key[40];
	(void)snprintf(key, sizeof key, "submission=%" PRIu64 " ", id);
	for (const char *p = s->log_text; (p = strstr(p, key)) != NULL;) {
		const char *line = p, *end = strchr(p, '\n');
		while (line > s->log_text && line[-1] != '\n')
			line--;
		p = end != NULL ? end : p + 1;
		(void)printf("  %.*s\n", (int)(p - line), line);
	}
}

static void judge_miss(story *s, const asy_sub_row *row)
{
	char why[300] = "";
	assay_err e = {0};
	bool forced = true;
	ck_ok(asy_store_receipts(s->store, row->id, on_receipt, why, &e), e);
	c.t->missed++;
	if (strstr(why, "reorganisation") != NULL) {
		c.t->by_reorg++;
		forced = s->rebuilds > 0;
	} else if (strstr(why, "pulse") != NULL) {
		c.t->by_pulse++;
		forced = !had_pulse(s, row);
	} else {
		c.t->by_window++;
		forced = chances(row) < 3;
	}
	c.t->unexplained += why[0] == '\0';
	c.t->unforced += !forced;
	if (!forced)
		show_lines_of(s, row->id);
	if (!forced || why[0] == '\0')
		(void)printf("seed %" PRIu64 ": vector %" PRIu64 " missed (%s), committed at %" PRIu64
					 ", window %" PRIu64 "..%" PRIu64 ", %u chances\n",
					 c.seed, row->id, why, row->commit_block, row->reveal_first, row->reveal_last,
					 chances(row));
}

typedef struct {
	story *s;
	asy_sub_row row[128];
	size_t n;
} rows;

static assay_status on_row(void *arg, const asy_sub_row *row, assay_err *err)
{
	rows *x = arg;
	(void)err;
	c.t->unsent += !row->is_sealed;
	if (row->is_sealed && x->n < ASY_COUNT(x->row))
		x->row[x->n++] = *row; /* but not its secret */
	return ASSAY_OK;
}

static void judge(story *s)
{
	rows x = {.s = s};
	assay_err e = {0};
	ck_ok(asy_store_submissions(s->store, 0, on_row, &x, &e), e);
	for (size_t i = 0; i < x.n; i++) {
		bool is_over = x.row[i].state == ASY_SUB_COUNTED || x.row[i].state == ASY_SUB_MISSED;
		bool is_twice =
			x.row[i].scheme == ASY_SCHEME_HASH && on_chain(s, asy_span(x.row[i].hash, 32)) > 1;
		c.t->twice += is_twice;
		c.t->counted += x.row[i].state == ASY_SUB_COUNTED;
		ck_assert_msg(is_over, "seed %" PRIu64 ": %s\n%s", c.seed, asy_sub_name(x.row[i].state),
					  story_tail(s));
		if (x.row[i].state == ASY_SUB_MISSED)
			judge_miss(s, &x.row[i]);
	}
	/* the chain itself takes a reveal once: its commitment is gone then */
	static const uint8_t timelocked[4] = {7, 113, 1, 0};
	c.t->twice += on_chain(s, asy_span(timelocked, 4)) > x.n;
	c.t->sealed += x.n;
	c.t->alarms += story_logged(s, "hotkey.");
	c.t->mismatches += story_logged(s, "consensus.differs");
	c.t->compared += story_logged(s, "reveal.compared");
	c.t->mispredicted += story_logged(s, "reveal.compared") - story_logged(s, " off=0 ");
	c.t->beyond += story_logged(s, "unusual reveal.compared");
}

static void tell(uint64_t seed, bool timelock, tally *t)
{
	const uint8_t bytes[32] = {(uint8_t)seed, (uint8_t)(seed >> 8), (uint8_t)(seed >> 16), 3};
	assay_err e = {0};
	c = (campaign){.seed = seed, .calm_from = UINT64_MAX, .t = t};
	asy_seeded_rng_init(&c.rng, bytes);
	ck_ok(asy_store_fault_vfs(&disk, &e), e);
	story *s = story_new(STORY_TEMPO, LAG, "", timelock ? STORY_TIMELOCK : "");
	s->iface.send = send_with_version;
	s->log.least = ASY_INFO;
	s->script = script;
	story_store(s, "assay-fault");
	while (s->w.node->ledger->head < EPOCHS_A_STORY * STORY_TEMPO)
		one_life(s);
	c.calm_from = s->w.node->ledger->head;
	c.life = DOWN;
	s->stop_at = c.calm_from + 120;
	story_ok(s, 1);
	judge(s);
	t->epochs += s->w.node->ledger->head / STORY_TEMPO;
	story_free(s);
}

/* ---- many at once: a story waits most of its time ---- */

static uint64_t number_of(const char *name, uint64_t otherwise)
{
	const char *text = getenv(name);
	return text != NULL ? strtoull(text, NULL, 10) : otherwise;
}

static void live(unsigned k, uint64_t epochs, bool timelock, tally *t)
{
	uint64_t first = number_of("ASSAY_TEST_SEED", 1);
	for (uint64_t i = 0; t->epochs < epochs; i++)
		tell(first + k * 1000 + i, timelock, t);
}

static void add(tally *sum, const tally *t)
{
	uint64_t *to = (uint64_t *)sum;
	const uint64_t *from = (const uint64_t *)t;
	for (size_t i = 0; i < sizeof *sum / sizeof *to; i++)
		to[i] += from[i];
}

static void show(const char *name, const tally *t)
{
	(void)printf("%-9s epochs %" PRIu64 ", sealed %" PRIu64 ", counted %" PRIu64 ", missed %" PRIu64
				 " (window %" PRIu64 ", reorganised %" PRIu64 ", pulse %" PRIu64
				 "), ended unsent %" PRIu64 "\n",
				 name, t->epochs, t->sealed, t->counted, t->missed, t->by_window, t->by_reorg,
				 t->by_pulse, t->unsent);
	(void)printf("          lives: down %" PRIu64 ", kills %" PRIu64 ", disk full %" PRIu64
				 ", refused %" PRIu64 ", upgrade %" PRIu64 ", reorganisation %" PRIu64
				 "; blocks without pulse %" PRIu64 ", clock jumps %" PRIu64 ", late epochs %" PRIu64
				 "\n",
				 t->lives[DOWN], t->lives[KILLS], t->lives[FULL], t->lives[REFUSED],
				 t->lives[UPGRADE], t->lives[REORG], t->held, t->jumps, t->late_epochs);
	(void)printf("          twice %" PRIu64 ", lost and not forced %" PRIu64
				 ", without a cause %" PRIu64 ", false alarms %" PRIu64
				 ", epochs that differ %" PRIu64 "; reveal blocks compared %" PRIu64
				 ", mispredicted %" PRIu64 ", by more than was said %" PRIu64 "\n",
				 t->twice, t->unforced, t->unexplained, t->alarms, t->mismatches, t->compared,
				 t->mispredicted, t->beyond);
	(void)fflush(stdout);
}

static void run(const char *name, bool timelock)
{
	const char *only = getenv("ASSAY_TEST_CAMPAIGN_SCHEME");
	uint64_t n = number_of("ASSAY_TEST_CAMPAIGN_PROCESSES", PROCESSES_SHORT);
	uint64_t epochs = number_of("ASSAY_TEST_CAMPAIGN_EPOCHS", EPOCHS_SHORT);
	tally sum = {0};
	pid_t pid[256];
	ck_assert(n >= 1 && n <= ASY_COUNT(pid));
	tally *all =
		mmap(NULL, n * sizeof *all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	ck_assert(all != MAP_FAILED);
	if (only != NULL && strcmp(only, name) != 0)
		return;
	(void)fflush(stdout);
	for (unsigned k = 0; k < n; k++) {
		pid[k] = fork();
		ck_assert_int_ge(pid[k], 0);
		if (pid[k] == 0) {
			live(k, (epochs + n - 1) / n, timelock, &all[k]);
			(void)fflush(stdout);
			_exit(0);
		}
	}
	int failed = 0;
	for (unsigned k = 0; k < n; k++) {
		int status = 0;
		ck_assert_int_eq(waitpid(pid[k], &status, 0), pid[k]);
		failed += status != 0;
		add(&sum, &all[k]);
	}
	show(name, &sum);
	ck_assert_int_eq(failed, 0);
	ck_assert_uint_eq(sum.twice + sum.unforced + sum.unexplained + sum.alarms + sum.mismatches, 0);
	ck_assert_uint_gt(sum.counted, 0);
	ck_assert_int_eq(munmap(all, n * sizeof *all), 0);
}

START_TEST(test_campaign_by_hash_loses_and_doubles_nothing)
{
	run("hash", false);
}
END_TEST

START_TEST(test_campaign_by_timelock_loses_and_doubles_nothing)
{
	run("timelock", true);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_campaign_by_hash_loses_and_doubles_nothing);
	tcase_add_test(tc, test_campaign_by_timelock_loses_and_doubles_nothing);
}

int main(void)
{
	return test_main("validator-campaign", fill,
					 (double)number_of("ASSAY_TEST_CAMPAIGN_SECONDS", 150));
}
