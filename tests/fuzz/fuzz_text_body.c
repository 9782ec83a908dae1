/* The text plugin; reward_body.h says what is tried. Answers meet one prepared challenge of
 * each kind. Word lists are the validator's own and looking words up is most of the time of
 * a run, so there are none here. */
#include <stdlib.h>
#include <string.h>
#include "fuzz/reward_body.h"
#include "text/settings.h"

#define NO_LISTS "{\"lexicon\":{\"wordnet\":\"/nowhere\",\"thesaurus\":\"/nowhere\"}}"
#define PROMPT "{\"id\":\"q\",\"question\":\"Why does ice float on water?\"}"
#define LONG                                                                                       \
	"{\"answers\":[\"Water expands when it freezes because its molecules form an open "            \
	"lattice.\"]}"

static const char *const references[] = {
	LONG,
	"{\"answers\":[\"Das Eis wog 12,5 kg und schwamm am 3. Mai 1998 nicht vor 10 Uhr.\"]}",
	"{\"answers\":[\"冰比水轻,因为它的密度更低。\"]}",
	"{\"answers\":[\"917 kg/m3\"],\"tolerance\":0.01}",
	"{\"answers\":[\"14 July 1789\"]}",
	"{\"answers\":[\"no\"]}",
	"{\"answers\":[\"B\"],\"type\":\"choice\"}",
	"{\"answers\":[\"Marie Curie\"]}",
	"{\"answers\":[\"ice, snow, hail\"],\"type\":\"set\"}",
	"{\"answers\":[\"a[i] = -1;\"],\"type\":\"code\"}",
	"{\"answers\":[\"ice\"]}",
};
enum { KEYS = sizeof references / sizeof *references, MEMORY = 64 << 20 };

static assay_bytes text(const char *s)
{
	return (assay_bytes){(const uint8_t *)s, strlen(s)};
}

static void require(bool held)
{
	if (!held)
		abort();
}

/* Prepared once, for as long as the program lives. */
static double score(unsigned way, const uint8_t *body, size_t size)
{
	static txt_settings settings;
	static txt_tools tools;
	static txt_key key[KEYS];
	static plg_arena *rows, *keys;
	double got = -1, component[TXT_COMPONENT_N];
	if (rows == NULL) {
		plg_relative relative;
		keys = plg_arena_new(MEMORY);
		rows = plg_arena_new(MEMORY);
		require(keys != NULL && rows != NULL);
		require(txt_settings_read(text(NO_LISTS), NULL, &settings, &tools, &relative) ==
				ASSAY_RC_OK);
		for (size_t i = 0; i < KEYS; i++) {
			const assay_challenge c = {
				.prompt = text(PROMPT), .reference = text(references[i]), .meta_json = text("{}")};
			require(txt_key_prepare(keys, &tools, &settings, &c, &key[i]) == NULL);
		}
	}
	plg_arena_reset(rows);
	require(txt_score(rows, &tools, &settings, &key[way % KEYS], (assay_bytes){body, size}, 0, &got,
					  component, NULL));
	return got;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const fuzz_reward t = {.member = "completion",
								  .prompt = PROMPT,
								  .reference = LONG,
								  .answer = "{\"completion\":\"a plain answer of six words\"}",
								  .config = NO_LISTS,
								  .score = score};
	fuzz_reward_run(&t, data, size);
	return 0;
}
