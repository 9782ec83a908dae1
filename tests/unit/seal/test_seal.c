/* Sealing: what is frozen is what is hashed and what comes back from the store. */
#include "support/test.h"
#include "crypto/crypto.h"
#include "seal/seal.h"

static const uint16_t uids[] = {4, 0, 9}, values[] = {7, 65535, 0};
static const asy_seal_input input = {{{1}}, 3, 2, uids, values, 3, 10002000};

static asy_opening *sealed(uint8_t seed_byte, asy_buf *commitment)
{
	const uint8_t seed[32] = {seed_byte};
	asy_seeded_rng rng;
	asy_opening *o = NULL;
	assay_err err;
	asy_seeded_rng_init(&rng, seed);
	ck_ok(asy_seal(ASY_SEAL_HASH, &input, &rng.iface, &o, commitment, &err), err);
	return o;
}

START_TEST(test_seal_then_opening_holds_the_vector_and_the_hash)
{
	asy_buf c = {0};
	asy_opening *o = sealed(1, &c);
	asy_hash again;
	assay_err err;
	ck_assert_uint_eq(c.len, 32);
	ck_assert_mem_eq(c.ptr, o->commit_hash.b, 32);
	ck_assert_uint_eq(o->n, 3);
	ck_assert_mem_eq(o->uids, uids, sizeof uids);
	ck_assert_mem_eq(o->values, values, sizeof values);
	ck_assert_uint_eq(o->salt_n, ASY_SEAL_SALT_LEN);
	ck_ok(asy_seal_hash(&input, o->salt, o->salt_n, &again, &err), err);
	ck_assert(asy_hash_eq(&again, &o->commit_hash));
	asy_opening_free(o);
	asy_buf_fini(&c);
}
END_TEST

START_TEST(test_same_entropy_then_same_commitment_and_other_then_other)
{
	asy_buf a = {0}, b = {0}, c = {0};
	asy_opening_free(sealed(1, &a));
	asy_opening_free(sealed(1, &b));
	asy_opening_free(sealed(2, &c));
	ck_assert(asy_span_eq(asy_buf_span(&a), asy_buf_span(&b)));
	ck_assert(!asy_span_eq(asy_buf_span(&a), asy_buf_span(&c)));
	asy_buf_fini(&a);
	asy_buf_fini(&b);
	asy_buf_fini(&c);
}
END_TEST

START_TEST(test_vectors_the_chain_would_refuse_then_refused_before_the_commit)
{
	const uint16_t twice[] = {4, 4}, zero[] = {0, 0, 0};
	const uint8_t seed[32] = {1};
	asy_seeded_rng rng;
	asy_opening *o = NULL;
	asy_buf c = {0};
	assay_err err;
	asy_seeded_rng_init(&rng, seed);
	asy_seal_input in = input;
	in.n = 0;
	ck_assert_int_eq(asy_seal(ASY_SEAL_HASH, &in, &rng.iface, &o, &c, &err), ASSAY_E_EMPTY);
	in.n = 2;
	in.uids = twice;
	ck_assert_int_eq(asy_seal(ASY_SEAL_HASH, &in, &rng.iface, &o, &c, &err), ASSAY_E_INPUT);
	in = input;
	in.values = zero;
	ck_assert_int_eq(asy_seal(ASY_SEAL_HASH, &in, &rng.iface, &o, &c, &err), ASSAY_E_INPUT);
	in = input;
	in.mecid = 16;
	ck_assert_int_eq(asy_seal(ASY_SEAL_HASH, &in, &rng.iface, &o, &c, &err), ASSAY_E_RANGE);
	ck_assert_int_eq(asy_seal(ASY_SEAL_TIMELOCK, &input, &rng.iface, &o, &c, &err),
					 ASSAY_E_UNSUPPORTED);
	ck_assert_ptr_null(o);
	ck_assert_uint_eq(c.len, 0);
	asy_buf_fini(&c);
}
END_TEST

START_TEST(test_opening_stored_and_read_then_equal_and_any_change_is_noticed)
{
	asy_buf c = {0}, bytes = {0}, again = {0};
	asy_opening *o = sealed(3, &c), *back = NULL;
	assay_err err;
	ck_ok(asy_opening_encode(o, &bytes, &err), err);
	ck_ok(asy_opening_decode(asy_buf_span(&bytes), &back, &err), err);
	ck_ok(asy_opening_encode(back, &again, &err), err);
	ck_assert(asy_span_eq(asy_buf_span(&bytes), asy_buf_span(&again)));
	asy_opening_free(back);
	back = NULL;
	for (size_t i = 0; i < bytes.len; i++) {
		bytes.ptr[i] ^= 0x10;
		ck_assert_int_ne(asy_opening_decode(asy_buf_span(&bytes), &back, &err), ASSAY_OK);
		bytes.ptr[i] ^= 0x10;
		ck_assert_int_ne(asy_opening_decode(asy_span(bytes.ptr, i), &back, &err), ASSAY_OK);
	}
	asy_opening_free(o);
	asy_buf_fini(&again);
	asy_buf_fini(&bytes);
	asy_buf_fini(&c);
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_seal_then_opening_holds_the_vector_and_the_hash);
	tcase_add_test(tc, test_same_entropy_then_same_commitment_and_other_then_other);
	tcase_add_test(tc, test_vectors_the_chain_would_refuse_then_refused_before_the_commit);
	tcase_add_test(tc, test_opening_stored_and_read_then_equal_and_any_change_is_noticed);
}

int main(void)
{
	return test_main("seal", cases, 30);
}
