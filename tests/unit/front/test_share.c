/* Who gets how many of the sockets. */
#include "base/base.h"
#include "front/net.h"
#include "support/test.h"

static void shares(const uint32_t *wanted, size_t n, uint32_t room, const uint32_t *want)
{
	uint32_t got[8];
	asy_front_share(wanted, n, room, got);
	for (size_t i = 0; i < n; i++)
		ck_assert_msg(got[i] == want[i], "%zu gets %u of %u, not %u", i, got[i], room, want[i]);
}

START_TEST(test_share_when_there_is_room_then_what_was_asked_for)
{
	const uint32_t wanted[] = {256, 1, 4096};
	shares(wanted, 3, 4353, wanted);
	shares(wanted, 3, 65536, wanted);
	shares(wanted, 0, 10, NULL);
}
END_TEST

START_TEST(test_share_when_short_then_the_modest_first_and_the_rest_alike)
{
	const uint32_t wanted[] = {256, 16, 4096, 100};
	shares(wanted, 4, 400, (const uint32_t[]){142, 16, 142, 100});
	shares(wanted, 4, 40, (const uint32_t[]){10, 10, 10, 10});
	/* what the small ones leave makes room for one that an equal share did not satisfy */
	const uint32_t grows[] = {10, 30, 50, 1000};
	shares(grows, 4, 160, (const uint32_t[]){10, 30, 50, 70});
}
END_TEST

START_TEST(test_share_when_there_is_nothing_then_one_each)
{
	const uint32_t wanted[] = {256, 256, 0};
	shares(wanted, 3, 0, (const uint32_t[]){1, 1, 1});
	shares(wanted, 3, 2, (const uint32_t[]){1, 1, 1});
}
END_TEST

START_TEST(test_descriptors_when_asked_for_then_as_many_as_the_hard_limit)
{
	uint32_t n = asy_front_descriptors();
	ck_assert_uint_ge(n, 256);
	ck_assert_uint_le(n, 65536);
	ck_assert_uint_eq(asy_front_descriptors(), n);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_share_when_there_is_room_then_what_was_asked_for);
	tcase_add_test(tc, test_share_when_short_then_the_modest_first_and_the_rest_alike);
	tcase_add_test(tc, test_share_when_there_is_nothing_then_one_each);
	tcase_add_test(tc, test_descriptors_when_asked_for_then_as_many_as_the_hard_limit);
}

int main(void)
{
	return test_main("front_share", fill, 30);
}
