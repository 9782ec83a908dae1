/* See certificate.h. */
#include <check.h>
#include <openssl/ec.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include "support/certificate.h"

static FILE *file(const char *dir, const char *name, const char *end, const char *mode)
{
	char path[512];
	(void)snprintf(path, sizeof path, "%s/%s.%s", dir, name, end);
	FILE *f = fopen(path, mode);
	ck_assert_msg(f != NULL, "%s", path);
	return f;
}

static void add(X509 *x, X509 *by, int what, const char *value)
{
	X509V3_CTX ctx;
	X509V3_set_ctx_nodb(&ctx);
	X509V3_set_ctx(&ctx, by, x, NULL, NULL, 0);
	X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, &ctx, what, value);
	ck_assert_ptr_nonnull(e);
	ck_assert_int_eq(X509_add_ext(x, e, -1), 1);
	X509_EXTENSION_free(e);
}

static X509 *unsigned_one(const certificate *c, EVP_PKEY *key)
{
	static long serial = 1;
	X509 *x = X509_new();
	X509_NAME *name = X509_get_subject_name(x);
	ck_assert_int_eq(X509_set_version(x, 2), 1);
	ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(x), serial++), 1);
	ck_assert_int_eq(X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC,
												(const unsigned char *)c->name, -1, -1, 0),
					 1);
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notBefore(x), c->from_s));
	ck_assert_ptr_nonnull(X509_gmtime_adj(X509_getm_notAfter(x), c->until_s));
	ck_assert_int_eq(X509_set_pubkey(x, key), 1);
	return x;
}

void certificate_make(const char *dir, const certificate *c, const char *by)
{
	EVP_PKEY *key = EVP_EC_gen("P-256"), *by_key = key;
	X509 *x = unsigned_one(c, key), *by_cert = x;
	if (by != NULL) {
		FILE *f = file(dir, by, "pem", "r"), *k = file(dir, by, "key", "r");
		by_cert = PEM_read_X509(f, NULL, NULL, NULL);
		by_key = PEM_read_PrivateKey(k, NULL, NULL, NULL);
		(void)fclose(f);
		(void)fclose(k);
	}
	ck_assert(by_cert != NULL && by_key != NULL);
	ck_assert_int_eq(X509_set_issuer_name(x, X509_get_subject_name(by_cert)), 1);
	add(x, by_cert, NID_basic_constraints, c->alt == NULL ? "critical,CA:TRUE" : "CA:FALSE");
	if (c->alt != NULL)
		add(x, by_cert, NID_subject_alt_name, c->alt);
	ck_assert_int_gt(X509_sign(x, by_key, EVP_sha256()), 0);
	FILE *f = file(dir, c->name, "pem", "w"), *k = file(dir, c->name, "key", "w");
	ck_assert_int_eq(PEM_write_X509(f, x), 1);
	ck_assert_int_eq(PEM_write_PrivateKey(k, key, NULL, NULL, 0, NULL, NULL), 1);
	ck_assert(fclose(f) == 0 && fclose(k) == 0);
	if (by != NULL) {
		X509_free(by_cert);
		EVP_PKEY_free(by_key);
	}
	X509_free(x);
	EVP_PKEY_free(key);
}
