/* Where keys are trusted, only what one of them signed is opened, in both hosts: the bytes
 * that were verified are those that are loaded. */
#include <fcntl.h>
#include <unistd.h>
#include "crypto/crypto.h"
#include "unit/plugin/world.h"

#define PLUGIN ASSAY_BINARY_DIR "/plugins/example-length.so"

typedef struct {
	char dir[64], so[128], sig[160], key[64];
	asy_key *secret;
} signer;

static void write_to(const char *path, const void *bytes, size_t len)
{
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_uint_eq(fwrite(bytes, 1, len, f), len);
	ck_assert_int_eq(fclose(f), 0);
}

/* What minisign -S writes. */
static void sign(const signer *s, const asy_buf *so, const char *comment)
{
	uint8_t digest[64], packed[74] = "EDsigner-8", covered[64 + 256], global[64];
	char first[128], second[128], text[1024];
	assay_err e;
	size_t n = strlen(comment);
	asy_blake2b(so->ptr, so->len, digest, sizeof digest);
	ck_ok(asy_key_sign(s->secret, digest, sizeof digest, asy_sys_rng(), packed + 10, &e), e);
	memcpy(covered, packed + 10, 64);
	memcpy(covered + 64, comment, n);
	ck_ok(asy_key_sign(s->secret, covered, 64 + n, asy_sys_rng(), global, &e), e);
	memset(first, 0, sizeof first);
	memset(second, 0, sizeof second);
	asy_base64_encode(first, asy_span(packed, sizeof packed));
	asy_base64_encode(second, asy_span(global, sizeof global));
	int len = snprintf(text, sizeof text, "untrusted comment: x\n%s\ntrusted comment: %s\n%s\n",
					   first, comment, second);
	write_to(s->sig, text, (size_t)len);
}

/* A plugin's file in the signer's place. */
static void place(const signer *s, const char *from, asy_buf *so)
{
	uint8_t block[65536];
	assay_err e;
	size_t n;
	FILE *f = fopen(from, "r");
	ck_assert_ptr_nonnull(f);
	so->len = 0;
	while ((n = fread(block, 1, sizeof block, f)) > 0)
		ck_ok(asy_buf_add(so, block, n, &e), e);
	(void)fclose(f);
	(void)unlink(s->so);
	write_to(s->so, so->ptr, so->len);
}

