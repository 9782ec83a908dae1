/* Which files a configuration opens, and what is said of a cage. */
#include <sys/stat.h>
#include <unistd.h>
#include "plugin/cage.h"
#include "unit/plugin/world.h"

static assay_status paths_of(const char *config, const char *const *hidden, size_t n, char *dst,
							 size_t cap)
{
	asy_buf out = {0};
	assay_err err = {0};
	assay_status st = asy_cage_paths(asy_span_str(config), hidden, n, &out, &err);
	size_t len = 0;
	for (size_t i = 0; st == ASSAY_OK && i < out.len && len + 1 < cap; i++)
		dst[len++] = out.ptr[i] == 0 ? ';' : (char)out.ptr[i];
	dst[len] = '\0';
	asy_buf_fini(&out);
	return st;
}

START_TEST(test_paths_when_a_text_names_what_exists_then_it_may_be_read)
{
	char got[512];
	ck_assert_int_eq(paths_of("{\"a\":\"/usr/../usr/lib\",\"b\":[{\"c\":\"/etc/passwd\"}]}", NULL,
							  0, got, sizeof got),
					 ASSAY_OK);
	ck_assert_str_eq(got, "/usr/lib;/etc/passwd;");
	/* no slash, nothing there, no text, no JSON: nothing is opened */
	const char *none[] = {"{\"a\":\"etc\"}", "{\"a\":\"and/or\"}",     "{\"/etc\":1}", "",
						  "{\"a\":\"/etc",   "{\"a\":\"/etc\\u0000\"}"};
	for (size_t i = 0; i < ASY_COUNT(none); i++) {
		(void)paths_of(none[i], NULL, 0, got, sizeof got);
		ck_assert_str_eq(got, "");
	}
}
END_TEST

START_TEST(test_paths_when_they_would_open_the_validators_own_then_refused)
{
	char got[512], config[128];
	const char *hidden[] = {"/usr/lib", "/etc/passwd"};
	const char *bad[] = {"/", "/usr", "/usr/lib", "/usr/lib/../lib", "/etc", "/etc/passwd", "//"};
	const char *good[] = {"/usr/share", "/etc/group"};
	for (size_t i = 0; i < ASY_COUNT(bad); i++) {
		(void)snprintf(config, sizeof config, "{\"x\":[\"%s\"]}", bad[i]);
		ck_assert_msg(paths_of(config, hidden, 2, got, sizeof got) == ASSAY_E_CONFIG, "%s", bad[i]);
	}
	for (size_t i = 0; i < ASY_COUNT(good); i++) {
		(void)snprintf(config, sizeof config, "{\"x\":[\"%s\"]}", good[i]);
		ck_assert_msg(paths_of(config, hidden, 2, got, sizeof got) == ASSAY_OK, "%s", good[i]);
	}
}
END_TEST

START_TEST(test_description_when_a_part_is_missing_then_says_what_that_means)
{
	char text[ASY_CAGE_TEXT];
	asy_cage c = {.parts = ASY_CAGE_WHOLE, .landlock = 7};
	asy_cage_describe(&c, text, sizeof text);
	ck_assert_str_eq(text, "calls, files (Landlock 7), user, processes, network, memory, threads");
	c.parts &= ~(uint32_t)ASY_CAGE_FILES;
	(void)asy_str_copy(c.why, sizeof c.why, "Landlock: \x1b[31mFunction not implemented");
	asy_cage_describe(&c, text, sizeof text);
	ck_assert_str_eq(text,
					 "calls, user, processes, network, memory, threads; not files: until it is "
					 "open it may read what its user may (Landlock: ?[31mFunction not "
					 "implemented)");
	c = (asy_cage){.parts = 0};
	memset(c.why, 'x', sizeof c.why - 1);
	char small[40];
	asy_cage_describe(&c, small, sizeof small);
	ck_assert_uint_eq(strlen(small), sizeof small - 1);
}
END_TEST

START_TEST(test_trial_when_there_is_a_worker_then_it_says_what_it_reached)
{
	char text[800] = "";
	bool is_whole = false;
	assay_err err = {0};
	ck_ok(asy_plugin_try_cage(WORKER, asy_sys_clock(), text, sizeof text, &is_whole, &err), err);
	ck_assert_uint_gt(strlen(text), 4);
	ck_assert_int_ne(asy_plugin_try_cage("/nonexistent/assay-worker", asy_sys_clock(), text,
										 sizeof text, &is_whole, &err),
					 ASSAY_OK);
}
END_TEST

START_TEST(test_plugin_when_opened_then_its_cage_is_told_once)
{
	world *w = world_new(40);
	asy_plugin *p = world_open(w, TRICK, ASY_ISOLATION_WORKER);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CAGED], 1);
	/* the test's copy is cut */
	ck_assert_int_eq(
		strncmp(w->last_text[ASY_PLUGIN_EV_CAGED], asy_plugin_cage(p), sizeof w->last_text[0] - 1),
		0);
	world_say(w, 3, "!exit");
	world_score(w, p);
	ck_assert_uint_eq(w->events[ASY_PLUGIN_EV_CAGED], 1);
	asy_plugin_close(p);
	p = world_open(w, TRICK, ASY_ISOLATION_NONE);
	ck_assert_str_eq(asy_plugin_cage(p), "none: the plugin is in this process");
	asy_plugin_close(p);
	free(w);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_paths_when_a_text_names_what_exists_then_it_may_be_read);
	tcase_add_test(tc, test_paths_when_they_would_open_the_validators_own_then_refused);
	tcase_add_test(tc, test_description_when_a_part_is_missing_then_says_what_that_means);
	tcase_add_test(tc, test_trial_when_there_is_a_worker_then_it_says_what_it_reached);
	tcase_add_test(tc, test_plugin_when_opened_then_its_cage_is_told_once);
}

int main(void)
{
	return test_main("plugin.cage", fill, 60);
}
