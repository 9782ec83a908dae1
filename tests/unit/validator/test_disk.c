/* A full disk while a vector is sealed: it is revealed and counted all the same. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include "unit/validator/story.h"

/* ---- a disk that takes nothing at all ---- */

static asy_store_faults *disk;

/* The vector of the first epoch is in a block, and its window opens with block 12. */
static void nothing_from_12(story *s, uint64_t head)
{
	disk->full = disk->full || head == STORY_TEMPO - 2;
	(void)s;
}

START_TEST(test_reveal_when_it_cannot_be_recorded_then_sent_all_the_same)
{
	assay_err e = {0};
	ck_ok(asy_store_fault_vfs(&disk, &e), e);
	/* without rounds beside it: the first thing to write is the reveal */
	story *s = story_new(STORY_TEMPO, 1, "", ",\"round\":{\"period_ms\":3600000}");
	story_store(s, "assay-fault");
	s->script = nothing_from_12;
	ck_assert_int_eq(story_run(s, 0, &e), ASSAY_E_IO);
	ck_assert_msg(story_logged(s, "reveal.unrecorded") >= 1, "%s\n%s", e.msg, story_tail(s));
	ck_assert_uint_eq(story_nonce(s), 2); /* the commitment, and its reveal */
	*disk = (asy_store_faults){0};
	s->script = NULL;
	story_store(s, NULL);
	s->stop_at = 60;
	story_until_stop(s);
	ck_assert_int_eq(story_submissions(s).state[0], ASY_SUB_COUNTED);
	story_free(s);
}
END_TEST

/* ---- a small file system, really full ---- */

static void fill_up(story *s, uint64_t head)
{
	static const uint8_t block[65536];
	char path[96];
	if (head != STORY_TEMPO - 2)
		return;
	(void)snprintf(path, sizeof path, "%s/filler", s->dir);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	ck_assert_int_ge(fd, 0);
	for (size_t n = sizeof block; n > 0; n /= 2)
		while (write(fd, block, n) == (ssize_t)n)
			;
	ck_assert_int_eq(close(fd), 0);
}

static void make_room(const story *s)
{
	char path[96];
	(void)snprintf(path, sizeof path, "%s/filler", s->dir);
	ck_assert_int_eq(unlink(path), 0);
}

START_TEST(test_run_when_the_disk_is_really_full_then_what_is_sealed_is_revealed_from_the_reserve)
{
	story *s = story_new(STORY_TEMPO, 1, "", "");
	assay_err e = {0};
	unsigned lives = 0;
	asy_store_close(s->store);
	s->store = NULL;
	if (mount("none", s->dir, "tmpfs", 0, "size=24m,mode=700") != 0) {
		(void)printf("skipped: no small file system can be mounted here\n");
		story_store(s, NULL);
		story_free(s);
		return;
	}
	story_store(s, NULL);
	s->script = fill_up;
	s->stop_at = 2 * STORY_TEMPO - 1;
	while (lives < 10 && story_run(s, 0, &e) != ASSAY_E_CANCELLED) {
		lives++;
		story_store(s, NULL);
	}
	ck_assert_uint_le(lives, 3);
	ck_assert_msg(story_logged(s, "broken  disk.full") >= 1, "%s\n%s", e.msg, story_tail(s));
	ck_assert_int_eq(story_submissions(s).state[0], ASY_SUB_REVEALED);
	make_room(s);
	s->script = NULL;
	s->stop_at = 60;
	story_until_stop(s);
	story_subs x = story_submissions(s);
	ck_assert_uint_ge(x.n, 2);
	ck_assert_int_eq(x.state[0], ASY_SUB_COUNTED);
	ck_assert(!asy_store_is_tight(s->store));
	asy_store_close(s->store);
	s->store = NULL;
	ck_assert_int_eq(umount(s->dir), 0);
	story_free(s);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_reveal_when_it_cannot_be_recorded_then_sent_all_the_same);
	tcase_add_test(
		tc, test_run_when_the_disk_is_really_full_then_what_is_sealed_is_revealed_from_the_reserve);
}

int main(void)
{
	return test_main("validator-disk", fill, 100);
}