static void prepare(signer *s, asy_buf *so)
{
	static const uint8_t seed[32] = {5};
	uint8_t packed[42] = "Edsigner-8";
	assay_err e;
	ck_ok(asy_crypto_init(&e), e);
	(void)snprintf(s->dir, sizeof s->dir, "/tmp/assay-signed.XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(s->dir));
	(void)snprintf(s->so, sizeof s->so, "%s/length.so", s->dir);
	(void)snprintf(s->sig, sizeof s->sig, "%s.minisig", s->so);
	ck_ok(asy_key_from_seed(ASY_KEY_ED25519, seed, &s->secret, &e), e);
	asy_key_public(s->secret, packed + 10);
	memset(s->key, 0, sizeof s->key);
	asy_base64_encode(s->key, asy_span(packed, sizeof packed));
	place(s, PLUGIN, so);
}

static void clear(signer *s, asy_buf *so)
{
	(void)unlink(s->so);
	(void)unlink(s->sig);
	(void)rmdir(s->dir);
	asy_key_free(s->secret);
	asy_buf_fini(so);
}

static void expect(const signer *s, const char *key, assay_status want, const char *part)
{
	const asy_isolation hosts[] = {ASY_ISOLATION_WORKER, ASY_ISOLATION_NONE};
	for (size_t i = 0; i < ASY_COUNT(hosts); i++) {
		world *w = world_new(1);
		asy_plugin *p = NULL;
		asy_plugin_opts o = world_opts(w, s->so, hosts[i]);
		o.trusted = &key;
		o.trusted_n = 1;
		assay_status st = asy_plugin_open(&o, &p, &w->err);
		ck_assert_msg(st == want, "%s, %s: %s", part, assay_status_name(st), w->err.msg);
		if (st != ASSAY_OK)
			ck_assert_msg(strstr(w->err.msg, part) != NULL, "%s: %s", part, w->err.msg);
		else
			ck_assert_uint_eq(strlen(asy_plugin_info(p)->signed_by), 16);
		asy_plugin_close(p);
		free(w);
	}
}

START_TEST(test_open_when_keys_are_trusted_then_only_what_they_signed)
{
	signer s;
	asy_buf so = {0};
	prepare(&s, &so);
	expect(&s, s.key, ASSAY_E_REFUSED, "not signed");
	sign(&s, &so, "anything");
	expect(&s, s.key, ASSAY_OK, "");
	expect(&s, "RWRj5at/wLNnvonHtq2j5iPDdWS2gzxzyD+5v5+KSY+1EjjP8HhY+1nO", ASSAY_E_REFUSED,
		   "not trusted");
	expect(&s, "RW", ASSAY_E_CONFIG, "trusted key 1");
	sign(&s, &so, "assay-plugin id=org.example.length version=1.0.0 abi=1");
	expect(&s, s.key, ASSAY_OK, "");
	sign(&s, &so, "assay-plugin id=org.example.length version=2.0.0 abi=1");
	expect(&s, s.key, ASSAY_E_REFUSED, "but was signed as");
	sign(&s, &so, "assay-plugin id=org.example.width version=1.0.0 abi=1");
	expect(&s, s.key, ASSAY_E_REFUSED, "but was signed as");
	so.ptr[so.len - 1] ^= 1;
	sign(&s, &so, "anything");
	expect(&s, s.key, ASSAY_E_REFUSED, "of other bytes");
	clear(&s, &so);
}
END_TEST

static void expect_id(const signer *s, asy_isolation host, const char *want)
{
	const char *const key = s->key;
	world *w = world_new(1);
	asy_plugin *p = NULL;
	asy_plugin_opts o = world_opts(w, s->so, host);
	o.trusted = &key;
	o.trusted_n = 1;
	ck_ok(asy_plugin_open(&o, &p, &w->err), w->err);
	ck_assert_str_eq(asy_plugin_info(p)->id, want);
	asy_plugin_close(p);
	free(w);
}

/* A library is never unloaded, and the loader knows it by its name: a name that is used again
 * would be the first one's code. */
START_TEST(test_open_when_another_signed_file_follows_then_it_is_loaded)
{
	const asy_isolation hosts[] = {ASY_ISOLATION_WORKER, ASY_ISOLATION_NONE};
	signer s;
	asy_buf so = {0};
	prepare(&s, &so);
	for (size_t i = 0; i < ASY_COUNT(hosts); i++) {
		place(&s, PLUGIN, &so);
		sign(&s, &so, "anything");
		expect_id(&s, hosts[i], "org.example.length");
		place(&s, TRICK_WHOLE, &so);
		sign(&s, &so, "anything");
		expect_id(&s, hosts[i], "test.assay.trick-whole");
	}
	clear(&s, &so);
}
END_TEST

START_TEST(test_open_when_a_key_is_no_key_then_said_wherever_it_stands)
{
	signer s;
	asy_buf so = {0};
	prepare(&s, &so);
	sign(&s, &so, "anything");
	const char *const keys[] = {s.key, "RW"};
	world *w = world_new(1);
	asy_plugin *p = NULL;
	asy_plugin_opts o = world_opts(w, s.so, ASY_ISOLATION_WORKER);
	o.trusted = keys;
	o.trusted_n = ASY_COUNT(keys);
	ck_assert_int_eq(asy_plugin_open(&o, &p, &w->err), ASSAY_E_CONFIG);
	ck_assert_msg(strstr(w->err.msg, "trusted key 2") != NULL, "%s", w->err.msg);
	free(w);
	clear(&s, &so);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_open_when_keys_are_trusted_then_only_what_they_signed);
	tcase_add_test(tc, test_open_when_another_signed_file_follows_then_it_is_loaded);
	tcase_add_test(tc, test_open_when_a_key_is_no_key_then_said_wherever_it_stands);
}

int main(void)
{
	return test_main("plugin_signed", fill, 60);
}
