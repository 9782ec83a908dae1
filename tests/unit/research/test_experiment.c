/* The experiment's document: states of the published vectors run as they are, events do
 * what they say, and a wrong document names the place. */
#include "research/simulate.h"
#include "support/test.h"

static asy_json *parse(const char *text)
{
	asy_json *doc = NULL;
	assay_err err = {0};
	ck_ok(asy_json_parse(asy_span_str(text), NULL, &doc, &err), err);
	return doc;
}

static asy_sim *read(const char *text)
{
	asy_json *doc = parse(text);
	asy_sim *s = NULL;
	assay_err err = {0};
	ck_ok(asy_sim_read(asy_json_root(doc), &s, &err), err);
	asy_json_free(doc);
	return s;
}

/* Three validators and three miners, everything set. */
#define SUBNET(tempo)                                                                              \
	"{\"n\":6,\"current_block\":1000,\"tempo\":" tempo                                             \
	",\"activity_cutoff_factor_milli\":13889,\"last_mechanism_step_block\":900,"                   \
	"\"last_update\":[999,999,999,0,0,0],\"block_at_registration\":[0,0,0,0,0,0],"                 \
	"\"alpha_stake\":[100,100,100,0,0,0],\"tao_stake\":[0,0,0,0,0,0],\"tao_weight\":0,"            \
	"\"stake_threshold\":0,\"owner_uid\":null,\"validator_permit\":[1,1,1,0,0,0],"                 \
	"\"max_allowed_validators\":3,\"kappa\":32767,\"bonds_penalty\":65535,"                        \
	"\"bonds_moving_average\":900000,\"yuma3\":true,\"liquid_alpha\":false,\"alpha_low\":45875,"   \
	"\"alpha_high\":58982,\"alpha_sigmoid_steepness\":1000,"                                       \
	"\"weights\":[[0,[3,4],[65535,32768]],[1,[3,4],[65535,65535]],[2,[3,5],[65535,1]]],"           \
	"\"bonds\":[[0,[3],[65535]]],\"rao_emission\":1000000}"
#define DOC(epochs, more)                                                                          \
	"{\"format\":\"assay-simulate/1\",\"epochs\":" epochs ",\"subnet\":" SUBNET("100") more "}"

/* Inputs of epochs, as JSON, so that any difference is readable. */
static void input_text(asy_sim *s, asy_buf *out)
{
	assay_err err = {0};
	ck_ok(asy_sim_prepare(s, &err), err);
	ck_ok(asy_research_input_json(asy_sim_input(s), out, &err), err);
}

static void advance(asy_sim *s, size_t epochs)
{
	asy_sim_cell *cells = calloc(asy_sim_neurons(s) + 1, sizeof *cells);
	assay_err err = {0};
	for (size_t e = 0; e < epochs; e++)
		ck_ok(asy_sim_advance(s, cells, &err), err);
	ck_ok(asy_sim_prepare(s, &err), err);
	free(cells);
}

