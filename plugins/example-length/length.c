/* The smallest complete reward plugin: the longer the answer, the better, up to a
 * configured length. Not meant for a real subnet: padding would pay. */
#include <assay/plugin_kit.h>

struct assay_plugin {
	const assay_host_api *host;
	double full;        /* bytes that earn the whole score */
	char made[32][128]; /* challenges, valid until the next are made */
};

static assay_rc length_options(assay_plugin *p, assay_bytes config)
{
	p->full = assay_kit_number(config, "full", 400);
	return ASSAY_RC_OK;
}

static int length_judge(assay_plugin *p, const assay_kit_row *row, double *score)
{
	*score = (double)row->response->body.len / p->full;
	*score = *score > 1 ? 1 : *score;
	return ASSAY_ROW_SCORED;
}

/* Challenges of its own, so that no data set is needed: the round's seed gives the same again. */
static assay_rc length_make(assay_plugin *p, const assay_round_info *round, assay_challenges *out)
{
	for (; out->made < out->want && out->made < sizeof round->seed; out->made++)
		assay_kit_made(out)->prompt =
			assay_kit_print(p->made[out->made], sizeof p->made[0],
							"{\"question\":\"Write at least %.0f bytes about the year %d.\"}",
							p->full, 1700 + round->seed[out->made]);
	return ASSAY_RC_OK;
}

ASSAY_ROW_PLUGIN(length_options, NULL, length_judge, length_make, .id = "org.example.length",
				 .version = "1.0.0", .name = "Length", .summary = "Longer is better, up to a point",
				 .licence = "Apache-2.0", .vendor = "Assay examples", .task_kind = "text",
				 .caps = ASSAY_CAP_CHALLENGES, .score_max = 1, .higher_is_better = 1,
				 .config_schema = ASSAY_KIT_OPTIONS(ASSAY_KIT_INTEGER(
					 "full", 1, 1000000, 400, "bytes that earn the whole score")));
