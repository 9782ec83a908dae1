/* Sealing: what is frozen is what is hashed and what comes back from the store. */
#include "support/test.h"
#include "crypto/crypto.h"
#include "seal/seal.h"

static const uint16_t uids[] = {4, 0, 9}, values[] = {7, 65535, 0};
static const asy_seal_input input = {.hotkey = {{1}},
									 .netuid = 3,
									 .mecid = 2,
									 .uids = uids,
									 .values = values,
									 .n = 3,
									 .version_key = 10002000,
									 .reveal_round = 1000,
									 .beacon_key = asy_test_beacon_key};

static asy_opening *sealed(asy_seal_scheme scheme, uint8_t seed_byte)
{
	const uint8_t seed[32] = {seed_byte};
	asy_seeded_rng rng;
	asy_opening *o = NULL;
	assay_err err;
	asy_seeded_rng_init(&rng, seed);
	ck_ok(asy_seal(scheme, &input, &rng.iface, &o, &err), err);
	return o;
}

static void pulse(uint64_t round, uint8_t signature[ASY_BLS_SIG_LEN])
{
	uint8_t msg[32];
	assay_err err;
	asy_beacon_message(round, msg);
	ck_ok(asy_bls_sign(asy_test_beacon_secret, asy_span(msg, sizeof msg), signature, &err), err);
}

START_TEST(test_seal_then_opening_holds_the_vector_and_the_hash)
{
	asy_opening *o = sealed(ASY_SEAL_HASH, 1);
	asy_hash again;
	assay_err err;
	ck_assert(asy_span_eq(asy_opening_commitment(o), asy_span(o->commit_hash.b, 32)));
	ck_assert_uint_eq(o->n, 3);
	ck_assert_mem_eq(o->uids, uids, sizeof uids);
	ck_assert_mem_eq(o->values, values, sizeof values);
	ck_assert_uint_eq(o->salt_n, ASY_SEAL_SALT_LEN);
	ck_ok(asy_seal_hash(&input, o->salt, o->salt_n, &again, &err), err);
	ck_assert(asy_hash_eq(&again, &o->commit_hash));
	asy_opening_free(o);
}
END_TEST

START_TEST(test_timelock_then_only_the_pulse_of_its_round_opens_it)
{
	asy_opening *o = sealed(ASY_SEAL_TIMELOCK, 1);
	assay_span commitment = asy_opening_commitment(o);
	uint8_t signature[ASY_BLS_SIG_LEN];
	asy_buf plain = {0};
	asy_timelock_vector v;
	assay_err err;
	ck_assert_uint_eq(commitment.len, 33 + 1 + 6 + 1 + 6 + 8 + ASY_TIMELOCK_OVERHEAD);
	ck_assert_uint_eq(o->reveal_round, 1000);
	pulse(1001, signature);
	ck_assert_int_eq(asy_timelock_open(commitment, signature, &plain, &err), ASSAY_E_CRYPTO);
	ck_assert_uint_eq(plain.len, 0);
	pulse(1000, signature);
	ck_ok(asy_timelock_open(commitment, signature, &plain, &err), err);
	ck_ok(asy_timelock_vector_read(asy_buf_span(&plain), &v, &err), err);
	ck_assert(v.has_hotkey && asy_account_eq(&v.hotkey, &input.hotkey));
	ck_assert_uint_eq(v.version_key, input.version_key);
	for (size_t i = 0; i < 3; i++) {
		ck_assert_uint_eq(asy_get_u16le(v.uids.ptr + 2 * i), uids[i]);
		ck_assert_uint_eq(asy_get_u16le(v.values.ptr + 2 * i), values[i]);
	}
	asy_buf_fini(&plain);
	asy_opening_free(o);
}
END_TEST

START_TEST(test_same_entropy_then_same_commitment_and_other_then_other)
{
	for (int scheme = ASY_SEAL_HASH; scheme <= ASY_SEAL_TIMELOCK; scheme++) {
		asy_opening *a = sealed((asy_seal_scheme)scheme, 1),
					*b = sealed((asy_seal_scheme)scheme, 1),
					*c = sealed((asy_seal_scheme)scheme, 2);
		ck_assert(asy_span_eq(asy_opening_commitment(a), asy_opening_commitment(b)));
		ck_assert(!asy_span_eq(asy_opening_commitment(a), asy_opening_commitment(c)));
		asy_opening_free(a);
		asy_opening_free(b);
		asy_opening_free(c);
	}
}
END_TEST

