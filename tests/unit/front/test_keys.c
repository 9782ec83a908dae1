/* Where a configuration may say that the hotkey is, and what a user is told when it is not
 * there: each wrong file has its own sentence, and none is given a remedy that would do harm. */
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>
#include "front/front.h"
#include "support/test.h"

/* The public development key //Alice. */
#define SEED "0xe5be9a5092b81bca64be81d212e7f2f9eba183bb7a90954f7b76361f6edb5c0a"
#define ALICE "5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY"

static char dir[] = "/tmp/assay-front-XXXXXX";

static const char *in_dir(const char *name)
{
	static char path[8][256];
	static unsigned next;
	char *p = path[next++ % 8];
	(void)snprintf(p, sizeof path[0], "%s/%s", dir, name);
	return p;
}

static void put(const char *name, const char *text, unsigned mode)
{
	FILE *f = fopen(in_dir(name), "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text, f), 0);
	ck_assert_int_eq(fclose(f), 0);
	ck_assert_int_eq(chmod(in_dir(name), mode), 0);
}

static void set_up(void)
{
	assay_err err = {0};
	ck_ok(asy_crypto_init(&err), err);
	ck_assert_ptr_nonnull(mkdtemp(dir));
	static const char *const folders[] = {"home", "home/.bittensor", "home/.bittensor/wallets",
										  "home/.bittensor/wallets/val",
										  "home/.bittensor/wallets/val/hotkeys"};
	for (size_t i = 0; i < ASY_COUNT(folders); i++)
		ck_assert_int_eq(mkdir(in_dir(folders[i]), 0700), 0);
	put("home/.bittensor/wallets/val/hotkeys/default", "{\"secretSeed\":\"" SEED "\"}", 0600);
	put("home/.bittensor/wallets/val/hotkeys/second", "{\"secretSeed\":\"" SEED "\"}", 0600);
	put("home/.bittensor/wallets/val/coldkey", "{\"secretSeed\":\"" SEED "\"}", 0600);
	ck_assert_int_eq(setenv("HOME", in_dir("home"), 1), 0);
	(void)unsetenv("ASSAY_WALLET_PASSWORD");
}

static void tear_down(void)
{
	char command[300];
	(void)snprintf(command, sizeof command, "rm -rf '%s'", dir);
	ck_assert_int_eq(system(command), 0);
}

/* hotkey, name and path of the wallet, each NULL where not set. */
static assay_status load(const char *hotkey, const char *name, const char *path, asy_key **key,
						 assay_err *err)
{
	asy_options o = {.wallet = {.hotkey = hotkey, .name = name, .path = path}};
	return asy_front_load_key(in_dir("assayd.json"), &o, key, err);
}

static void right_for(const char *hotkey, const char *name, const char *path, const char *address)
{
	asy_key *key = NULL;
	assay_err err = {0};
	uint8_t id[32];
	char ss58[ASY_SS58_LEN];
	ck_ok(load(hotkey, name, path, &key, &err), err);
	asy_key_public(key, id);
	asy_ss58_encode(id, ss58);
	ck_assert_str_eq(ss58, address);
	asy_key_free(key);
}

static void right(const char *hotkey, const char *name, const char *path)
{
	right_for(hotkey, name, path, ALICE);
}

static void wrong(const char *hotkey, const char *name, const char *path, const char *says)
{
	asy_key *key = NULL;
	assay_err err = {0};
	ck_assert_int_ne(load(hotkey, name, path, &key, &err), ASSAY_OK);
	ck_assert_msg(strstr(err.msg, says) != NULL, "wanted '%s', got '%s'", says, err.msg);
	ck_assert_msg(strncmp(err.msg, "wallet.hotkey", 13) == 0, "%s", err.msg);
	ck_assert_ptr_null(key);
}

START_TEST(test_key_when_named_as_file_or_by_layout_then_loaded)
{
	right(in_dir("home/.bittensor/wallets/val/hotkeys/default"), NULL, NULL);
	right("home/.bittensor/wallets/val/hotkeys/second", NULL, NULL); /* beside the configuration */
	right("~/.bittensor/wallets/val/hotkeys/second", NULL, NULL);
	right(NULL, "val", NULL);
	right("second", "val", NULL);
	right("second", "val", "~/.bittensor/wallets");
	right("second", "val", "home/.bittensor/wallets/");
}
END_TEST

START_TEST(test_key_when_file_is_another_thing_then_sentence_says_which)
{
	put("note", "hello\n", 0644);
	put("empty", "", 0600);
	put("package.json", "{\"name\": \"x\"}", 0644);
	put("sealed", "$NACLxxxxxxxx", 0600);
	put("open", "{\"secretSeed\":\"" SEED "\"}", 0644);
	put("pub.txt", "0x0000000000000000000000000000000000000000000000000000000000000001", 0644);
	ck_assert_int_eq(mkfifo(in_dir("pipe"), 0600), 0);
	wrong("note", NULL, NULL, "not a key file; wallet programs write");
	wrong("/bin/sh", NULL, NULL, "not a key file");
	wrong("empty", NULL, NULL, "the file is empty");
	wrong("package.json", NULL, NULL, "holds no secret");
	wrong("sealed", NULL, NULL, "ASSAY_WALLET_PASSWORD");
	wrong("pub.txt", NULL, NULL, "only a public key");
	wrong("pipe", NULL, NULL, "not a plain file");
	wrong("/dev/zero", NULL, NULL, "not a plain file");
	wrong("home", NULL, NULL, "this is a folder; name the key file in it");
	wrong("~/.bittensor/wallets/val", NULL, NULL, "there is: default, second");
	wrong("~/.bittensor/wallets/val/coldkey", NULL, NULL, "this is a coldkey");
	/* only a real secret gets this remedy */
	wrong("open", NULL, NULL, "chmod 600");
}
END_TEST

START_TEST(test_key_when_missing_then_sentence_names_what_there_is)
{
	wrong("nowhere", NULL, NULL, "no such file");
	wrong("note/x", NULL, NULL, "no such file");
	wrong("third", "val", NULL, "no such hotkey; in");
	wrong("third", "val", NULL, "there is: default, second");
	wrong(NULL, "vla", NULL, "there is: val");
	wrong(NULL, "val", "/nowhere", "/nowhere, does not exist; set wallet.path");
	wrong("~bob/key", NULL, NULL, "only ~/ is understood");
	(void)unsetenv("HOME");
	wrong(NULL, "val", NULL, "HOME is not set");
}
END_TEST

START_TEST(test_key_when_sealed_and_password_wrong_then_names_where_it_came_from)
{
	put("sealed", "$NACLxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", 0600);
	ck_assert_int_eq(setenv("ASSAY_WALLET_PASSWORD", "wrong", 1), 0);
	wrong("sealed", NULL, NULL, "opened with ASSAY_WALLET_PASSWORD");
}
END_TEST

/* The key of a public test phrase, with the address that other programs derive. */
#define PHRASE "legal winner thank year wave sausage worth useful legal winner thank yellow"
#define PHRASE_KEY "5EHgWw2Af1pnoc7f1A8bfmM97W3DAYW8xr82RfhLL9oAabAe"

START_TEST(test_key_when_file_holds_only_a_phrase_then_loaded_or_package_named)
{
	put("phrase", "{\"secretPhrase\":\"" PHRASE "\",\"ss58Address\":\"" PHRASE_KEY "\"}", 0600);
	put("typo", "{\"secretPhrase\":\"legal winner thank\"}", 0600);
	if (access("/usr/lib/python3/dist-packages/mnemonic/wordlist/english.txt", R_OK) != 0) {
		(void)printf("skipped: phrases, python3-mnemonic is not installed\n");
		wrong("phrase", NULL, NULL, "install the Debian package python3-mnemonic");
		return;
	}
	right_for("phrase", NULL, NULL, PHRASE_KEY);
	wrong("typo", NULL, NULL, "words");
	asy_options o = {.wallet = {.dev_uri = PHRASE}};
	asy_key *key = NULL;
	assay_err err = {0};
	ck_ok(asy_front_load_key("x", &o, &key, &err), err);
	asy_key_free(key);
}
END_TEST

START_TEST(test_password_when_keys_are_loaded_then_gone_from_the_environment)
{
	char *held;
	asy_key *key = NULL;
	assay_err err = {0};
	asy_options dev = {.wallet = {.dev_uri = "//Alice"}};
	ck_assert_int_eq(setenv("ASSAY_WALLET_PASSWORD", "correct horse", 1), 0);
	held = getenv("ASSAY_WALLET_PASSWORD");
	ck_ok(asy_front_load_key("x", &dev, &key, &err), err);
	asy_key_free(key);
	ck_assert_ptr_nonnull(getenv("ASSAY_WALLET_PASSWORD")); /* another key may need it */
	asy_front_forget_password();
	ck_assert_ptr_null(getenv("ASSAY_WALLET_PASSWORD"));
	ck_assert_uint_eq(strlen(held), 0);
	asy_front_forget_password();
}
END_TEST

START_TEST(test_guard_when_called_then_no_core_and_no_debugger)
{
	struct rlimit core = {1, 1};
	assay_err err = {0};
	ck_ok(asy_front_guard_secrets(&err), err);
	ck_assert_int_eq(getrlimit(RLIMIT_CORE, &core), 0);
	ck_assert_uint_eq(core.rlim_max, 0);
#ifndef __SANITIZE_ADDRESS__
	ck_assert_int_eq(prctl(PR_GET_DUMPABLE), 0);
#endif
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_checked_fixture(tc, set_up, tear_down);
	tcase_add_test(tc, test_key_when_named_as_file_or_by_layout_then_loaded);
	tcase_add_test(tc, test_key_when_file_is_another_thing_then_sentence_says_which);
	tcase_add_test(tc, test_key_when_missing_then_sentence_names_what_there_is);
	tcase_add_test(tc, test_key_when_sealed_and_password_wrong_then_names_where_it_came_from);
	tcase_add_test(tc, test_key_when_file_holds_only_a_phrase_then_loaded_or_package_named);
	tcase_add_test(tc, test_password_when_keys_are_loaded_then_gone_from_the_environment);
	tcase_add_test(tc, test_guard_when_called_then_no_core_and_no_debugger);
}

int main(void)
{
	return test_main("front_keys", fill, 60);
}
