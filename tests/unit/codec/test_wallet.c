/* Key files: every form that exists is opened or refused with its remedy, and no
 * sentence carries a secret. The published files are run by the golden suite. */
#include "codec/codec.h"
#include "support/test.h"

#define SEED "0xfac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e"
#define PUBLIC "0x46ebddef8cd9bb167dc30878d7113b7e168e6f0646beffd77d69d39bad76b47a"
#define ADDRESS "5DfhGyQdFobKM8NsWvEeAKk5EQQgYe9AydgJ7rMB6E1EqRzV"
#define PHRASE "bottom drive obey lake curtain smoke basket hold race lonely fit walk"
#define OTHER "0xd43593c715fdd31c61141abd04a99fd6822c8558854ccde39a5684e7a56da27d"

static assay_status load_with(const char *text, const char *password, assay_err *e)
{
	asy_key *k = NULL;
	uint8_t id[32], want[32];
	ck_ok(asy_crypto_init(e), *e);
	assay_status st = asy_wallet_load(asy_span_str(text), password, NULL, &k, e);
	if (st == ASSAY_OK) {
		asy_key_public(k, id);
		ck_assert(asy_hex_decode(PUBLIC, want, 32));
		ck_assert_mem_eq(id, want, 32);
	} else {
		ck_assert_ptr_null(k);
		ck_assert_ptr_null(strstr(e->msg, "fac7959d"));
		ck_assert_ptr_null(strstr(e->msg, "bottom"));
	}
	asy_key_free(k);
	return st;
}

static assay_status load(const char *text, assay_err *e)
{
	return load_with(text, NULL, e);
}

START_TEST(test_wallet_when_any_honest_form_then_loaded)
{
	static const char *const good[] = {
		"{\"secretSeed\":\"" SEED "\"}",
		"{\"secretSeed\":\"0x" SEED "\",\"publicKey\":\"" PUBLIC "\"}",
		"{\"secretSeed\":\"fac7959dbfe72f052e5a0c3c8d6530f202b02fd8f9f5ca3580ec8deb7797479e\","
		"\"accountId\":null}",
		"{\"secretPhrase\":\"" PHRASE "\",\"ss58Address\":\"" ADDRESS "\"}",
		" {\"unknown\":{\"x\":[1]},\"secretSeed\":\"" SEED "\",\"ss58Address\":\"" ADDRESS "\"}\n",
		"{\"privateKey\":"
		"\"0x05d65584630d16cd4af6d0bec10f34bb504a5dcb62dba2122d49f5a663763d0afd190cce74df356432b410"
		"bd64682309d6dedb27c76845daf388557cbac3ca34\",\"ss58Address\":\"" ADDRESS "\"}"};
	assay_err e;
	for (size_t i = 0; i < ASY_COUNT(good); i++)
		ck_ok(load(good[i], &e), e);
}
END_TEST

