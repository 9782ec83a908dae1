/* Versioned state: what a key held at any remembered block, undo, forgetting. Compared
 * with a plain model over random histories. */
#include "support/test.h"
#include "crypto/crypto.h"
#include "localnet/storage.h"

enum { KEYS = 12, HISTORY = 8, BLOCKS = 60 };

static assay_span key_of(size_t i)
{
	static char k[KEYS][8];
	(void)snprintf(k[i], sizeof k[i], "%c/%03zu", (char)('a' + (int)(i % 3)), i);
	return asy_span_str(k[i]);
}

typedef struct {
	int value[KEYS]; /* -1 = absent */
} model;

static void expect(const lnet_state *s, uint64_t block, const model *m)
{
	for (size_t k = 0; k < KEYS; k++) {
		assay_span v;
		bool have = asy_lnet_state_get_at(s, block, key_of(k), &v);
		ck_assert_int_eq(have, m->value[k] >= 0);
		if (have)
			ck_assert(v.len == 1 && v.ptr[0] == (uint8_t)m->value[k]);
	}
}

static void mutate(lnet_state *s, model *m, test_rng *r)
{
	size_t k = test_below(r, KEYS);
	uint8_t b = (uint8_t)test_below(r, 250);
	if (test_below(r, 4) == 0) {
		asy_lnet_state_del(s, key_of(k));
		m->value[k] = -1;
	} else {
		asy_lnet_state_put(s, key_of(k), asy_span(&b, 1));
		m->value[k] = b;
	}
}

START_TEST(test_state_when_read_at_any_remembered_block_then_equals_the_model)
{
	test_rng r = {test_seed()};
	static model at[BLOCKS + 1];
	model now;
	uint8_t root[32];
	assay_err err;
	lnet_state *s = asy_lnet_state_new(HISTORY);
	ck_assert_ptr_nonnull(s);
	memset(&now, 0xff, sizeof now);
	for (uint64_t b = 0; b < BLOCKS; b++) {
		for (size_t i = test_below(&r, 8); i > 0; i--)
			mutate(s, &now, &r);
		model before = now;
		size_t mark = asy_lnet_state_mark(s);
		for (size_t i = test_below(&r, 6); i > 0; i--)
			mutate(s, &now, &r);
		if (test_below(&r, 2) == 0) {
			asy_lnet_state_rollback(s, mark);
			now = before;
		}
		expect(s, asy_lnet_state_block(s), &now);
		at[b] = now;
		ck_ok(asy_lnet_state_seal(s, root, &err), err);
		ck_assert_uint_eq(asy_lnet_state_block(s), b + 1);
		for (uint64_t o = asy_lnet_state_oldest(s); o <= b; o++)
			expect(s, o, &at[o]);
	}
	ck_assert_uint_le(asy_lnet_state_keys_n(s), KEYS);
	asy_lnet_state_free(s);
}
END_TEST

typedef struct {
	size_t n;
	char last[16];
	bool sorted;
} walk;

static bool visit(void *arg, assay_span key, assay_span value)
{
	walk *w = arg;
	char k[16] = {0};
	(void)value;
	memcpy(k, key.ptr, key.len);
	w->sorted = w->sorted && strcmp(w->last, k) < 0;
	(void)asy_str_copy(w->last, sizeof w->last, k);
	w->n++;
	return true;
}

START_TEST(test_scan_when_paged_then_visits_the_prefix_in_order_once)
{
	assay_err err;
	uint8_t root[32];
	lnet_state *s = asy_lnet_state_new(4);
	for (size_t k = 0; k < KEYS; k++)
		asy_lnet_state_put(s, key_of(k), asy_span("x", 1));
	asy_lnet_state_del(s, key_of(4));
	ck_ok(asy_lnet_state_seal(s, root, &err), err);
	walk w = {.sorted = true};
	for (size_t page = 0; page < 10; page++) {
		char after[16];
		(void)asy_str_copy(after, sizeof after, w.last);
		asy_lnet_state_scan(s, 0, asy_span_str("b/"), asy_span_str(after), 2, visit, &w);
	}
	ck_assert_uint_eq(w.n, 3);
	ck_assert(w.sorted);
	asy_lnet_state_free(s);
}
END_TEST

START_TEST(test_root_when_the_same_writes_come_in_another_order_then_is_the_same)
{
	assay_err err;
	uint8_t a[32], b[32];
	lnet_state *s = asy_lnet_state_new(4), *t = asy_lnet_state_new(4);
	for (size_t k = 0; k < KEYS; k++) {
		asy_lnet_state_put(s, key_of(k), key_of(k));
		asy_lnet_state_put(t, key_of(KEYS - 1 - k), key_of(KEYS - 1 - k));
	}
	ck_ok(asy_lnet_state_seal(s, a, &err), err);
	ck_ok(asy_lnet_state_seal(t, b, &err), err);
	ck_assert_mem_eq(a, b, 32);
	asy_lnet_state_free(s);
	asy_lnet_state_free(t);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_state_when_read_at_any_remembered_block_then_equals_the_model);
	tcase_add_test(tc, test_scan_when_paged_then_visits_the_prefix_in_order_once);
	tcase_add_test(tc, test_root_when_the_same_writes_come_in_another_order_then_is_the_same);
}

int main(void)
{
	return test_main("localnet_storage", fill, 30);
}