START_TEST(test_first_epoch_when_no_event_then_the_given_state_and_the_vectors_result)
{
	asy_buf text = {0};
	assay_err err = {0};
	FILE *f = fopen(ASSAY_SOURCE_DIR "/tests/golden/yuma/random_small.json", "rb");
	ck_assert_ptr_nonnull(f);
	char chunk[65536];
	size_t got;
	while ((got = fread(chunk, 1, sizeof chunk, f)) > 0)
		ck_ok(asy_buf_add(&text, chunk, got, &err), err);
	(void)fclose(f);
	asy_json *doc = NULL;
	ck_ok(asy_json_parse(asy_buf_span(&text), NULL, &doc, &err), err);
	asy_jv cases = asy_jv_get(asy_json_root(doc), "cases");
	ck_assert_uint_eq(asy_jv_size(cases), 48);
	for (size_t i = 0; i < asy_jv_size(cases); i++) {
		asy_jv c = asy_jv_at(cases, i);
		asy_buf one = {0}, again = {0};
		ck_ok(asy_buf_add_str(&one,
							  "{\"format\":\"assay-simulate/1\",\"epochs\":1,\"subnet\":", &err),
			  err);
		ck_ok(asy_jv_canonical(asy_jv_get(c, "input"), &one, &err), err);
		ck_ok(asy_buf_add_str(&one, "}", &err), err);
		asy_sim *s = read(asy_buf_cstr(&one));
		asy_sim_result r = {0};
		ck_ok(asy_sim_run(s, &r, &err), err);
		asy_jv out = asy_jv_get(asy_jv_get(c, "sparse"), "out");
		for (size_t uid = 0; uid < r.n; uid++) {
			uint64_t emission = 0, stake = 0;
			uint16_t dividends = 0, consensus = 0, trust = 0;
			ck_ok(asy_jv_u64(asy_jv_at(asy_jv_get(out, "emission"), uid), &emission, &err), err);
			ck_ok(asy_jv_u64(asy_jv_at(asy_jv_get(out, "stake"), uid), &stake, &err), err);
			ck_ok(asy_jv_u16(asy_jv_at(asy_jv_get(out, "dividends"), uid), &dividends, &err), err);
			ck_ok(asy_jv_u16(asy_jv_at(asy_jv_get(out, "consensus"), uid), &consensus, &err), err);
			ck_ok(asy_jv_u16(asy_jv_at(asy_jv_get(out, "validator_trust"), uid), &trust, &err),
				  err);
			ck_assert_uint_eq(r.cell[uid].emission, emission);
			ck_assert_uint_eq(r.cell[uid].stake, stake);
			ck_assert_uint_eq(r.cell[uid].dividends, dividends);
			ck_assert_uint_eq(r.cell[uid].consensus, consensus);
			ck_assert_uint_eq(r.cell[uid].validator_trust, trust);
		}
		asy_sim_result_fini(&r);
		asy_sim_free(s);
		asy_buf_fini(&one);
		asy_buf_fini(&again);
	}
	asy_json_free(doc);
	asy_buf_fini(&text);
}
END_TEST

START_TEST(test_input_when_written_and_read_then_writes_the_same)
{
	asy_sim *s = read(DOC("3", ""));
	advance(s, 2);
	asy_buf first = {0}, second = {0};
	input_text(s, &first);
	asy_json *doc = parse(asy_buf_cstr(&first));
	asy_yuma_owned *owned = NULL;
	assay_err err = {0};
	ck_ok(asy_yuma_input_read(asy_json_root(doc), &owned, &err), err);
	ck_ok(asy_research_input_json(asy_yuma_input_get(owned), &second, &err), err);
	ck_assert(asy_span_eq(asy_buf_span(&first), asy_buf_span(&second)));
	asy_yuma_input_free(owned);
	asy_json_free(doc);
	asy_buf_fini(&first);
	asy_buf_fini(&second);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_rows_are_sent_again_each_epoch_unless_refresh_is_off_or_missed)
{
	asy_sim *s = read(DOC("4", ",\"events\":[{\"epoch\":1,\"miss\":{\"uid\":1,\"epochs\":2}}]"));
	advance(s, 1);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[0], 1099);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[1], 999);
	advance(s, 1);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[0], 1199);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[1], 999);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[3], 0); /* no row, no update */
	advance(s, 1);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[1], 1299);
	asy_sim_free(s);
	s = read(DOC("3", ",\"refresh\":false"));
	advance(s, 2);
	ck_assert_uint_eq(asy_sim_input(s)->last_update[0], 999);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_events_do_what_they_say_in_their_epoch)
{
	asy_sim *s =
		read(DOC("4", ",\"events\":["
					  "{\"epoch\":2,\"set\":{\"kappa\":26214}},"
					  "{\"epoch\":1,\"set_row\":{\"uid\":0,\"uids\":[5,3],\"values\":[1,2]}},"
					  "{\"epoch\":1,\"set_stake\":{\"uid\":2,\"alpha\":7}},"
					  "{\"epoch\":1,\"set\":{\"alpha_sigmoid_steepness\":-5}},"
					  "{\"epoch\":1,\"set\":{\"rao_emission\":18446744073709551615}},"
					  "{\"epoch\":3,\"register\":{\"uid\":0,\"alpha\":5}}]"));
	advance(s, 1);
	const assay_yuma_input *in = asy_sim_input(s);
	asy_yuma_row row = asy_yuma_rows_get(&in->weights, 0);
	ck_assert_uint_eq(row.len, 2);
	ck_assert_uint_eq(row.uid[0], 5);
	ck_assert_uint_eq(row.value[0], 32768); /* max-upscaled, half rounds away from zero */
	ck_assert_uint_eq(row.value[1], 65535);
	ck_assert_uint_eq(in->alpha_stake[2], 7);
	ck_assert_uint_eq(in->kappa, 32767);
	ck_assert_int_eq(in->alpha_sigmoid_steepness, -5);
	ck_assert_uint_eq(in->rao_emission, UINT64_MAX);
	advance(s, 1);
	ck_assert_uint_eq(asy_sim_input(s)->kappa, 26214);
	size_t others = asy_yuma_rows_get(&asy_sim_input(s)->bonds, 1).len;
	ck_assert_uint_gt(asy_yuma_rows_get(&asy_sim_input(s)->bonds, 0).len, 0);
	advance(s, 1);
	in = asy_sim_input(s);
	ck_assert_uint_eq(in->block_at_registration[0], 1201);
	ck_assert_uint_eq(in->last_update[0], 1201);
	ck_assert_uint_eq(in->alpha_stake[0], 5);
	ck_assert_uint_eq(in->validator_permit[0], 0);
	ck_assert_uint_eq(asy_yuma_rows_get(&in->weights, 0).len, 0);
	ck_assert_uint_eq(asy_yuma_rows_get(&in->bonds, 0).len, 0);
	ck_assert_uint_ge(asy_yuma_rows_get(&in->bonds, 1).len, others);
	asy_sim_free(s);
}
END_TEST

