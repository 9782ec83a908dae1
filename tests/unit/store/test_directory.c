/* The data directory's own safety: modes, links, and files that vanished. */
#include <sys/stat.h>
#include <unistd.h>
#include "crypto/crypto.h"
#include "scratch.h"

static void begin(asy_store *s)
{
	assay_err err = {0};
	uint64_t id = 0;
	ck_ok(asy_store_round_begin(s, 1, asy_span_str("begin"), &id, &err), err);
}

static unsigned mode_of(const char *dir, const char *name)
{
	char path[128];
	struct stat sb;
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	ck_assert_int_eq(lstat(path, &sb), 0);
	return (unsigned)(sb.st_mode & 0777);
}

static void put_file(const char *dir, const char *name, const char *text_of)
{
	char path[128];
	(void)snprintf(path, sizeof path, "%s/%s", dir, name);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs(text_of, f), 0);
	ck_assert_int_eq(fclose(f), 0);
}

START_TEST(test_open_when_the_umask_is_anything_then_only_the_owner_may_read)
{
	static const mode_t umasks[] = {0, 022, 077, 0777};
	static const char *const files[] = {"assay.db", "assay.db-wal", "assay.db-shm", "lock"};
	for (size_t i = 0; i < ASY_COUNT(umasks); i++) {
		char parent[64], dir[96];
		scratch_make(parent);
		(void)snprintf(dir, sizeof dir, "%s/data", parent);
		mode_t old = umask(umasks[i]);
		asy_store *s = scratch_open(dir);
		begin(s);
		(void)umask(old);
		ck_assert_uint_eq(mode_of(parent, "data"), 0700);
		for (size_t f = 0; f < ASY_COUNT(files); f++)
			ck_assert_uint_eq(mode_of(dir, files[f]), 0600);
		ck_assert(!asy_store_is_open_to_others(s));
		asy_store_close(s);
		scratch_remove(dir);
		scratch_remove(parent);
	}
}
END_TEST

START_TEST(test_open_when_files_or_directory_were_open_then_closed_told_or_refused)
{
	char dir[64], path[128];
	assay_err err = {0};
	asy_store *s = NULL;
	scratch_make(dir);
	asy_store_close(scratch_open(dir));
	(void)snprintf(path, sizeof path, "%s/assay.db", dir);
	ck_assert_int_eq(chmod(path, 0644), 0);
	ck_assert_int_eq(chmod(dir, 0755), 0);
	s = scratch_open(dir);
	ck_assert(asy_store_is_open_to_others(s));
	ck_assert_uint_eq(mode_of(dir, "assay.db"), 0600);
	asy_store_close(s);
	static const mode_t writable[] = {0770, 0702, 0777};
	for (size_t i = 0; i < ASY_COUNT(writable); i++) {
		ck_assert_int_eq(chmod(dir, writable[i]), 0);
		ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), ASSAY_E_IO);
		ck_assert_ptr_nonnull(strstr(err.msg, "chmod 700"));
	}
	ck_assert_int_eq(chmod(dir, 0700), 0);
	scratch_remove(dir);
}
END_TEST

START_TEST(test_open_when_a_link_or_no_file_is_in_the_way_then_refuses)
{
	static const char *const names[] = {"lock", "assay.db", "assay.db-wal"};
	for (size_t i = 0; i < ASY_COUNT(names); i++) {
		char dir[64], elsewhere[64], path[128], target[128];
		assay_err err = {0};
		asy_store *s = NULL;
		struct stat sb;
		scratch_make(dir);
		scratch_make(elsewhere);
		(void)snprintf(path, sizeof path, "%s/%s", dir, names[i]);
		(void)snprintf(target, sizeof target, "%s/victim", elsewhere);
		put_file(elsewhere, "victim", i == 1 ? "" : "precious");
		ck_assert_int_eq(symlink(target, path), 0);
		if (i == 2) /* a log without its database is refused for that */
			put_file(dir, "assay.db", "x");
		ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), ASSAY_E_IO);
		ck_assert_ptr_nonnull(strstr(err.msg, "symbolic link"));
		ck_assert_int_eq(stat(target, &sb), 0);
		ck_assert_int_eq(sb.st_size, i == 1 ? 0 : 8);
		ck_assert_int_eq(unlink(path), 0);
		ck_assert_int_eq(mkfifo(path, 0600), 0); /* does not hang either */
		ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), ASSAY_E_IO);
		ck_assert_ptr_nonnull(strstr(err.msg, "regular file"));
		scratch_remove(dir);
		scratch_remove(elsewhere);
	}
}
END_TEST

/* A database that vanished is not a fresh start. */
START_TEST(test_open_when_the_database_is_gone_or_empty_then_refuses)
{
	for (int kind = 0; kind < 4; kind++) {
		char dir[64], path[128];
		assay_err err = {0};
		asy_store *s = NULL;
		scratch_make(dir);
		s = scratch_open(dir);
		begin(s);
		asy_store_close(s);
		(void)snprintf(path, sizeof path, "%s/assay.db", dir);
		ck_assert_int_eq(kind % 2 == 0 ? unlink(path) : truncate(path, 0), 0);
		if (kind >= 2) { /* only the write-ahead log tells */
			put_file(dir, "lock", "");
			put_file(dir, "assay.db-wal", "0123456789");
		}
		ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), ASSAY_E_STORE);
		ck_assert_ptr_nonnull(strstr(err.msg, kind % 2 == 0 ? "is missing" : "is empty"));
		ck_assert_ptr_nonnull(strstr(err.msg, kind >= 2 ? "write-ahead log" : "the lock"));
		/* it stays refused, and what is there stays as it is */
		ck_assert_int_eq(asy_store_open(&(asy_store_options){.dir = dir}, &s, &err), ASSAY_E_STORE);
		scratch_remove(dir);
	}
}
END_TEST

START_TEST(test_open_when_the_first_start_was_cut_short_then_starts_fresh)
{
	char dir[64];
	scratch_make(dir);
	put_file(dir, "lock", "");
	put_file(dir, "assay.db", "");
	asy_store *s = scratch_open(dir);
	begin(s);
	asy_store_close(s);
	scratch_remove(dir);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_open_when_the_umask_is_anything_then_only_the_owner_may_read);
	tcase_add_test(tc, test_open_when_files_or_directory_were_open_then_closed_told_or_refused);
	tcase_add_test(tc, test_open_when_a_link_or_no_file_is_in_the_way_then_refuses);
	tcase_add_test(tc, test_open_when_the_database_is_gone_or_empty_then_refuses);
	tcase_add_test(tc, test_open_when_the_first_start_was_cut_short_then_starts_fresh);
}

int main(void)
{
	assay_err err = {0};
	if (asy_crypto_init(&err) != ASSAY_OK)
		return EXIT_FAILURE;
	return test_main("store_directory", fill, 30);
}