START_TEST(test_wallet_when_wrong_then_refused_with_cause)
{
	static const struct {
		const char *text;
		assay_status st;
		const char *says;
	} bad[] = {
		{"", ASSAY_E_FORMAT, "neither"},
		{"{\"secretSeed\":\"" SEED "\"", ASSAY_E_FORMAT, "neither"},
		{"[]", ASSAY_E_FORMAT, "not a JSON object"},
		{"{}", ASSAY_E_INPUT, "no secret"},
		{PUBLIC, ASSAY_E_INPUT, "public key"},
		{"{\"secretSeed\":\"" SEED "\",\"publicKey\":\"" OTHER "\"}", ASSAY_E_CRYPTO, "publicKey"},
		{"{\"secretSeed\":\"" SEED "\",\"publicKey\":\"" PUBLIC "\",\"accountId\":\"" OTHER "\"}",
		 ASSAY_E_CRYPTO, "accountId"},
		{"{\"secretSeed\":5}", ASSAY_E_INPUT, "secretSeed: not a string"},
		{"{\"secretSeed\":\"0xfac7\"}", ASSAY_E_FORMAT, "secretSeed"},
		{"{\"secretPhrase\":\"legal winner thank year wave sausage worth useful legal winner thank "
		 "yellow\"}",
		 ASSAY_E_UNSUPPORTED, "word list"},
		{"{\"secretPhrase\":\"//Alice\"}", ASSAY_E_FORMAT, "mnemonic"},
		{"{\"privateKey\":\"0x00\"}", ASSAY_E_INPUT, "stands alone"},
		{"{\"secretSeed\":\"" SEED "\",\"secretSeed\":\"" SEED "\"}", ASSAY_E_FORMAT, "neither"},
		{"$NACLxxxxxxxx", ASSAY_E_INPUT, "no password"},
		{"$ANSIBLE_VAULT;1.1;AES256\n00", ASSAY_E_INPUT, "no password"},
		{"gAAAAABl", ASSAY_E_INPUT, "no password"},
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		assay_err e = {0};
		ck_assert_msg(load(bad[i].text, &e) == bad[i].st, "%s: %s", bad[i].text, e.msg);
		ck_assert_msg(strstr(e.msg, bad[i].says) != NULL, "%s: %s", bad[i].text, e.msg);
	}
}
END_TEST

/* What is no whole file of its form is refused before the password is stretched. */
START_TEST(test_wallet_when_an_old_form_is_cut_then_refused_with_cause)
{
	static const struct {
		const char *text;
		assay_status st;
		const char *says;
	} bad[] = {
		{"$ANSIBLE_VAULT", ASSAY_E_UNSUPPORTED, "version 1.1"},
		{"$ANSIBLE_VAULT;1.2;AES256;x\n00", ASSAY_E_UNSUPPORTED, "version 1.1"},
		{"$ANSIBLE_VAULT;1.1;AES256\n", ASSAY_E_FORMAT, "lines"},
		{"$ANSIBLE_VAULT;1.1;AES256\nzz", ASSAY_E_FORMAT, "lines"},
		{"$ANSIBLE_VAULT;1.1;AES256\n3030\n", ASSAY_E_FORMAT, "lines"},
		{"$ANSIBLE_VAULT;1.1;AES256\n30300a30300a3030", ASSAY_E_FORMAT, "lines"},
		{"gAAAAA", ASSAY_E_FORMAT, "token"},
		{"gAAAAABlU_EA-xNBasQ41-s5h00kLdC9", ASSAY_E_FORMAT, "token"},
		{"gAAAAABl+/==", ASSAY_E_FORMAT, "token"},
	};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		assay_err e = {0};
		ck_assert_msg(load_with(bad[i].text, "x", &e) == bad[i].st, "%s: %s", bad[i].text, e.msg);
		ck_assert_msg(strstr(e.msg, bad[i].says) != NULL, "%s: %s", bad[i].text, e.msg);
	}
}
END_TEST

START_TEST(test_wallet_when_readable_by_others_then_refused)
{
	assay_err e;
	ck_ok(asy_wallet_check_mode("h", 0100600, &e), e);
	ck_ok(asy_wallet_check_mode("h", 0100400, &e), e);
	ck_assert_int_eq(asy_wallet_check_mode("h", 0100640, &e), ASSAY_E_REFUSED);
	ck_assert_int_eq(asy_wallet_check_mode("h", 0100604, &e), ASSAY_E_REFUSED);
	ck_assert_str_eq(e.msg,
					 "h holds a secret key but its mode 604 lets others in; run: chmod 600 h");
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_wallet_when_any_honest_form_then_loaded);
	tcase_add_test(tc, test_wallet_when_wrong_then_refused_with_cause);
	tcase_add_test(tc, test_wallet_when_an_old_form_is_cut_then_refused_with_cause);
	tcase_add_test(tc, test_wallet_when_readable_by_others_then_refused);
}

int main(void)
{
	return test_main("codec.wallet", fill, 30);
}