START_TEST(test_reinvest_adds_the_share_of_validator_emission_to_stake)
{
	asy_sim *none = read(DOC("2", "")), *half = read(DOC("2", ",\"reinvest_milli\":500"));
	advance(none, 1);
	advance(half, 1);
	uint64_t added = 0;
	for (size_t i = 0; i < 6; i++) {
		ck_assert_uint_eq(asy_sim_input(none)->alpha_stake[i], i < 3 ? 100 : 0);
		added += asy_sim_input(half)->alpha_stake[i] - asy_sim_input(none)->alpha_stake[i];
	}
	/* half of the validators' half of 10^6, less what the floors take */
	ck_assert_uint_le(added, 250000);
	ck_assert_uint_ge(added, 249990);
	asy_sim_free(none);
	asy_sim_free(half);
}
END_TEST

START_TEST(test_agent_when_another_joins_then_draws_the_same)
{
	static const char quality[] = ",\"quality\":[[3,1],[4,2],[5,0.5]],\"seed\":4";
	char one[4096], two[4096];
	(void)snprintf(one, sizeof one,
				   "%.*s%s,\"agents\":[{\"uid\":0,\"kind\":\"judge\",\"noise\":0.3}]}",
				   (int)strlen(DOC("3", "")) - 1, DOC("3", ""), quality);
	(void)snprintf(two, sizeof two,
				   "%.*s%s,\"agents\":[{\"uid\":1,\"kind\":\"judge\",\"noise\":0.3},"
				   "{\"uid\":0,\"kind\":\"judge\",\"noise\":0.3}]}",
				   (int)strlen(DOC("3", "")) - 1, DOC("3", ""), quality);
	asy_sim *a = read(one), *b = read(two);
	for (int e = 0; e < 3; e++) {
		assay_err err = {0};
		ck_ok(asy_sim_prepare(a, &err), err);
		ck_ok(asy_sim_prepare(b, &err), err);
		asy_yuma_row x = asy_yuma_rows_get(&asy_sim_input(a)->weights, 0);
		asy_yuma_row y = asy_yuma_rows_get(&asy_sim_input(b)->weights, 0);
		asy_yuma_row z = asy_yuma_rows_get(&asy_sim_input(b)->weights, 1);
		ck_assert_uint_eq(x.len, 3);
		ck_assert_uint_eq(y.len, 3);
		ck_assert_mem_eq(x.value, y.value, 6);
		ck_assert_mem_ne(y.value, z.value, 6);
		if (e < 2) {
			advance(a, 1);
			advance(b, 1);
		}
	}
	asy_sim_free(a);
	asy_sim_free(b);
}
END_TEST

