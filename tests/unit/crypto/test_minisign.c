/* Signatures that minisign 0.11 made are believed, and nothing that was changed. */
#include "crypto/crypto.h"
#include "support/test.h"

static const char *const file = "bytes that were signed\n";
static const char *const key_text = "untrusted comment: minisign public key BE67B3C07FABE563\n"
									"RWRj5at/wLNnvonHtq2j5iPDdWS2gzxzyD+5v5+KSY+1EjjP8HhY+1nO\n";
static const char *const other_text = "untrusted comment: minisign public key B09EE3D19455B361\n"
									  "RWRhs1WU0eOesMzPkrpNBbRgSy4qAghR+opTGqYuTii3mzLp+73DLyA7\n";
static const char *const sig_text =
	"untrusted comment: signature from minisign secret key\n"
	"RURj5at/wLNnvp/dwCsaPbCHuqMZ7FjwQ0vb6Yr5YeipscNe7+BliHFNtezrLdMvWFBwBD2/"
	"2xxb1G6pKd0CAxxlk+a514Iisw8=\n"
	"trusted comment: assay-plugin id=org.example.length version=1.0.0 abi=1\n"
	"YScKbxc2JxBxwbbOjS9HGL7jbfYfwa4+EeRgH7vEU1tvbXikEeUFo2yOs4M2hnLfHzOwlDunl2MUT1iPKpOrAg==\n";
static const char *const legacy_text =
	"untrusted comment: signature from minisign secret key\n"
	"RWRj5at/"
	"wLNnvjqRWswuzYvfpBPl8axJYR1JdB1QkNW7ybAukO2lkWF1KTaexaqiWyjthB5sJXYXzDLV0Ll7glaeyPT++ru+VgY=\n"
	"trusted comment: timestamp:1796072693	file:file\n"
	"9GV9ofWgyW6v53BsAWqBqoKMmoTJdxkNY7gOj8VrlNdmeoVfwx7mj2OeCOTcOJL55PjJlhXl6EhS99mX4h28Cg==\n";

static assay_status check(const char *bytes, const char *sig, const char *key, assay_err *err)
{
	asy_minisign s;
	asy_minisign_key k;
	uint8_t digest[64];
	asy_blake2b(bytes, strlen(bytes), digest, sizeof digest);
	TRY(asy_crypto_init(err));
	TRY(asy_minisign_read(asy_span_str(sig), &s, err));
	TRY(asy_minisign_key_read(asy_span_str(key), &k, err));
	return asy_minisign_verify(&s, &k, digest, err);
}

START_TEST(test_minisign_when_made_by_the_program_then_believed)
{
	assay_err e;
	asy_minisign s;
	asy_minisign_key k;
	char id[ASY_MINISIGN_ID_TEXT];
	ck_ok(check(file, sig_text, key_text, &e), e);
	ck_ok(check(file, sig_text, strchr(key_text, '\n') + 1, &e), e);
	ck_ok(asy_minisign_read(asy_span_str(sig_text), &s, &e), e);
	ck_assert_str_eq(s.comment, "assay-plugin id=org.example.length version=1.0.0 abi=1");
	ck_ok(asy_minisign_key_read(asy_span_str(key_text), &k, &e), e);
	asy_minisign_id(k.id, id);
	ck_assert_ptr_nonnull(strstr(key_text, id)); /* as the program prints it */
}
END_TEST

START_TEST(test_minisign_when_other_bytes_key_or_form_then_refused)
{
	assay_err e;
	ck_assert_int_eq(check("bytes that were changed\n", sig_text, key_text, &e), ASSAY_E_CRYPTO);
	ck_assert_int_eq(check(file, sig_text, other_text, &e), ASSAY_E_CRYPTO);
	ck_assert_int_eq(check(file, legacy_text, key_text, &e), ASSAY_E_UNSUPPORTED);
	ck_assert_int_eq(check(file, "", key_text, &e), ASSAY_E_FORMAT);
	ck_assert_int_eq(check(file, sig_text, "RW", &e), ASSAY_E_FORMAT);
}
END_TEST

/* The first comment is not covered, which is what its name says. */
START_TEST(test_minisign_when_any_signed_byte_changes_then_refused)
{
	assay_err e;
	char text[1024];
	size_t from = (size_t)(strchr(sig_text, '\n') - sig_text) + 1;
	for (size_t i = from; i + 1 < strlen(sig_text); i++) {
		(void)asy_str_copy(text, sizeof text, sig_text);
		text[i] = text[i] == 'A' ? 'B' : 'A';
		ck_assert_msg(check(file, text, key_text, &e) != ASSAY_OK, "byte %zu", i);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_minisign_when_made_by_the_program_then_believed);
	tcase_add_test(tc, test_minisign_when_other_bytes_key_or_form_then_refused);
	tcase_add_test(tc, test_minisign_when_any_signed_byte_changes_then_refused);
}

int main(void)
{
	return test_main("minisign", fill, 30);
}