START_TEST(test_self_test_then_this_machine_opens_what_it_seals)
{
	assay_err err;
	ck_ok(asy_timelock_self_test(&err), err);
}
END_TEST

static assay_status refusal(asy_seal_scheme scheme, const asy_seal_input *in)
{
	const uint8_t seed[32] = {1};
	asy_seeded_rng rng;
	asy_opening *o = NULL;
	assay_err err;
	asy_seeded_rng_init(&rng, seed);
	assay_status st = asy_seal(scheme, in, &rng.iface, &o, &err);
	ck_assert_ptr_null(o);
	return st;
}

START_TEST(test_vectors_the_chain_would_refuse_then_refused_before_the_commit)
{
	const uint16_t twice[] = {4, 4}, zero[] = {0, 0, 0};
	for (int scheme = ASY_SEAL_HASH; scheme <= ASY_SEAL_TIMELOCK; scheme++) {
		asy_seal_input in = input;
		in.n = 0;
		ck_assert_int_eq(refusal((asy_seal_scheme)scheme, &in), ASSAY_E_EMPTY);
		in.n = 2;
		in.uids = twice;
		ck_assert_int_eq(refusal((asy_seal_scheme)scheme, &in), ASSAY_E_INPUT);
		in = input;
		in.values = zero;
		ck_assert_int_eq(refusal((asy_seal_scheme)scheme, &in), ASSAY_E_INPUT);
		in = input;
		in.mecid = 16;
		ck_assert_int_eq(refusal((asy_seal_scheme)scheme, &in), ASSAY_E_RANGE);
	}
}
END_TEST

START_TEST(test_timelock_too_long_or_to_no_key_then_refused)
{
	static uint16_t many[1178];
	uint8_t key[ASY_BLS_KEY_LEN] = {0xc0};
	asy_seal_input in = input;
	for (size_t i = 0; i < ASY_COUNT(many); i++)
		many[i] = (uint16_t)i;
	in.uids = in.values = many;
	in.n = ASY_COUNT(many);
	ck_assert_int_eq(refusal(ASY_SEAL_TIMELOCK, &in), ASSAY_E_LIMIT);
	in.n--; /* 5,000 bytes, which is what the chain takes */
	asy_seeded_rng rng;
	asy_opening *o = NULL;
	assay_err err;
	asy_seeded_rng_init(&rng, key);
	ck_ok(asy_seal(ASY_SEAL_TIMELOCK, &in, &rng.iface, &o, &err), err);
	ck_assert_uint_le(asy_opening_commitment(o).len, ASY_SEAL_COMMIT_MAX);
	asy_opening_free(o);
	in = input;
	in.beacon_key = key; /* infinity: everybody could open it */
	ck_assert_int_eq(refusal(ASY_SEAL_TIMELOCK, &in), ASSAY_E_CRYPTO);
	ck_assert_uint_eq(asy_timelock_commit_max(false, 2), ASY_SEAL_COMMIT_MAX);
	ck_assert_uint_eq(asy_timelock_commit_max(true, 3), 10922);
}
END_TEST

START_TEST(test_opening_stored_and_read_then_equal_and_any_change_is_noticed)
{
	for (int scheme = ASY_SEAL_HASH; scheme <= ASY_SEAL_TIMELOCK; scheme++) {
		asy_buf bytes = {0}, again = {0};
		asy_opening *o = sealed((asy_seal_scheme)scheme, 3), *back = NULL;
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
	}
}
END_TEST

static void cases(TCase *tc)
{
	tcase_add_test(tc, test_seal_then_opening_holds_the_vector_and_the_hash);
	tcase_add_test(tc, test_timelock_then_only_the_pulse_of_its_round_opens_it);
	tcase_add_test(tc, test_self_test_then_this_machine_opens_what_it_seals);
	tcase_add_test(tc, test_same_entropy_then_same_commitment_and_other_then_other);
	tcase_add_test(tc, test_vectors_the_chain_would_refuse_then_refused_before_the_commit);
	tcase_add_test(tc, test_timelock_too_long_or_to_no_key_then_refused);
	tcase_add_test(tc, test_opening_stored_and_read_then_equal_and_any_change_is_noticed);
}

int main(void)
{
	return test_main("seal", cases, 30);
}