START_TEST(test_document_when_wrong_then_names_the_place)
{
	static const struct {
		const char *doc, *says;
	} cases[] = {
		{"[]", "not an object"},
		{"{\"format\":\"assay-simulate/2\",\"epochs\":1}", "assay-simulate/1"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":0,\"generate\":{}}", "epochs"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1}", "exactly one of"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1,\"generate\":{},\"subnet\":{}}",
		 "exactly one of"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1,\"generate\":{\"validaters\":3}}",
		 "did you mean \"validators\"?"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1,\"generate\":{\"noise\":-1}}",
		 "generate.noise"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1,\"generate\":{},\"agents\":[]}",
		 "only with \"subnet\""},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1000000,\"generate\":{}}", "results"},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":1,\"subnet\":{\"n\":1}}", "subnet: "},
		{"{\"format\":\"assay-simulate/1\",\"epochs\":2,\"subnet\":" SUBNET("2") "}", "tempo 2"},
		{DOC("1", ",\"event\":[]"), "did you mean \"events\"?"},
		{DOC("1", ",\"events\":{}"), "events: not a list"},
		{DOC("1", ",\"events\":[{}]"), "events[0].epoch"},
		{DOC("1", ",\"events\":[{\"epoch\":1,\"miss\":{\"uid\":0}}]"), "events[0].epoch"},
		{DOC("1", ",\"events\":[{\"epoch\":0}]"), "no action"},
		{DOC("1", ",\"events\":[{\"epoch\":0,\"miss\":{\"uid\":0},\"set\":{\"kappa\":1}}]"),
		 "two actions"},
		{DOC("1", ",\"events\":[{\"epoch\":0,\"miss\":{\"uid\":6}}]"), "no such uid"},
		{DOC("1", ",\"events\":[{\"epoch\":0,\"set\":{\"kapa\":1}}]"), "did you mean \"kappa\"?"},
		{DOC("1", ",\"events\":[{\"epoch\":0,\"set\":{\"kappa\":65536}}]"), "set.kappa"},
		{DOC("1", ",\"events\":[{\"epoch\":0,\"set\":{}}]"), "one parameter"},
		{DOC("1",
			 ",\"events\":[{\"epoch\":0,\"set_row\":{\"uid\":0,\"uids\":[3,3],\"values\":[1,1]}"
			 "}]"),
		 "uids[1]: this uid is here twice"},
		{DOC("1", ",\"events\":[{\"epoch\":0,\"set_row\":{\"uid\":0,\"uids\":[3],\"values\":[]}}]"),
		 "not as many values"},
		{DOC("1", ",\"agents\":[{\"uid\":0,\"kind\":\"spy\"}]"), "agents[0].kind"},
		{DOC("1", ",\"agents\":[{\"uid\":0,\"kind\":\"cabal\",\"miners\":[]}]"), "needs miners"},
		{DOC("1", ",\"agents\":[{\"uid\":0,\"kind\":\"copy\",\"lag\":0}]"), "agents[0].lag"},
		{DOC("1", ",\"agents\":[{\"uid\":0,\"kind\":\"copy\"},{\"uid\":0,\"kind\":\"copy\"}]"),
		 "two agents"},
		{DOC("1", ",\"quality\":[[3]]"), "quality[0]"},
		{DOC("1", ",\"groups\":{\"a\":[0,1],\"b\":[1]}"), "in two groups"},
		{DOC("1", ",\"reinvest_milli\":1001"), "reinvest_milli"},
	};
	for (size_t i = 0; i < ASY_COUNT(cases); i++) {
		asy_json *doc = parse(cases[i].doc);
		asy_sim *s = NULL;
		assay_err err = {0};
		ck_assert_msg(asy_sim_read(asy_json_root(doc), &s, &err) != ASSAY_OK, "case %zu accepted",
					  i);
		ck_assert_ptr_null(s);
		ck_assert_msg(strstr(err.msg, cases[i].says) != NULL, "case %zu says: %s", i, err.msg);
		asy_json_free(doc);
	}
}
END_TEST

static void fill(TCase *tc)
{
	tcase_add_test(tc, test_first_epoch_when_no_event_then_the_given_state_and_the_vectors_result);
	tcase_add_test(tc, test_input_when_written_and_read_then_writes_the_same);
	tcase_add_test(tc, test_rows_are_sent_again_each_epoch_unless_refresh_is_off_or_missed);
	tcase_add_test(tc, test_events_do_what_they_say_in_their_epoch);
	tcase_add_test(tc, test_reinvest_adds_the_share_of_validator_emission_to_stake);
	tcase_add_test(tc, test_agent_when_another_joins_then_draws_the_same);
	tcase_add_test(tc, test_document_when_wrong_then_names_the_place);
}

int main(void)
{
	return test_main("research_experiment", fill, 30);
}
